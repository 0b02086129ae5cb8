"""One part of the output while it is written: its rows, its rejects and its documents, each in a file."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TextIO

from models.atomic import sync
from models.errors import OutputError
from models.formats.delimited import DelimitedWriter
from models.formats.lines import JsonlWriter
from models.rows import Format
from service.corpus.journal import Part
from service.corpus.typed import TypedWriter

if TYPE_CHECKING:
    import pyarrow as pa

Fields = Mapping[str, Any]
Types = Callable[[], "Mapping[str, pa.DataType]"]


class Origin(NamedTuple):
    """Where a row is from, and the label that it got, if it is one that is counted."""

    file: str
    line: int
    label: str | None = None


class _Writer(Protocol):
    def write(self, fields: Fields, origin: Origin, /) -> None: ...
    def close(self) -> None: ...


@dataclass(slots=True)
class _Table:
    writer: _Writer
    columns: tuple[str, ...]
    rows: int = 0


class PartWriter:
    """Writes a part, under temporary names until :meth:`finish`.

    Args:
        path: where the part's file of a kind will be: rows, documents or rejects.
        format: how rows are written.
    """

    def __init__(self, path: Callable[[str], Path], format: Format) -> None:
        self._path, self._format = path, format
        self._stack = ExitStack()
        self._unfinished: dict[str, Path] = {}
        self._tables: dict[str, _Table] = {}
        self._rejects: TextIO | None = None
        self._digest = hashlib.blake2b(digest_size=16)
        self._rejected = 0
        self._counts: Counter[str] = Counter()
        self.items = 0

    def has(self, kind: str) -> bool:
        """Whether a table was begun."""
        return kind in self._tables

    def begin(self, kind: str, columns: tuple[str, ...], types: Types, schema: "pa.Schema | None") -> None:
        """Begin a table.

        Args:
            kind: rows or documents.
            columns: its columns.
            types: gives the types of its columns, as far as they are known, for a table that has types.
            schema: the types, where an earlier part of the same table has told them.
        """
        writer: _Writer
        if self._format == "parquet":
            writer = TypedWriter(self._temporary(kind), columns, types(), schema, partial(self._unfit, kind))
        else:
            writer = _TextWriter(self._text(kind), self._format, columns)
        self._tables[kind] = _Table(writer, columns)

    def read(self, content: bytes) -> None:
        """Count an item, and keep what tells it from another."""
        self.items += 1
        self._digest.update(content)

    def write(self, kind: str, fields: Fields, origin: Origin) -> None:
        """Write a row; one that does not fit the table is rejected."""
        table = self._tables[kind]
        try:
            table.writer.write(fields, origin)
        except OutputError as error:
            self.reject(origin.file, origin.line, str(error))
            return
        table.rows += 1
        if origin.label is not None:
            self._counts[origin.label] += 1

    def reject(self, file: str, line: int | None, reason: str) -> None:
        """Tell of a row that cannot be used; without a line, of a file."""
        if self._rejects is None:
            self._rejects = self._text("rejects")
        self._rejects.write(json.dumps({"file": file, "line": line, "reason": reason}, ensure_ascii=False) + "\n")
        self._rejected += 1

    def abandon(self) -> None:
        """Close the files; they are written anew the next time."""
        with suppress(OSError):  # of what a full disk does not take any more
            self._stack.close()

    def finish(self, number: int, source: int, target: int, *, ended: bool) -> Part:
        """Put the files on the disk, under their names."""
        for table in self._tables.values():
            table.writer.close()
        self._stack.close()
        for kind, unfinished in self._unfinished.items():
            sync(unfinished)
            unfinished.replace(self._path(kind))
        sync(self._path("rows").parent)
        rows, documents = self._tables.get("rows"), self._tables.get("documents")
        return Part(
            number=number,
            source=source,
            target=target,
            ended=ended,
            items=self.items,
            digest=self._digest.hexdigest(),
            columns=rows.columns if rows else (),
            document_columns=documents.columns if documents else (),
            rows=rows.rows if rows else 0,
            rejected=self._rejected,
            counts=dict(sorted(self._counts.items())),
        )

    def _unfit(self, kind: str, origin: Origin, reason: str) -> None:
        self._tables[kind].rows -= 1
        if origin.label is not None:
            self._counts[origin.label] -= 1
        self.reject(origin.file, origin.line, reason)

    def _text(self, kind: str) -> TextIO:
        return self._stack.enter_context(self._temporary(kind).open("w", encoding="utf-8", newline=""))

    def _temporary(self, kind: str) -> Path:
        final = self._path(kind)
        self._unfinished[kind] = final.with_name(final.name + ".tmp")
        return self._unfinished[kind]


class _TextWriter:
    """A table as text, without its header, which is written once for all parts of a file."""

    def __init__(self, stream: TextIO, format: Format, columns: tuple[str, ...]) -> None:
        self._writer = text_writer(stream, format, columns)

    def write(self, fields: Fields, _origin: Origin) -> None:
        self._writer.write(fields)

    def close(self) -> None:
        self._writer.close()


def text_writer(stream: TextIO, format: Format, columns: tuple[str, ...]) -> DelimitedWriter | JsonlWriter:
    """A writer of rows as text, in a table of these columns whose header is written already."""
    name = "the output"
    if format == "jsonl":
        return JsonlWriter(stream, name)
    return DelimitedWriter(stream, name, "\t" if format == "tsv" else ",", columns)
