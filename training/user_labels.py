"""A user's labelled texts: read, and parted into a frozen test and what is learned from."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.errors import TrainingError
from models.labels import LABELS
from models.rows import write_rows
from training.dataset import LONGEST_DOCUMENT, Example, hashed
from training.duplicates import plain, shared_sentences
from training.slices import LabelledRow, read_labelled

# What all of a user's sentences have as their source, so that no card tells where they are from.
SOURCE: Final = "labels"
FROZEN: Final = "frozen.jsonl"
FEWEST: Final = 10
# Columns of a label's row that go into the frozen test, for slices; a note or an annotator's name does not.
_KEPT: Final = ("id", "group", "source", "lang", "register", "theatre", "votes")


@dataclass(frozen=True, slots=True)
class Parted:
    """A user's labels.

    Attributes:
        learned: what is learned from.
        frozen: the frozen test, which nothing is ever trained on.
        left_out: how many rows are in neither: repetitions, what is near to the frozen test, and texts that differ in
            no letter or digit but have different labels.
    """

    learned: list[LabelledRow]
    frozen: list[LabelledRow]
    left_out: int


def read_labels(paths: Sequence[Path]) -> list[LabelledRow]:
    """Read files of labelled texts, one after the other.

    Raises:
        RowError, ColumnError, FormatError, InputError: as :func:`training.slices.read_labelled`.
        TrainingError: there are too few, or a text has two labels.
    """
    rows = [row for path in paths for row in read_labelled(path)]
    if len(rows) < FEWEST:
        raise TrainingError(f"{len(rows)} labels are too few to learn from and to test on: give at least {FEWEST}")
    if torn := len(_torn(rows, _same)):
        raise TrainingError(
            f"{torn} texts have more than one label: settle them first, for example with "
            "`ru-stance labels import --on-conflict majority` (or drop)"
        )
    return rows


def part(rows: Sequence[LabelledRow], share: float) -> Parted:
    """Set a share of the rows aside as the frozen test.

    A row's side is told by a hash of its group (its column ``group``, or its id before a ``#``), else of its text, so
    that labels added later move no row to the other side. What is near to a frozen row (see :mod:`training.duplicates`)
    is not learned; repetitions are left out.

    Args:
        rows: in any order.
        share: of the frozen test, in [0, 1).

    Raises:
        TrainingError: the share is not 0 and nothing, or everything, would be set aside.
    """
    torn = _torn(rows, _retold)
    unique = {_retold(row.text): row for row in reversed(rows) if _retold(row.text) not in torn}
    sides: dict[bool, list[LabelledRow]] = {True: [], False: []}
    for row, group in zip(unique.values(), groups_of(list(unique.values())), strict=True):
        # Not the hash that splits the rest, or its first share, the calibration split, would be frozen every time.
        sides[hashed(f"frozen {group}") < share].append(row)
    frozen, others = sides[True], sides[False]
    near = {second for _, second in shared_sentences([row.text for row in frozen], [row.text for row in others])}
    learned = [row for number, row in enumerate(others) if number not in near]
    if not learned or (share and not frozen):
        raise TrainingError(
            f"of {len(rows)} labels {len(frozen)} would be tested on and {len(learned)} learned from: give more labels"
        )
    return Parted(learned, frozen, len(rows) - len(learned) - len(frozen))


def groups_of(rows: Sequence[LabelledRow]) -> list[str]:
    """The group of each row: rows of one group are on one side."""
    named = [row.fields.get("group") or _document(row.fields.get("id", "")) for row in rows]
    sizes = Counter(named)
    return [
        f"group:{name}" if name and sizes[name] <= LONGEST_DOCUMENT else f"text:{_retold(row.text)}"
        for name, row in zip(named, rows, strict=True)
    ]


def as_examples(rows: Sequence[LabelledRow]) -> list[Example]:
    """Rows as what training and evaluation take."""
    return [
        Example(
            text=row.text,
            label=row.label,
            source=SOURCE,
            group=group,
            lang=row.fields.get("lang", ""),
            register=row.fields.get("register", ""),
            theatre=row.fields.get("theatre", ""),
        )
        for row, group in zip(rows, groups_of(rows), strict=True)
    ]


def write_frozen(path: Path, rows: Sequence[LabelledRow]) -> None:
    """Write the frozen test as jsonl: text, label, and the columns that it can be sliced by.

    Raises:
        OutputError: the file cannot be written.
    """
    columns = [name for name in _KEPT if any(row.fields.get(name) for row in rows)]
    write_rows(
        path,
        (
            {"text": row.text, "label": row.label, **{name: row.fields.get(name, "") for name in columns}}
            for row in rows
        ),
        format="jsonl",
    )


def fewest_of_a_label(rows: Sequence[LabelledRow]) -> int:
    """How many rows the rarest label has."""
    counts = Counter(row.label for row in rows)
    return min(counts[label] for label in LABELS)


def _same(text: str) -> str:
    """What texts have in common that a database of labels holds for one."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _retold(text: str) -> str:
    return plain(text) or text


def _torn(rows: Sequence[LabelledRow], key: Callable[[str], str]) -> set[str]:
    """The keys of texts that have more than one label."""
    labels: dict[str, set[str]] = {}
    for row in rows:
        labels.setdefault(key(row.text), set()).add(row.label)
    return {text for text, found in labels.items() if len(found) > 1}


def _document(identifier: str) -> str:
    return identifier.split("#")[0] if "#" in identifier else ""
