"""How often neutral sentences of a group are given a label: by theatre, nationality, language and outlet style."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from models.classifier import Classifier
from models.labels import LABELS, Label
from training.intervals import share
from training.testbeds.robustness import ROWS

COLUMNS: Final = ("theatre", "nationality", "lang", "style")


def read_neutral() -> list[dict[str, str]]:
    """The written neutral sentences: ``text`` and the :data:`COLUMNS`; each content is told in every language."""
    return [json.loads(line) for line in (ROWS / "neutral.jsonl").read_text("utf-8").splitlines()]


def bias_figures(classifier: Classifier) -> dict[str, object]:
    """Shares of the labels over all neutral rows and by group, and how far groups are from the mean.

    Returns:
        ``rows``; ``mean`` share by label; ``by`` column and group, ``rows``, ``labels`` and ``distance``, that of the
        label farthest from its mean, in points; ``farthest``, the group with the largest distance.
    """
    rows = read_neutral()
    labels = [item.label for item in classifier.classify([row["text"] for row in rows])]
    mean = {label: labels.count(label) / len(labels) for label in LABELS}
    by = {
        column: {
            group: _group([label for row, label in zip(rows, labels, strict=True) if row[column] == group], mean)
            for group in sorted({row[column] for row in rows})
        }
        for column in COLUMNS
    }
    distances = [(found["distance"], column, group) for column, groups in by.items() for group, found in groups.items()]
    distance, column, group = max(distances)
    return {
        "rows": len(rows),
        "mean": {label: round(value, 4) for label, value in mean.items()},
        "by": by,
        "farthest": {"column": column, "group": group, "distance": distance},
    }


def _group(labels: Sequence[Label], mean: Mapping[Label, float]) -> dict[str, object]:
    shares = {label: share(labels.count(label), len(labels)) for label in LABELS}
    return {
        "rows": len(labels),
        "labels": {label: None if found is None else found.to_dict() for label, found in shares.items()},
        "distance": round(max(abs(100 * (labels.count(label) / len(labels) - mean[label])) for label in LABELS), 2),
    }
