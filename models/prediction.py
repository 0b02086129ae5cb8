"""One prediction: what the model says of one text, and how sure it is."""

from dataclasses import dataclass

from models.labels import Label


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model says of one text.

    Attributes:
        label: the label with the highest score.
        scores: calibrated probability of each label; they sum to 1.
        prediction_set: the labels that cannot be ruled out at the model's calibrated coverage, the likeliest first.
        margin: highest score minus the second highest, in [0, 1].
        truncated: the text was longer than the model reads; its end was not seen.
        unsupported: the text is mostly outside the languages or scripts that the model was made for; the
            scores then are uniform and say nothing.
        logits: what the scores are the softmax of, the shift of the prior included, in the order of the labels; None if
            the model did not have to read the text.
        tokens: what the model read of the text, in tokens, the special ones included; 0 if it did not have to.
    """

    label: Label
    scores: dict[Label, float]
    prediction_set: tuple[Label, ...]
    margin: float
    truncated: bool = False
    unsupported: bool = False
    logits: tuple[float, float, float] | None = None
    tokens: int = 0

    @property
    def confidence(self) -> float:
        """The score of the label, in [1/3, 1]."""
        return self.scores[self.label]

    @property
    def doubtful(self) -> bool:
        """More than one label remains possible."""
        return len(self.prediction_set) > 1
