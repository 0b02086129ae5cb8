"""What the parts of one output file have in common: columns and their types, told by the first part that has any."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from service.corpus.journal import Journal, Part
from service.corpus.part import PartWriter
from service.corpus.plan import Options, Source
from service.corpus.reading import Table
from service.corpus.score import DOCUMENT_TYPES, TYPES, Rows
from service.corpus.targets import Outputs
from service.corpus.typed import schema_in, schema_with, types_of

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = ("rows", "documents")
_WITHOUT_TYPES = ("txt", "csv", "tsv")
# A source that told no columns, as an empty jsonl file does not.
_NOTHING = Table(Source("", "", "jsonl"))


class Tables:
    """The tables of an output: of rows, and of documents where texts are split.

    Args:
        journal: the finished parts.
        outputs: the output files.
        rows: what is added to rows.
        options: whether texts are split, and how columns are named.
    """

    def __init__(self, journal: Journal, outputs: Outputs, rows: Rows, options: Options) -> None:
        self._journal, self._outputs, self._rows, self._options = journal, outputs, rows, options
        self.kinds = KINDS if options.split else KINDS[:1]

    def begin(self, writer: PartWriter, target: int, table: Table) -> None:
        """Begin the tables of a part, whose rows are of ``table``, unless they were begun."""
        for kind in self.kinds:
            if writer.has(kind):
                continue
            before = self._first(kind, target)
            columns = _columns(before, kind) if before else self._of(kind, table)
            schema = None
            if before and self._outputs.format(target) == "parquet":
                schema = schema_in(self._journal.path(before.number, kind))
            writer.begin(kind, columns, partial(self._types, kind, table), schema)

    def parts(self, kind: str, target: int) -> list[Part]:
        """The finished parts of an output file that have rows of this kind, or at least know its columns."""
        return [part for part in self._journal.parts_of(target) if _columns(part, kind)]

    def columns(self, kind: str, target: int) -> tuple[str, ...]:
        """The columns of an output file; those that are added, where no source has told any."""
        before = self._first(kind, target)
        return _columns(before, kind) if before else self._of(kind, _NOTHING)

    def schema(self, kind: str, target: int) -> "pa.Schema | None":
        """The types of an output file that has types."""
        if self._outputs.format(target) != "parquet":
            return None
        if before := self._first(kind, target):
            return schema_in(self._journal.path(before.number, kind))
        return schema_with(self._of(kind, _NOTHING), self._types(kind, _NOTHING))

    def _first(self, kind: str, target: int) -> Part | None:
        return next(iter(self.parts(kind, target)), None)

    def _of(self, kind: str, table: Table) -> tuple[str, ...]:
        if kind == "rows":
            return self._rows.columns(table.columns)
        return self._rows.document_columns(table.columns, table.text_column)

    def _types(self, kind: str, table: Table) -> "Mapping[str, pa.DataType]":
        known = TYPES if kind == "rows" else DOCUMENT_TYPES
        added = types_of({self._options.prefix + name: type for name, type in known.items()})
        if table.schema is not None:
            return {field.name: field.type for field in table.schema} | added
        if table.source.format in _WITHOUT_TYPES:
            return types_of(dict.fromkeys(table.columns, str)) | added
        return added


def _columns(part: Part, kind: str) -> tuple[str, ...]:
    return part.columns if kind == "rows" else part.document_columns
