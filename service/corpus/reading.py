"""A source's rows, one by one, in constant memory."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from models.errors import FormatError, InputError, RowError, RuStanceError
from models.formats.delimited import read_csv, read_tsv
from models.formats.lines import read_jsonl, read_txt
from models.formats.parquet import read_parquet, require_pyarrow, schema_of
from models.formats.row import TEXT_COLUMNS, Row, make_row
from service.corpus.opening import Position, characters, opened, told
from service.corpus.plan import STANDARD, Options, Source

if TYPE_CHECKING:
    import pyarrow as pa

_READERS: Final = {"txt": read_txt, "csv": read_csv, "tsv": read_tsv, "jsonl": read_jsonl}
_HALF: Final = "\\udc"  # how repr writes a byte that was no character

Notice = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands in the place of the rows of a source that cannot be read, or not to its end."""

    reason: str


Item = Row | RowError | Unreadable


@dataclass(slots=True)
class Table:
    """A source that is being read.

    Attributes:
        source: which one.
        columns: its columns; those of the first row in jsonl; none before anything was read.
        text_column: which of them holds the text; empty before anything was read.
        schema: the types of the columns, in parquet.
        position: how many bytes of the source were read.
    """

    source: Source
    columns: tuple[str, ...] = ()
    text_column: str = ""
    schema: "pa.Schema | None" = None
    position: int = 0


def read(table: Table, options: Options, notice: Notice) -> Iterator[tuple[Item, bytes]]:
    """The rows of a source, each with its content as bytes, by which a changed source is told from the same.

    Args:
        table: what is to be read; its columns are set before the first row is given.
        options: the text column and the encoding.
        notice: told what was found out and not named by the user.

    Raises:
        RuStanceError: the source cannot be read, or not to its end.
    """
    with told(table.source.name), _rows(table, options, notice) as (rows, position):
        for row in rows:
            table.position = position()
            content = repr((row.line, row.fields if isinstance(row, Row) else row.reason))
            if _HALF in content and isinstance(row, Row) and _is_broken(row.fields):
                row = RowError(
                    row_name(table), row.line, "has bytes that are no characters; mend them, or name the encoding."
                )
            yield row, content.encode()


def or_unreadable(items: Iterator[tuple[Item, bytes]]) -> Iterator[tuple[Item, bytes]]:
    """The same, with an error as the last item: one file of many that is broken does not stop the others."""
    try:
        yield from items
    except RuStanceError as error:
        if not isinstance(error, InputError):
            raise
        yield Unreadable(str(error)), str(error).encode()


def row_name(table: Table) -> str:
    """What the source is called in errors."""
    return "standard input" if table.source.name == STANDARD else table.source.name


@contextmanager
def _rows(table: Table, options: Options, notice: Notice) -> Iterator[tuple[Iterator[Row | RowError], Position]]:
    source, name = table.source, row_name(table)

    def on_header(columns: Sequence[str], text_column: str) -> None:
        table.columns, table.text_column = tuple(columns), text_column
        if options.text_column is None and (text_column != TEXT_COLUMNS[0] or len(_candidates(columns)) > 1):
            notice(f"{name}: the texts are taken from the column {text_column}; name another with --text-column.")

    if source.format == "parquet":
        if source.name == STANDARD:
            raise FormatError("Parquet cannot be read from standard input; give the name of a file.")
        require_pyarrow()
        with opened(source) as (stream, position):
            table.schema = schema_of(stream, name)
            stream.seek(0)
            yield read_parquet(stream, name, options.text_column, on_header), position
        return
    with opened(source) as (stream, position):
        text, encoding = characters(stream, source, options.encoding)
        if options.encoding is None and not encoding.startswith("utf"):
            notice(f"{name}: read as {encoding}, which its letters tell; name another with --encoding.")
        try:
            if options.split and source.format == "txt":
                on_header(["text"], "text")
                yield iter([make_row(name, 1, {"text": text.read()}, "text")]), position
            else:
                yield _READERS[source.format](text, name, options.text_column, on_header), position
        finally:
            text.detach()


def _candidates(columns: Sequence[str]) -> set[str]:
    return {column.strip().casefold() for column in columns} & {*TEXT_COLUMNS}


def _is_broken(fields: Any) -> bool:
    """Whether there is half a character in any of the values."""
    if isinstance(fields, str):
        return any("\ud800" <= character <= "\udfff" for character in fields)
    if isinstance(fields, dict):
        return any(map(_is_broken, (*fields, *fields.values())))
    return isinstance(fields, list) and any(map(_is_broken, fields))
