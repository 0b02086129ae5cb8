"""The output files, made from their parts: each appears under its name when it is whole."""

import io
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from models.atomic import replace
from models.errors import OutputError
from models.formats.delimited import DelimitedWriter
from service.corpus.journal import Journal, Part
from service.corpus.packing import packing
from service.corpus.targets import Outputs
from service.corpus.typed import join_parquet

if TYPE_CHECKING:
    import pyarrow as pa

_JOINED = "joined.tmp"


class Publisher:
    """Joins parts to output files.

    Args:
        outputs: where they go.
        journal: the parts.
    """

    def __init__(self, outputs: Outputs, journal: Journal) -> None:
        self._outputs, self._journal = outputs, journal

    def table(
        self, kind: str, target: int, parts: Iterable[Part], columns: tuple[str, ...], schema: "pa.Schema | None"
    ) -> None:
        """Put a table of rows or of documents into its place.

        Args:
            kind: rows or documents.
            target: number of the output file.
            parts: those that have rows of it.
            columns: its columns.
            schema: its types, for a table that has types.

        Raises:
            OutputError: it cannot be written there.
        """
        path = self._outputs.rows(target) if kind == "rows" else self._outputs.documents(target)
        files = [self._journal.path(part.number, kind) for part in parts]
        form = self._outputs.format(target)
        try:
            joined = self._journal.folder / _JOINED
            if form == "parquet":
                assert schema is not None
                join_parquet(joined, files, schema)
            else:
                with joined.open("wb") as file, packing(file, self._outputs.packing(target)) as stream:
                    if form != "jsonl":
                        stream.write(_header(columns, "\t" if form == "tsv" else ","))
                    _append(stream, files)
            self._place(joined, path)
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from error

    def rejects(self, parts: Iterable[Part]) -> Path | None:
        """Put the rejects into their place; without any, those of an earlier run are removed.

        Raises:
            OutputError: they cannot be written there.
        """
        path = self._outputs.rejects
        files = [self._journal.path(part.number, "rejects") for part in parts if part.rejected]
        try:
            if not files:
                path.unlink(missing_ok=True)
                return None
            joined = self._journal.folder / _JOINED
            with joined.open("wb") as stream:
                _append(stream, files)
            self._place(joined, path)
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from error
        return path

    def _place(self, joined: Path, path: Path) -> None:
        target = path.resolve()  # what a link leads to is written, and the link stays
        target.parent.mkdir(parents=True, exist_ok=True)
        replace(joined, target)


def _header(columns: tuple[str, ...], delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    DelimitedWriter(text, "the output", delimiter).header(columns)
    return text.getvalue().encode()


def _append(stream: BinaryIO, files: Iterable[Path]) -> None:
    for path in files:
        with path.open("rb") as part:
            shutil.copyfileobj(part, stream, 1 << 20)
