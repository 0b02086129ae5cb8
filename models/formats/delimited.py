"""Tables whose columns are parted by a sign: csv and tsv."""

import csv
import math
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final, TextIO

from models.errors import FormatError, OutputError, RowError
from models.formats.lines import as_json
from models.formats.row import OnHeader, Row, find_text_column, ignore, make_row

# The library's own limit, 131,072, is less than a long article.
_LONGEST_FIELD: Final = 2**31 - 1


def read_csv(
    stream: TextIO, name: str, text_column: str | None, on_header: OnHeader = ignore
) -> Iterator[Row | RowError]:
    """Rows of a csv file with a header. A header without a comma is parted by its semicolons, or its tabs.

    Raises:
        FormatError: there is no header.
        ColumnError: there is no such column.
    """
    header = next(stream, "")
    delimiter = next((sign for sign in ",;\t" if sign in header), ",")
    return _read(chain([header] if header else [], stream), name, text_column, delimiter, on_header)


def read_tsv(
    stream: TextIO, name: str, text_column: str | None, on_header: OnHeader = ignore
) -> Iterator[Row | RowError]:
    """Rows of a tsv file with a header; fields may be quoted as in csv.

    Raises:
        FormatError: there is no header.
        ColumnError: there is no such column.
    """
    return _read(stream, name, text_column, "\t", on_header)


class DelimitedWriter:
    """Writes a header, from the first row, and the rows.

    Values that are no strings are written as JSON; nothing is written for null and for what is no number.

    Args:
        stream: where to.
        name: the file, for errors.
        delimiter: what parts the columns.
        columns: the columns, if the header is written already.
    """

    def __init__(self, stream: TextIO, name: str, delimiter: str, columns: tuple[str, ...] | None = None) -> None:
        self._writer = csv.writer(_Lines(stream), delimiter=delimiter, lineterminator=_Lines.END)
        self._name = name
        self._columns = columns

    def write(self, fields: Mapping[str, Any]) -> None:
        """Write one row.

        Raises:
            OutputError: the row has a column that the first row lacks.
        """
        if self._columns is None:
            self.header(tuple(fields))
        assert self._columns is not None
        require_columns(fields, self._columns, self._name)
        self._writer.writerow([self._cell(fields.get(column)) for column in self._columns])

    def header(self, columns: tuple[str, ...]) -> None:
        """Write the header."""
        self._columns = columns
        self._writer.writerow(columns)

    def close(self) -> None:
        """Nothing is held back, so nothing is left to write."""

    def _cell(self, value: Any) -> str:
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return ""
        # As JSON has them, without the tenfold time that its writer takes for a single value.
        if isinstance(value, bool):
            return "true" if value else "false"
        if type(value) in (int, float):
            return repr(value)
        # JSON has dates in quotes, which a cell does not need.
        return value if isinstance(value, str) else as_json(value, self._name).strip('"')


class _Lines:
    """Rows with a carriage return at their ends, written without it.

    Before Python 3.13 the csv module puts quotes only around those line breaks that end its rows: one that ends them
    in a line feed leaves a lone carriage return in a cell bare, and no strict reader takes such a row.
    """

    END: Final = "\r\n"

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, row: str) -> None:
        self._stream.write(row.removesuffix(self.END) + "\n")


def require_columns(fields: Mapping[str, Any], columns: tuple[str, ...], name: str) -> None:
    """Refuse a row with a column that the table lacks.

    Raises:
        OutputError: it has one.
    """
    new = [column for column in fields if column not in columns]
    if new:
        raise OutputError(f"{name} cannot take the column {', '.join(new)}, which its first row lacks; write jsonl.")


def _read(
    lines: Iterator[str], name: str, text_column: str | None, delimiter: str, on_header: OnHeader
) -> Iterator[Row | RowError]:
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        columns = next(reader, [])
    except csv.Error as error:
        raise FormatError(f"{name} has a broken header ({error}); the first line must name the columns.") from error
    if not columns:
        raise FormatError(f"{name} has no header; its first line must name the columns.")
    column = find_text_column(columns, text_column, name)
    on_header(columns, column)
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield RowError(name, line, f"is no row ({error}); check the quotes from this line on.")
            continue
        if not values:
            continue
        if len(values) != len(columns):
            yield RowError(
                name, line, f"has {len(values)} fields, the header {len(columns)}; put quotes around texts with a "
                f"{'tab' if delimiter == chr(9) else delimiter} in them."
            )  # fmt: skip
            continue
        yield make_row(name, line, dict(zip(columns, values, strict=True)), column)
