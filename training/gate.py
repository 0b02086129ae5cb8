"""The release gate: a version must not be worse than the released one on rows that neither was trained on."""

from pathlib import Path

from models.classifier import Classifier
from training.compare import SHIPPED_TEST, Comparison, compare, frozen_rows
from training.user_labels import FROZEN


def gate(present: Path, candidate: Path) -> list[Comparison]:
    """Compare a candidate with the present model on the frozen tests of both, and on the shipped test split.

    The present model's own frozen test counts, too: what a newsroom has taught it must not be lost.

    Args:
        present: directory of the model that is released.
        candidate: directory of the one that may take its place.

    Raises:
        ModelError: one of them cannot be used.
    """
    a, b = Classifier.load(present), Classifier.load(candidate)
    own, before = (place / FROZEN for place in (candidate, present))
    sets = {"your frozen test": own, "the released model's frozen test": before}
    if own.is_file() and before.is_file() and own.read_bytes() == before.read_bytes():
        del sets["the released model's frozen test"]
    found = [compare(a, b, frozen_rows(path), name) for name, path in sets.items() if path.is_file()]
    return [*found, compare(a, b, frozen_rows(SHIPPED_TEST), "the shipped test split")]
