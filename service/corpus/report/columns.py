"""Which columns of scored rows the report is about, and what a row's values are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from models.errors import ColumnError, FormatError
from models.formats.row import find_text_column
from models.labels import LABELS
from service.corpus.score import FILE_COLUMNS, PLACE_COLUMNS, RESULT_COLUMNS

DATE_COLUMNS: Final = (
    "date", "datetime", "created_at", "created", "created_utc", "published", "published_at", "publish_date",
    "publication_date", "pubdate", "pub_date", "posted_at", "timestamp", "year",
)  # fmt: skip
SOURCE_COLUMNS: Final = (
    "source", "outlet", "publisher", "publication", "newspaper", "domain", "channel", "site", "platform", "subreddit",
)  # fmt: skip
_NEEDED: Final = ("label", *LABELS)
_TRUE: Final = {"true", "1"}


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of scored rows, by what the report needs them for.

    Attributes:
        text: of the text, or of the sentence.
        date: of the date; None if there is none.
        by: that the rows are grouped by.
        document: that tell which document a sentence is from; empty if each row is a text of its own.
        prefix: put before the names of the columns that scoring added.
    """

    text: str
    date: str | None
    by: tuple[str, ...]
    document: tuple[str, ...]
    prefix: str


@dataclass(frozen=True, slots=True)
class Scored:
    """What the model said in one row."""

    label: int
    scores: tuple[float, ...]
    doubtful: bool
    truncated: bool
    unsupported: bool
    model: str | None


def find_columns(
    first: Sequence[str], later: Sequence[str], *, text: str | None, date: str | None, by: Sequence[str], prefix: str
) -> Columns:
    """Find the columns in those of the first rows.

    Args:
        first: the columns of the first row, of which one was scored.
        later: the columns of the rows after it, as far as they were looked at; lines of JSON may have others.
        text: column of the texts; found by its name when left out.
        date: column of the dates; the first of ``DATE_COLUMNS`` that there is when left out.
        by: columns to group by; the first of ``SOURCE_COLUMNS`` that there is when empty.
        prefix: as rows were scored with.

    Raises:
        ColumnError: a column is missing.
    """
    seen = list(dict.fromkeys((*first, *later)))
    missing = [prefix + name for name in _NEEDED if prefix + name not in first]
    if missing:
        raise ColumnError(
            f"The rows have no column {', '.join(missing)}, as `ru-stance score` adds it; score them first, or name "
            f"the --prefix that they were scored with. They have: {', '.join(first)}."
        )
    places = [prefix + name for name in PLACE_COLUMNS]
    ours = {prefix + name for name in (*FILE_COLUMNS, *RESULT_COLUMNS)}.union(places)
    theirs = [name for name in seen if name not in ours]
    document = tuple(prefix + name for name in FILE_COLUMNS if prefix + name in first)
    for asked in (*by, *((date,) if date else ())):
        if asked not in seen:
            raise ColumnError(f"The rows have no column {asked}; they have: {', '.join(seen)}.")
    return Columns(
        text=find_text_column([name for name in first if name not in ours], text, "The scored file"),
        date=date or _first(DATE_COLUMNS, theirs),
        by=tuple(dict.fromkeys(by)) or tuple(filter(None, [_first(SOURCE_COLUMNS, theirs)])),
        document=document if set(places) <= set(first) else (),
        prefix=prefix,
    )


def scored(row: Mapping[str, Any], columns: Columns, number: int) -> Scored:
    """Read what scoring added to a row; a table of text has it as strings.

    Args:
        row: the row.
        columns: as found.
        number: the row's number, counted from 1, for the error.

    Raises:
        FormatError: a value is not as scoring writes it.
    """
    name = columns.prefix.__add__
    try:
        scores = tuple(float(row[name(label)]) for label in LABELS)
        label = LABELS.index(row[name("label")])
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(
            f"Row {number} does not have a label and three scores as `ru-stance score` writes them; score the file "
            "again."
        ) from error
    doubtful, truncated, unsupported = (
        str(row.get(name(flag))).lower() in _TRUE for flag in ("doubtful", "truncated", "unsupported")
    )
    model = row.get(name("model"))
    return Scored(label, scores, doubtful, truncated, unsupported, None if model is None else str(model))


def _first(names: Sequence[str], seen: Sequence[str]) -> str | None:
    known = {column.strip().casefold(): column for column in reversed(seen)}
    return next((known[name] for name in names if name in known), None)
