"""Rows in and out of files: txt, csv, tsv, jsonl and parquet, with every column kept.

::

    write_rows("out.csv", (row.fields | {"label": "neutral"} for row in read_rows("in.csv") if isinstance(row, Row)))
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, Protocol, TextIO, get_args

from models.atomic import replacing
from models.errors import FormatError, InputError, RowError
from models.formats.delimited import DelimitedWriter, read_csv, read_tsv
from models.formats.lines import JsonlWriter, read_jsonl, read_txt
from models.formats.parquet import ParquetWriter, read_parquet, require_pyarrow, schema_of
from models.formats.row import TEXT_COLUMNS, Row

__all__ = ["FORMATS", "TEXT_COLUMNS", "Format", "Row", "format_of", "read_rows", "write_rows"]

Format = Literal["txt", "csv", "tsv", "jsonl", "parquet"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

_ENDINGS: Final[dict[str, Format]] = {
    ".txt": "txt", ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
_READERS: Final = {"txt": read_txt, "csv": read_csv, "tsv": read_tsv, "jsonl": read_jsonl}
_STANDARD: Final = "-"


class _Writer(Protocol):
    def write(self, fields: Mapping[str, Any]) -> None: ...
    def close(self) -> None: ...


def format_of(path: str | Path) -> Format:
    """The format that a file's name tells; plain text for "-".

    Raises:
        FormatError: the name ends in nothing that is known.
    """
    if str(path) == _STANDARD:
        return "txt"
    ending = Path(path).suffix.lower()
    if ending not in _ENDINGS:
        raise FormatError(
            f"{path}: the format cannot be told from the name. Let it end in {', '.join(_ENDINGS)}, "
            f"or name the format ({', '.join(FORMATS)})."
        )
    return _ENDINGS[ending]


def read_rows(
    path: str | Path, *, format: Format | None = None, text_column: str | None = None
) -> Iterator[Row | RowError]:
    """Read rows one by one, in constant memory.

    A row that cannot be used is given as a :class:`~models.errors.RowError`, not raised, so that the caller can tell
    its line and go on. Text files are UTF-8, with or without a byte order mark.

    Args:
        path: the file; "-" for standard input.
        format: the format; told from the name when left out.
        text_column: the column that holds the text; when left out, the first of ``TEXT_COLUMNS`` that there is.

    Raises:
        FormatError: the format is unknown, or the file is not of it, or not UTF-8.
        ColumnError: there is no such column.
        InputError: the file cannot be opened.
        MissingExtra: it is parquet, and pyarrow is not installed.
    """
    chosen = _known(format) if format else format_of(path)
    if chosen != "parquet":
        return _read_text(path, chosen, text_column)
    if str(path) == _STANDARD:
        raise FormatError("Parquet cannot be read from standard input; give the name of a file.")
    require_pyarrow()
    _require_file(Path(path))
    return read_parquet(Path(path), str(path), text_column)


def write_rows(
    path: str | Path,
    rows: Iterable[Mapping[str, Any]],
    *,
    format: Format | None = None,
    types_from: str | Path | None = None,
) -> int:
    """Write rows. The file appears when all of them are written, or not at all.

    Args:
        path: the file; "-" for standard output.
        rows: column names and values of each row; in a table the first row tells the columns.
        format: csv, tsv, jsonl or parquet; told from the name when left out, jsonl for "-".
        types_from: a parquet file whose columns, where a parquet file is written, keep their types.

    Returns:
        The number of rows written.

    Raises:
        FormatError: the format is unknown or cannot be written.
        OutputError: nothing can be written there, or a row does not fit the format.
        MissingExtra: it is parquet, and pyarrow is not installed.
    """
    name = "standard output" if str(path) == _STANDARD else str(path)
    chosen: Format = _known(format) if format else "jsonl" if str(path) == _STANDARD else format_of(path)
    if chosen == "txt":
        raise FormatError(f"{name}: plain text has no columns; write csv, tsv, jsonl or parquet.")
    if chosen == "parquet":
        if str(path) == _STANDARD:
            raise FormatError("Parquet cannot be written to standard output; give the name of a file.")
        require_pyarrow()
        types = schema_of(Path(types_from), str(types_from)) if types_from else None
        with replacing(path) as temporary:
            return _written(ParquetWriter(temporary, name, types), rows)
    if str(path) == _STANDARD:
        with _wrapped(sys.stdout.buffer, "utf-8", newline="") as stream:
            return _written(_text_writer(stream, name, chosen), rows)
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        return _written(_text_writer(stream, name, chosen), rows)


def _known(format: str) -> Format:
    for each in FORMATS:
        if each == format:
            return each
    raise FormatError(f"There is no format {format}; choose one of {', '.join(FORMATS)}.")


def _written(writer: _Writer, rows: Iterable[Mapping[str, Any]]) -> int:
    count = 0
    for fields in rows:
        writer.write(fields)
        count += 1
    writer.close()
    return count


def _text_writer(stream: TextIO, name: str, format: Format) -> _Writer:
    if format == "jsonl":
        return JsonlWriter(stream, name)
    return DelimitedWriter(stream, name, "\t" if format == "tsv" else ",")


def _read_text(path: str | Path, format: Format, text_column: str | None) -> Iterator[Row | RowError]:
    with _opened(path) as stream, _utf8(_name(path)):
        yield from _READERS[format](stream, _name(path), text_column)


def _name(path: str | Path) -> str:
    return "standard input" if str(path) == _STANDARD else str(path)


@contextmanager
def _utf8(name: str) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{name} is not UTF-8. Save it as UTF-8, or convert it, for example from Windows-1251: "
            "iconv -f WINDOWS-1251 -t UTF-8 OLD > NEW"
        ) from error


@contextmanager
def _opened(path: str | Path) -> Iterator[TextIO]:
    # Line ends stay as they are: csv has them inside of fields, and JSON Lines knows one kind only.
    if str(path) == _STANDARD:
        with _wrapped(sys.stdin.buffer, "utf-8-sig", newline="\n") as stream:
            yield stream
        return
    _require_file(Path(path))
    with Path(path).open(encoding="utf-8-sig", newline="\n") as stream:
        yield stream


@contextmanager
def _wrapped(binary: BinaryIO, encoding: str, newline: str) -> Iterator[TextIO]:
    stream = TextIOWrapper(binary, encoding=encoding, newline=newline)
    try:
        yield stream
    finally:
        stream.detach()  # else the process would lose its standard input or output with this wrapper


def _require_file(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
