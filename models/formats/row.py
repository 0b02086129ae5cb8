"""What a row is, whatever file it comes from, and which of its columns is the text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from models.errors import ColumnError, RowError, TextError
from models.text import checked

# Told of a table before its first row: its columns, and which of them is the text.
OnHeader = Callable[[Sequence[str], str], None]

TEXT_COLUMNS: Final = ("text", "sentence", "content", "tweet", "body", "message", "post", "headline", "title")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file.

    Attributes:
        line: where it begins, counted from 1: the line, or the row in a parquet file.
        text: the text to classify.
        fields: every column with its value, the text too, in the file's order.
    """

    line: int
    text: str
    fields: dict[str, Any]


def ignore(_columns: Sequence[str], _text_column: str) -> None:
    """What is done with a header that nobody asked for."""


def find_text_column(columns: Sequence[str], asked: str | None, name: str) -> str:
    """The column that holds the text.

    Args:
        columns: what the file has.
        asked: the column that the caller named, if any.
        name: the file, for the error.

    Raises:
        ColumnError: the file lacks the column, or has two of one name.
    """
    seen = ", ".join(columns)
    twice = {column for column in columns if columns.count(column) > 1}
    if twice:
        raise ColumnError(f"{name} has more than one column {', '.join(sorted(twice))}; rename all but one.")
    if asked is not None:
        if asked not in columns:
            raise ColumnError(f"{name} has no column {asked}; it has: {seen}.")
        return asked
    known = {column.strip().casefold(): column for column in reversed(columns)}
    for candidate in TEXT_COLUMNS:
        if candidate in known:
            return known[candidate]
    raise ColumnError(
        f"{name} has no column named {', '.join(TEXT_COLUMNS[:-1])} or {TEXT_COLUMNS[-1]}; name its text column. "
        f"It has: {seen}."
    )


def make_row(name: str, line: int, fields: dict[str, Any], column: str) -> Row | RowError:
    """A row, or why there is none."""
    if column not in fields:
        return RowError(name, line, f"has no column {column}; add it, or leave the row out.")
    try:
        checked(fields[column])
    except TextError:
        kind = type(fields[column]).__name__
        return RowError(name, line, f"the column {column} must be a string of valid Unicode; it is a {kind}.")
    return Row(line, fields[column], fields)
