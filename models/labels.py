"""The three stance labels, defined once: their names, their order and their ids in every model."""

from typing import Final, Literal, get_args

Label = Literal["critical", "neutral", "supportive"]

LABELS: Final[tuple[Label, ...]] = get_args(Label)
ID2LABEL: Final[dict[int, Label]] = dict(enumerate(LABELS))
LABEL2ID: Final[dict[Label, int]] = {label: index for index, label in ID2LABEL.items()}
