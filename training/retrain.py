"""Training on from a released model: a user's labels in, a new model directory out, and what it knew is kept.

Beside the labels, a seeded sample of the written corpus is replayed (Rolnick et al. 2019, "Experience replay for
continual learning"), and the released model's own scores are part of what is learned from both (Li & Hoiem 2016,
"Learning without forgetting"; Buzzega et al. 2020, "Dark experience for general continual learning"). A share of the
labels is the frozen test: nothing is ever trained on it or on what is near to it.
"""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from models.directory import ModelDirectory, open_directory
from models.errors import TrainingError
from training.assemble import assemble, finish
from training.bases import SHIPPED, fetch_base
from training.calibrate import ENOUGH
from training.dataset import (
    CORPUS,
    Example,
    assign_splits,
    drop_near_duplicates,
    merge_duplicates,
    read_corpus,
    read_documents,
    refuse_leaks,
)
from training.finetune import finetune
from training.run import same_as_begun, started_at
from training.settings import TrainingSettings
from training.slices import LabelledRow
from training.user_labels import FROZEN, as_examples, fewest_of_a_label, part, read_labels, write_frozen

# Sentences of the corpus that are replayed at least, however few the labels are.
LEAST_REPLAYED: Final = 400
# Share of the labels that calibration is fitted on, where that is enough.
CALIBRATION_SHARE: Final = 0.1
# Sentences that the exports are compared on, each read three times: enough to see a share of unequal labels of 1%.
COMPARED: Final = 500
FROZEN_SET: Final = "your frozen test"
WRITTEN_SET: Final = "written test"


def retrain(settings: TrainingSettings, tell: Callable[[str], None] = lambda _: None) -> Path:
    """Train on a user's labels and return the model's directory, ``settings.output``.

    A killed run goes on when it is started again. Beside the model stands ``frozen.jsonl``, the frozen test, whose
    checksum is among the model's. Temperature and thresholds are fitted on a tenth of the labels where that tenth has
    some twenty rows of each label, and else are those of the released model; with another base they are always fitted,
    on the corpus' calibration split too.

    Args:
        settings: what to train with; ``labels`` names the files.
        tell: called with a line of progress now and then.

    Raises:
        TrainingError: the labels are too few or contradict each other, the base or the export is not as it must be, or
            the folder holds a run with other settings or labels.
        InputError: a file cannot be used.
        ModelError: the released model cannot be used.
    """
    rows = read_labels(settings.labels)
    _same_labels(settings.output, rows)
    parted = part(rows, settings.test_share)
    corpus = [] if settings.only else read_corpus(settings.corpus or CORPUS)
    held_out = [item for path in settings.held_out for item in read_documents(path)]
    test = [item for item in corpus if item.split == "test"]
    frozen = [replace(item, split="test") for item in as_examples(parted.frozen)]
    clean = drop_near_duplicates(as_examples(parted.learned), [*frozen, *test, *held_out])
    kept = None if settings.only or settings.base != SHIPPED else _kept(parted.learned)
    shares = {"calibration": 0.0 if kept else CALIBRATION_SHARE, "train": 1.0}
    labelled = assign_splits(merge_duplicates(clean), shares)  # type: ignore[arg-type]
    replayed = drop_near_duplicates(_replayed(corpus, settings, len(labelled)), [*frozen, *held_out])
    training = [item for item in [*labelled, *replayed] if item.split == "train"]
    calibration = [item for item in labelled if item.split == "calibration"]
    if settings.base != SHIPPED:
        calibration += [item for item in corpus if item.split == "calibration"]
    if not training or not (kept or calibration):
        raise TrainingError("too few labels to learn from and to calibrate on: give more")
    refuse_leaks([*training, *calibration], [*frozen, *test, *held_out])
    tell(
        f"{len(rows)} labels: {len(labelled)} to learn from, {len(frozen)} set aside as your frozen test, "
        f"{len(rows) - len(labelled) - len(frozen)} left out as repeated or contradicted. "
        f"{len(replayed)} sentences are replayed."
    )
    tell(
        f"Calibration: that of {kept.info.version} is kept."
        if kept
        else f"Calibration: fitted on {len(calibration)} sentences that are not learned."
    )
    teachers = () if settings.only else (fetch_base(SHIPPED),)
    best = finetune(replace(settings, teachers=teachers), fetch_base(settings.base), training, ())
    tell("Trained. Exporting the model, and measuring it ...")
    partial = settings.output / "partial"
    # Any text will do to compare the exports on.
    texts = [item for item in corpus if item.split in ("validation", "calibration")] or labelled
    comparison = random.Random(settings.seed).sample(texts, min(len(texts), COMPARED))
    fidelity = assemble(best, partial, settings, calibration or labelled, comparison, kept)
    write_frozen(partial / FROZEN, parted.frozen)
    sets = {path.stem: read_documents(path) for path in settings.held_out} | {FROZEN_SET: frozen, WRITTEN_SET: test}
    finish(
        partial,
        settings,
        [*training, *calibration, *frozen],
        {name: items for name, items in sets.items() if items},
        fidelity,
        started_at(best.parent),
        trained_on_from=open_directory().info.version if settings.base == SHIPPED else None,
        calibration="kept" if kept else "fitted",
    )
    return settings.output


def labels_hash(rows: Sequence[LabelledRow]) -> str:
    """SHA-256 over texts, labels and groups, in their order, on which the frozen test may depend."""
    told = [f"{row.label}\t{row.fields.get('group', '')}\t{row.fields.get('id', '')}\t{row.text}" for row in rows]
    return hashlib.sha256("\n".join(told).encode("utf-8", "surrogatepass")).hexdigest()


def _kept(rows: Sequence[LabelledRow]) -> ModelDirectory | None:
    """The released model where its calibration is kept, since there are too few rows to fit one."""
    return None if CALIBRATION_SHARE * fewest_of_a_label(rows) >= ENOUGH else open_directory()


def _replayed(corpus: Sequence[Example], settings: TrainingSettings, labels: int) -> list[Example]:
    """A seeded sample of the corpus' training split, as many a label as the settings say."""
    known = [item for item in corpus if item.split == "train"]
    wanted = min(len(known), max(LEAST_REPLAYED, settings.replay * labels))
    return random.Random(settings.seed).sample(known, int(wanted))


def _same_labels(output: Path, rows: Sequence[LabelledRow]) -> None:
    """Keep a run from going on with other labels than those that it began with."""
    run = output / "run"
    if (output / "model.onnx").is_file() and not run.is_dir():
        return  # a model of another origin, which the fine-tuning refuses
    run.mkdir(parents=True, exist_ok=True)
    same_as_begun(run, "labels.sha256", labels_hash(rows), "labels")
