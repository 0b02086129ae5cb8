"""Parquet, by pyarrow, which the extra [corpus] brings; ask :func:`require_pyarrow` first."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from models.errors import ColumnError, FormatError, MissingExtra, OutputError, RowError
from models.formats.delimited import require_columns
from models.formats.row import OnHeader, Row, find_text_column, ignore, make_row

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH: Final = 1024
# Columns that the input's types do not tell get theirs from so many rows.
_TYPED_BY: Final = 10_000


def require_pyarrow() -> None:
    """Check that pyarrow is installed.

    Raises:
        MissingExtra: it is not.
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise MissingExtra("Reading and writing parquet", "corpus") from error


def read_parquet(
    file: Path | BinaryIO, name: str, text_column: str | None, on_header: OnHeader = ignore
) -> Iterator[Row | RowError]:
    """Rows of a parquet file, with Python values.

    Raises:
        FormatError: the file is no parquet, or has values that Python has no form for.
        ColumnError: there is no such column, or it holds no text.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as parquet:
            column = find_text_column(parquet.schema_arrow.names, text_column, name)
            _require_text(parquet.schema_arrow.field(column).type, column, name)
            on_header(parquet.schema_arrow.names, column)
            line = 0
            for batch in parquet.iter_batches(batch_size=_BATCH):
                for fields in batch.to_pylist():
                    line += 1
                    yield make_row(name, line, fields, column)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(name, error) from error


def schema_of(file: Path | BinaryIO, name: str) -> "pa.Schema":
    """Names and types of a parquet file's columns.

    Raises:
        FormatError: the file is no parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_schema(file)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(name, error) from error


class ParquetWriter:
    """Writes a parquet file.

    Args:
        path: where to.
        name: the file that it will be, for errors.
        types: types of the columns that are known; the others get theirs from their values.
    """

    def __init__(self, path: Path, name: str, types: "pa.Schema | None") -> None:
        self._path, self._name, self._types = path, name, types
        self._held: list[Mapping[str, Any]] = []
        self._writer: Any = None
        self._columns: tuple[str, ...] | None = None

    def write(self, fields: Mapping[str, Any]) -> None:
        """Write one row.

        Raises:
            OutputError: a value does not fit its column, or a column is new.
        """
        if self._columns is None:
            self._columns = tuple(fields)
        require_columns(fields, self._columns, self._name)
        self._held.append(fields)
        if len(self._held) >= _TYPED_BY:
            self._flush()

    def close(self) -> None:
        """Write what is held back.

        Raises:
            OutputError: a value does not fit its column.
        """
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            if self._writer is None:
                self._writer = pq.ParquetWriter(self._path, self._schema())
            rows = [dict(fields) for fields in self._held]
            self._writer.write_table(pa.Table.from_pylist(rows, schema=self._writer.schema))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
            raise OutputError(f"{self._name}: a column has values of more than one type; write jsonl.") from error
        self._held.clear()

    def _schema(self) -> "pa.Schema":
        import pyarrow as pa

        known = {field.name: field for field in self._types or []}
        rows = [{name: value for name, value in fields.items() if name not in known} for fields in self._held]
        guessed = {field.name: field for field in pa.Table.from_pylist(rows).schema}
        columns = self._columns if self._columns is not None else tuple(known)
        return pa.schema([known[name] if name in known else guessed[name] for name in columns])


def _unreadable(name: str, error: Exception) -> FormatError:
    # The library's message may quote what the file holds.
    return FormatError(f"{name} cannot be read as parquet ({type(error).__name__}); write it again.")


def _require_text(kind: "pa.DataType", column: str, name: str) -> None:
    import pyarrow.types as types

    if types.is_dictionary(kind):
        kind = kind.value_type
    if not (types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)):
        raise ColumnError(f"{name}: the column {column} holds {kind}, no text; name the text column.")
