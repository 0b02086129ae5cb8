"""Every setting of a training, in one place; a run writes them into ``training.json``."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from models.registry import RELEASED


@dataclass(frozen=True)
class TrainingSettings:
    """Settings of one training.

    Attributes:
        output: folder of the run; the model directory is written there, checkpoints below it.
        base: hub name, folder or short name of the pretrained weights; see :func:`training.bases.fetch_base`.
        corpus: folder of the written corpus.
        real: folder of real annotated sentences, or None.
        languages: train on sentences of these languages only (ISO 639-1); empty is all.
        teachers: model directories that ``ru-stance train`` wrote, whose mean scores are learned beside the labels.
        teacher_weight: share of the teachers' scores in what is learned, in [0, 1]; the label has the rest.
        labels: files of a user's labelled texts; see :mod:`training.retrain`. With them the released model is the
            teacher of all that is learned, unless ``only``.
        only: learn from those labels alone: no replayed sentences, no teacher.
        test_share: share of those labels that is set aside as their frozen test, in [0, 1).
        replay: sentences of the corpus that are replayed beside each of those labels.
        teacher_weight_on_labels: the teacher's share where the sentence is one of those labels'.
        held_out: files of sentences that the model is evaluated on; near-duplicates of them are dropped from training.
        vocabulary_size: pieces kept of a multilingual vocabulary; None keeps all.
        max_length: tokens that the model reads of a text.
        epochs: at most so many passes over the training split.
        patience: evaluations without a better macro-F1 before training stops.
        evaluations_per_epoch: how often the validation split is scored, and a checkpoint written.
        batch_size: sentences a step.
        learning_rate: peak of the schedule, for the encoder.
        head_learning_rate_factor: the new layers learn so many times faster.
        weight_decay, warmup_ratio, label_smoothing: as in the Trainer.
        embeddings: train the word embeddings too; slower, and rarely better on a few thousand sentences.
        class_balance: exponent of the inverse class frequency in the loss; 0 is none, 1 is full.
        real_weight: what a real sentence counts in the loss, beside 1 for a written one.
        name_swaps, reported: shares of neutral copies; see :func:`training.augment.augmented`.
        noise: share of sentences that are learned with typing errors and the like; see
            :func:`training.augment.roughened`.
        variants: texts made of each real sentence that teachers alone judge; see :func:`training.variants.variants`.
        seed: of everything random.
    """

    output: Path
    base: str = "multilingual-e5-small"
    corpus: Path | None = None
    real: Path | None = None
    languages: tuple[str, ...] = ()
    teachers: tuple[Path, ...] = ()
    teacher_weight: float = 0.5
    labels: tuple[Path, ...] = ()
    only: bool = False
    test_share: float = 0.2
    replay: float = 2.0
    teacher_weight_on_labels: float = 0.5
    held_out: tuple[Path, ...] = ()
    vocabulary_size: int | None = 70_000
    max_length: int = 128
    epochs: float = 4.0
    patience: int = 4
    evaluations_per_epoch: int = 2
    batch_size: int = 32
    learning_rate: float = 1e-4
    head_learning_rate_factor: float = 5.0
    weight_decay: float = 0.01
    warmup_ratio: float = 0.06
    label_smoothing: float = 0.05
    embeddings: bool = False
    class_balance: float = 1.0
    real_weight: float = 2.0
    name_swaps: float = 0.0
    reported: float = 0.0
    noise: float = 0.0
    variants: int = 0
    seed: int = 13

    @property
    def base_name(self) -> str:
        """The base as it is told to others: of a folder, the last part only."""
        return Path(self.base).resolve().name if Path(self.base).is_dir() else self.base

    def to_dict(self) -> dict[str, object]:
        """JSON-able; paths by their last part, since where they lie on a machine is nobody's business."""
        told = {
            name: value.name
            if isinstance(value, Path)
            else [item.name if isinstance(item, Path) else item for item in value]
            if isinstance(value, tuple)
            else value
            for name, value in asdict(self).items()
        }
        return told | {"base": self.base_name}

    def command(self) -> str:
        """The command that trains so."""
        return command_of(self.to_dict())


def command_of(told: Mapping[str, object]) -> str:
    """The command that trains with settings that :meth:`TrainingSettings.to_dict` told, maybe of an older version.

    Options are given where they differ from the recipe, files and folders by what they hold.
    """
    told = {**TrainingSettings(Path()).to_dict(), **told}
    of_labels, only = bool(told["labels"]), bool(told["only"])
    base = None if told["base"] == RELEASED else str(told["base"])
    # Which base was chosen decides the rest of the recipe, but is not part of it.
    chosen = recipe(of_labels, only, base) | {"base": recipe(of_labels, only, None).get("base", TrainingSettings.base)}
    usual = TrainingSettings(Path(), **chosen).to_dict()  # type: ignore[arg-type]
    words = ["ru-stance train"]
    for name, value in told.items():
        if name == "output" or value == usual[name]:
            continue
        option = f"--{_OPTIONS.get(name, name).replace('_', '-')}"
        if isinstance(value, bool):
            words.append(option if value else option.replace("--", "--no-", 1))
        else:
            words += [
                f"{option} {_HELD.get(name, each)}" for each in (value if isinstance(value, list) else [value or 0])
            ]
    return " ".join(words)


def recipe(labels: bool, only: bool, base: str | None) -> dict[str, object]:
    """The settings that a training has unless its user chooses others; how they were found is in EXPERIMENTS.md.

    Args:
        labels: it learns from a user's labels.
        only: from them alone.
        base: the base that the user chose; None for the recipe's own.
    """
    if not labels:
        return dict(_FROM_THE_CORPUS)
    if only:
        chosen = base or RELEASED
        return _ONLY | {"base": chosen} | (_GENTLE if chosen == RELEASED else _LARGE if chosen in LARGE else {})
    return _RETRAINED if base in (None, RELEASED) else _NEW_BASE | {"base": base}


# Settings whose option has another name, and what a file or folder holds, where that is its user's own.
_OPTIONS: Final = {"languages": "language", "teachers": "teacher"}
_HELD: Final = {
    "labels": "<your labels>",
    "corpus": "<folder of written sentences>",
    "real": "<folder of real sentences>",
    "held_out": "<file to evaluate on>",
}
_FROM_THE_CORPUS: Final[dict[str, object]] = {"name_swaps": 0.4, "reported": 0.12, "noise": 0.25}
# Bases with 768 values a token; a rate that suits a small one unsettles them.
LARGE: Final = ("all-mpnet-base-v2",)
_LARGE: Final[dict[str, object]] = {"learning_rate": 3e-5, "head_learning_rate_factor": 3.0}
_ONLY: Final[dict[str, object]] = {"epochs": 5.0, "learning_rate": 1e-4, "real_weight": 1.0, "embeddings": False}
# What has learned the task overfits labels that are noisy within a pass or two at a higher rate.
_GENTLE: Final[dict[str, object]] = {"epochs": 3.0, "learning_rate": 3e-5, "head_learning_rate_factor": 1.0}
_RETRAINED: Final[dict[str, object]] = {
    "base": RELEASED,
    "epochs": 3.0,
    "learning_rate": 5e-5,
    "head_learning_rate_factor": 1.0,
    "batch_size": 16,
    "teacher_weight": 0.8,
    "teacher_weight_on_labels": 0.2,
}
# Another base knows nothing of stance: all of the corpus is replayed, however many sentences a label that is.
_NEW_BASE: Final[dict[str, object]] = {"replay": 1e6, "teacher_weight_on_labels": 0.2}
