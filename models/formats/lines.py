"""Files with one record a line: plain text and JSON Lines."""

import json
import math
from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any, TextIO

from models.errors import OutputError, RowError
from models.formats.row import OnHeader, Row, find_text_column, ignore, make_row


def read_txt(
    stream: TextIO, name: str, text_column: str | None, on_header: OnHeader = ignore
) -> Iterator[Row | RowError]:
    """One text a line; lines of white space alone are left out.

    Raises:
        ColumnError: a column other than "text" was asked for.
    """
    column = find_text_column(["text"], text_column, name)
    on_header(["text"], column)
    for line, content in enumerate(stream, start=1):
        text = content.rstrip("\r\n")
        if text and not text.isspace():
            yield make_row(name, line, {column: text}, column)


def read_jsonl(
    stream: TextIO, name: str, text_column: str | None, on_header: OnHeader = ignore
) -> Iterator[Row | RowError]:
    """One JSON object a line; empty lines are left out. The first object tells which column is the text.

    Raises:
        ColumnError: the first object has no such column.
    """
    column: str | None = None
    for line, content in enumerate(stream, start=1):
        if not content.strip():
            continue
        fields = _parsed(content)
        if fields is None:
            yield RowError(name, line, "is not one JSON object of valid Unicode; mend it, or leave the line out.")
            continue
        if column is None:
            column = find_text_column(list(fields), text_column, name)
            on_header(list(fields), column)
        yield make_row(name, line, fields, column)


class JsonlWriter:
    """Writes one JSON object a line. Dates become ISO 8601, decimals strings, and what is no number null."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream, self._name = stream, name

    def write(self, fields: Mapping[str, Any]) -> None:
        """Write one row."""
        self._stream.write(as_json(dict(fields), self._name) + "\n")

    def close(self) -> None:
        """Nothing is held back, so nothing is left to write."""


def as_json(value: Any, name: str) -> str:
    """A value as JSON, on one line.

    Args:
        value: what to write.
        name: the file that it goes to, for the error.

    Raises:
        OutputError: JSON has no form for it.
    """
    try:
        return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, default=_plain)
    except TypeError as error:
        raise OutputError(f"{name} cannot hold {error}; leave that column out, or write parquet.") from error


def _parsed(content: str) -> dict[str, Any] | None:
    try:
        fields = json.loads(content)
        # An escape can spell half a character, which no file could take again.
        if "\\u" in content:
            json.dumps(fields, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return value


def _plain(value: Any) -> str:
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"a value of type {type(value).__name__}")
