"""Parquet tables part by part: one set of types for all parts of a file, and no row lost to another's type."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from models.errors import OutputError

if TYPE_CHECKING:
    import pyarrow as pa

# Rows that are held, and make one row group; the first ones tell the types that are not known.
_GROUP: Final = 10_000

Fields = Mapping[str, Any]
Unfit = Callable[[Any, str], None]


class TypedWriter:
    """Writes a parquet file.

    Args:
        path: where to.
        columns: its columns.
        types: types of the columns, as far as they are known; the first rows tell the others.
        schema: types of all columns, where an earlier part has told them.
        unfit: told of a row that does not fit the types, by what it came with, and the reason.
    """

    def __init__(
        self,
        path: Path,
        columns: Sequence[str],
        types: Mapping[str, "pa.DataType"],
        schema: "pa.Schema | None",
        unfit: Unfit,
    ) -> None:
        self._path, self._columns, self._types, self._unfit = path, columns, types, unfit
        self.schema = schema
        self._held: list[tuple[Fields, Any]] = []
        self._writer: Any = None

    def write(self, fields: Fields, origin: Any) -> None:
        """Take a row.

        Args:
            fields: the row.
            origin: what ``unfit`` is told beside the row.

        Raises:
            OutputError: it has a column that the table lacks.
        """
        if new := fields.keys() - {*self._columns}:
            raise OutputError(f"has the column {', '.join(sorted(new))}, which the first row lacks; write jsonl.")
        self._held.append((fields, origin))
        if len(self._held) >= _GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is held back."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow.parquet as pq

        if self.schema is None:
            guessed = {name: self._guessed(name) for name in self._columns if name not in self._types}
            self.schema = schema_with(self._columns, {**self._types, **guessed})
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, self.schema)
        try:
            table = _table([fields for fields, _ in self._held], self.schema)
        except _errors():
            table = _table([fields for fields, origin in self._held if self._fits(fields, origin)], self.schema)
        if table.num_rows:
            self._writer.write_table(table)
        self._held.clear()

    def _fits(self, fields: Fields, origin: Any) -> bool:
        import pyarrow as pa

        assert self.schema is not None
        for column in self.schema:
            try:
                pa.array([fields.get(column.name)], column.type)
            except _errors():
                self._unfit(
                    origin, f"has a value in {column.name} that is no {column.type}, as that column is; write jsonl."
                )
                return False
        return True

    def _guessed(self, name: str) -> "pa.DataType":
        import pyarrow as pa

        values = [value for fields, _ in self._held if (value := fields.get(name)) is not None]
        for some in (values, values[:1]):
            try:
                kind = pa.array(some).type
            except _errors():
                continue
            return pa.string() if pa.types.is_null(kind) else kind
        return pa.string()


def types_of(types: Mapping[str, type]) -> dict[str, "pa.DataType"]:
    """The parquet types of Python's."""
    import pyarrow as pa

    known = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    return {name: known[kind] for name, kind in types.items()}


def schema_with(columns: Sequence[str], types: Mapping[str, "pa.DataType"]) -> "pa.Schema":
    """Columns with their types."""
    import pyarrow as pa

    return pa.schema([(name, types[name]) for name in columns])


def join_parquet(path: Path, parts: Iterable[Path], schema: "pa.Schema") -> None:
    """One parquet file of the rows of several, a row group at a time."""
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, schema) as writer:
        for part in parts:
            with pq.ParquetFile(part) as file:
                for number in range(file.num_row_groups):
                    writer.write_table(file.read_row_group(number))


def schema_in(path: Path) -> "pa.Schema":
    """The types of a part that is finished."""
    import pyarrow.parquet as pq

    return pq.read_schema(path)


def _table(rows: list[Fields], schema: "pa.Schema") -> Any:
    import pyarrow as pa

    return pa.Table.from_pylist([dict(fields) for fields in rows], schema=schema)


def _errors() -> tuple[type[Exception], ...]:
    import pyarrow as pa

    return (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError, TypeError, ValueError)
