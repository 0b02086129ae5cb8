"""The training script: a base and labelled examples in, a model directory out."""

from collections.abc import Sequence
from pathlib import Path

from models.errors import TrainingError
from training.assemble import assemble, finish
from training.bases import fetch_base
from training.dataset import (
    CORPUS,
    SPLITS,
    WRITTEN,
    Example,
    drop_near_duplicates,
    read_corpus,
    read_documents,
    read_real,
    refuse_leaks,
)
from training.finetune import finetune
from training.run import started_at
from training.settings import TrainingSettings


def train(settings: TrainingSettings) -> Path:
    """Train a model and return its directory, ``settings.output``; a killed run goes on when started again.

    Raises:
        TrainingError: the data, the base or the export is not as it must be.
        RowError: a row of the data is not valid.
    """
    examples = gather(settings)
    splits = {name: [item for item in examples if item.split == name] for name in SPLITS}
    empty = [name for name, items in splits.items() if not items]
    if empty:
        raise TrainingError(f"too few sentences: none in the {' or the '.join(empty)} split; give more")
    sets = sets_of(settings.held_out, splits["test"])
    best = finetune(settings, fetch_base(settings.base), splits["train"], splits["validation"])
    partial = settings.output / "partial"
    fidelity = assemble(best, partial, settings, judging(splits["calibration"]), splits["validation"])
    finish(partial, settings, examples, sets, fidelity, started_at(best.parent))
    return settings.output


def judging(calibration: Sequence[Example]) -> Sequence[Example]:
    """The sentences of the calibration split that are fitted on.

    What is judged by real text is calibrated on real text; a model of written text claims no more than that.
    """
    return [item for item in calibration if item.source != WRITTEN] or calibration


def gather(settings: TrainingSettings) -> list[Example]:
    """All examples of a training, split. What is near to a sentence of the test split or of a held-out file is dropped.

    Raises:
        RowError: a row is not valid.
        LeakError: a document of a held-out file would be trained on.
    """
    examples = read_corpus(settings.corpus or CORPUS)
    if settings.real is not None:
        examples += read_real(settings.real)
    if settings.languages:
        examples = [item for item in examples if (item.lang or "en") in settings.languages]
    test = [item for item in examples if item.split == "test"]
    held_out = [item for path in settings.held_out for item in read_documents(path)]
    seen = drop_near_duplicates([item for item in examples if item.split != "test"], [*test, *held_out])
    refuse_leaks(seen, [*test, *held_out])
    return [*seen, *test]


def sets_of(held_out: Sequence[Path], test: list[Example]) -> dict[str, list[Example]]:
    """What the model is measured on, by name; looked at before the training, which takes hours."""
    # Real text first: written text flatters, and it is the first set that the card draws.
    sets = {path.stem: read_documents(path) for path in held_out}
    if len(sets) < len(held_out):
        raise TrainingError("two held-out files have the same name, by which their figures would be told: rename one")
    if empty := [name for name, examples in sets.items() if not examples]:
        raise TrainingError(f"there is no sentence in the held-out {' and '.join(empty)}: leave it out")
    return {**sets, "written test": test}
