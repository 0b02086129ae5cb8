"""Does the sentence before help? Labels of sentences read alone, and read behind their neighbour in the document.

    python -m benchmarks.context FILE [--model DIRECTORY]

FILE holds labelled sentences with an ``id`` of the form ``document#number`` (jsonl), as ``ru-stance train --real``
reads them. Judged on the sentences whose predecessor is in the file too. "Both" is the mean of the two scores.
"""

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from models import Classifier
from models.labels import LABELS
from models.prediction import Prediction
from training.compare import macro_difference
from training.evaluate import outcomes_of
from training.slices import LabelledRow, read_labelled

_NUMBERED: Final = re.compile(r"(.*#\D*)(\d+)")


def with_predecessors(rows: Sequence[LabelledRow]) -> list[tuple[str, LabelledRow]]:
    """Each row whose predecessor in its document is among the rows, behind that one's text."""
    texts = {row.fields.get("id", ""): row.text for row in rows}
    found = []
    for row in rows:
        place = _NUMBERED.fullmatch(row.fields.get("id", ""))
        before = texts.get(f"{place[1]}{int(place[2]) - 1}") if place else None
        if before is not None:
            found.append((before, row))
    return found


def table(classifier: Classifier, rows: Sequence[LabelledRow]) -> str:
    """The comparison as Markdown."""
    pairs = with_predecessors(rows)
    judged = [row for _, row in pairs]
    alone = classifier.classify([row.text for row in judged])
    behind = classifier.classify([f"{before} {row.text}" for before, row in pairs])
    lines = [
        f"{len(judged)} sentences, model {classifier.info.version}",
        "",
        "| read | macro-F1 | change |",
        "|---|---|---|",
    ]
    first = outcomes_of(judged, alone)
    both = [_mean(one, other) for one, other in zip(alone, behind, strict=True)]
    for name, found in (("behind its neighbour", behind), ("both", both)):
        told = macro_difference(first, outcomes_of(judged, found))
        if told.difference is None:
            raise SystemExit("fewer than two labels occur: nothing can be compared")
        if len(lines) == 4:
            lines.append(f"| alone | {told.a:.3f} | |")
        change = told.difference
        lines.append(f"| {name} | {told.b:.3f} | {change.value:+.3f} [{change.low:+.3f}, {change.high:+.3f}] |")
    return "\n".join(lines)


def _mean(one: Prediction, other: Prediction) -> Prediction:
    scores = {label: (one.scores[label] + other.scores[label]) / 2 for label in LABELS}
    return replace(one, scores=scores, label=max(LABELS, key=scores.__getitem__))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    print(table(Classifier.load(options.model), read_labelled(options.file)))


if __name__ == "__main__":
    main()
