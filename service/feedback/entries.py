"""What a file of labels holds, before it is checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from models.errors import ColumnError

LABEL_COLUMNS: Final = ("label", "stance", "labels", "class")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a file hold what.

    Attributes:
        text, label, annotator: their names; found by themselves where None.
    """

    text: str | None = None
    label: str | None = None
    annotator: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One label of a file, as it stands there.

    Attributes:
        line: where it is: its line, or its row or task, counted from 1.
        text, label, annotator, note, source: what the file says; None where it says nothing.
    """

    line: int
    text: str
    label: str | None
    annotator: str | None = None
    note: str | None = None
    source: str | None = None


def find_label_column(found: Sequence[str], columns: Columns, name: str) -> str:
    """The column that holds the label.

    Raises:
        ColumnError: there is none, or a column that was named is not there.
    """
    seen = ", ".join(found)
    for asked in (columns.label, columns.annotator):
        if asked is not None and asked not in found:
            raise ColumnError(f"{name} has no column {asked}; it has: {seen}.")
    known = {column.strip().casefold(): column for column in reversed(found)}
    chosen = columns.label or next((known[each] for each in LABEL_COLUMNS if each in known), None)
    if chosen is None:
        raise ColumnError(
            f"{name} has no column named {', '.join(LABEL_COLUMNS)}; name it with --label. It has: {seen}."
        )
    return chosen


def entry_of(line: int, text: str, fields: Mapping[str, Any], label: str | None, columns: Columns) -> Entry:
    """The entry for a row, by the names of its columns.

    Args:
        line: where it is.
        text: its text.
        fields: all its columns.
        label: the column that holds the label; None where none of those that were seen does.
        columns: what the user named.
    """
    annotator = fields.get(columns.annotator or "annotator")
    others = (None if label is None else fields.get(label), annotator, fields.get("note"), fields.get("source"))
    return Entry(line, text, *map(plain, others))


def plain(value: Any) -> str | None:
    """A cell as text; None for an empty one, and for what is no single value."""
    # PostgreSQL keeps no NUL.
    return str(value).replace("\0", " ") if isinstance(value, str | int | float) and value != "" else None
