"""Labelled rows for evaluation: read from a file or taken from examples, and grouped by a column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.errors import ColumnError, FormatError, RowError
from models.labels import LABEL2ID, LABELS, Label
from models.rows import Row, read_rows
from training.dataset import Example

LENGTH: Final = "length"
# Most words of a text in each length slice; the last has no limit.
LENGTHS: Final[dict[str, float]] = {"0": 0, "1-9": 9, "10-19": 19, "20-39": 39, "40+": float("inf")}
MISSING: Final = "(none)"
MOST_SLICES: Final = 100
# A longer value under "label" may be a text, which an error message must not quote.
_QUOTABLE: Final = 20


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """A text with its true label and the other columns of its row, as strings."""

    text: str
    label: Label
    fields: Mapping[str, str]


def read_labelled(path: str | Path) -> list[LabelledRow]:
    """Read a csv, tsv, jsonl or parquet file with a text column and a ``label`` column.

    Raises:
        ColumnError: it has no text column or no label column.
        RowError: a row cannot be read, or its label is missing or unknown; names the line.
        FormatError: the file has no rows, or its format is unknown or broken.
        InputError: the file cannot be opened.
    """
    rows = [_labelled(path, row) for row in read_rows(path)]
    if not rows:
        raise FormatError(f"{path} has no rows: give at least one row with text and label")
    return rows


def from_examples(examples: Iterable[Example]) -> list[LabelledRow]:
    """Rows of examples, with the columns source, lang, register and theatre where they are known."""
    names = ("source", "lang", "register", "theatre")
    return [
        LabelledRow(item.text, item.label, {name: getattr(item, name) for name in names if getattr(item, name)})
        for item in examples
    ]


def slices(rows: Sequence[LabelledRow], column: str) -> dict[str, list[int]]:
    """Numbers of the rows that have each value of the column, the most frequent value first.

    The column ``length`` is there always: words in the text, as in LENGTHS, shortest first. A row without the column
    counts under ``(none)``.

    Raises:
        ColumnError: no row has the column, or it has more than 100 values.
    """
    if column == LENGTH:
        found: dict[str, list[int]] = {name: [] for name in LENGTHS}
        for number, row in enumerate(rows):
            words = len(row.text.split())
            found[next(name for name, most in LENGTHS.items() if words <= most)].append(number)
        return {name: numbers for name, numbers in found.items() if numbers}
    seen = {name for row in rows for name in row.fields}
    if column not in seen:
        raise ColumnError(f"no column {column!r} to slice by; there are {', '.join(sorted({*seen, LENGTH}))}")
    found = {}
    for number, row in enumerate(rows):
        found.setdefault(row.fields.get(column, "").strip() or MISSING, []).append(number)
    if len(found) > MOST_SLICES:
        raise ColumnError(
            f"column {column!r} has {len(found)} values: slice by a column that has at most {MOST_SLICES}"
        )
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def usable_columns(rows: Sequence[LabelledRow], names: Iterable[str]) -> list[str]:
    """Those of the named columns that :func:`slices` takes, and ``length``, which it always does."""
    values = {name: {row.fields.get(name, "") for row in rows} for name in names}
    return [*(name for name, found in values.items() if found != {""} and len(found) <= MOST_SLICES), LENGTH]


def _labelled(path: str | Path, row: Row | RowError) -> LabelledRow:
    if isinstance(row, RowError):
        raise row
    fields = {name: "" if value is None else str(value) for name, value in row.fields.items()}
    if "label" not in fields:
        raise ColumnError(
            f"{path}, line {row.line}: no column 'label'; there are {', '.join(sorted(fields)) or 'no columns'}. "
            f"Name the column of true labels 'label'; its values are {', '.join(LABELS)}"
        )
    label = fields.pop("label").strip()
    if label not in LABEL2ID:
        shown = f"label {label!r}" if 0 < len(label) <= _QUOTABLE else "the label" if label else "an empty label"
        raise RowError(path, row.line, f"{shown} is not one of {', '.join(LABELS)}")
    return LabelledRow(row.text, LABELS[LABELS.index(label)], fields)
