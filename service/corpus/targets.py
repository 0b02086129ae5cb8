"""The output files of a plan: which there are, and what they are called."""

import re
from collections.abc import Iterator
from itertools import count, takewhile
from pathlib import Path, PurePosixPath

from models.errors import FormatError, InputError, OutputError
from models.formats.parquet import require_pyarrow
from models.rows import Format, format_of
from service.corpus.packing import require_packing
from service.corpus.plan import STANDARD, Compression, Layout, Plan, Source, Target
from service.corpus.sources import packing_of


def target_of(
    output: str | Path | None, sources: tuple[Source, ...], *, folder: bool, format: Format | None, partitions: bool
) -> Target:
    """Where rows go.

    Args:
        output: what the user named; None for standard output.
        sources: what is read.
        folder: the sources are a folder or a pattern, or several, so that they make a folder again.
        format: how rows are to be written; told from the output's name, or else as the sources are.
        partitions: one stream of rows is to be cut into files of equal size.

    Raises:
        FormatError: the format cannot be told, or cannot be written.
        MissingExtra: it is parquet, and pyarrow is not installed.
        OutputError: the output is of another kind than is needed.
    """
    if format == "txt":
        raise FormatError("Plain text has no columns; write csv, tsv, jsonl or parquet.")
    common = format or _common(sources)
    if output is None or str(output) == STANDARD:
        if partitions or (common == "parquet" and format):
            raise OutputError("Standard output takes text only; name a file or a folder with --output.")
        return Target(None, "file", "csv" if common == "parquet" else common)
    path = Path(output)
    # A Path has lost one of the two strokes of a URL.
    if re.match(r"[a-z][a-z0-9+.-]+:/", str(output)):
        raise OutputError(f"{output} is remote; write to a local file or folder, and copy it there.")
    bare, packed = packing_of(path)
    named = _named(bare)
    is_folder = path.is_dir() or str(output).endswith("/") or (named is None and (folder or partitions))
    chosen = format if is_folder else format or format_of(bare)
    if chosen == "parquet":
        require_pyarrow()
    if is_folder:
        layout: Layout = "partitions" if partitions else "folder"
        return Target(path, layout, common if partitions else format)
    if partitions:
        raise OutputError(f"{output} is the name of a file; partitions make a folder: give its name.")
    if chosen == "txt":
        raise FormatError(f"{output}: plain text has no columns; write csv, tsv, jsonl or parquet.")
    if packed and chosen == "parquet":
        raise FormatError(f"{output}: parquet is packed inside; leave {path.suffix} out.")
    require_packing(packed)
    return Target(path, "file", chosen, packed)


class Outputs:
    """Names and formats of a plan's output files, by their number.

    Args:
        plan: a plan whose target is no standard output.
    """

    def __init__(self, plan: Plan) -> None:
        assert plan.target.path is not None
        self._plan, self._target, self._path = plan, plan.target, plan.target.path

    def rows(self, number: int) -> Path:
        """Where the rows of an output file go."""
        return self._place(self._path, number)

    def documents(self, number: int) -> Path:
        """Where its table of documents goes."""
        return self._place(documents_of(self._target), number)

    @property
    def rejects(self) -> Path:
        """Where rows that cannot be used are told."""
        return self._path.with_name(self._path.name + ".rejects.jsonl")

    def format(self, number: int) -> Format:
        """How an output file is written."""
        if self._target.layout != "folder":
            assert self._target.format is not None
            return self._target.format
        return self._target.format or _written(self._plan.sources[number].format)

    def packing(self, number: int) -> Compression | None:
        """How an output file is packed."""
        if self._target.layout != "folder":
            return self._target.compression
        return None if self.format(number) == "parquet" else self._plan.sources[number].compression

    def surplus(self, number: int) -> list[Path]:
        """Files of partitions that an earlier run has left, beyond the number that there are now."""
        if self._target.layout != "partitions":
            return []
        places = (self.rows, self.documents) if self._plan.options.split else (self.rows,)
        return [path for place in places for path in takewhile(Path.exists, map(place, count(number)))]

    def require_apart(self) -> None:
        """Check that no output is an input, and no two of them one file.

        Raises:
            OutputError: one is.
            InputError: two sources would make one file.
        """
        inputs = {Path(source.name).resolve() for source in self._plan.sources if Path(source.name).exists()}
        if self._target.layout == "partitions" and any(self._path.resolve() in path.parents for path in inputs):
            raise OutputError(f"{self._path} holds an input; give the output another name.")
        seen = set()
        for path in self._all():
            if path.resolve() in inputs:
                raise OutputError(f"{path} is the input; give the output another name.")
            if path in seen:
                raise InputError(f"Two of the inputs would make {path}; score them one after the other.")
            seen.add(path)

    def is_ours(self, path: Path) -> bool:
        """Whether a file is one that an earlier run of this plan has written: no input of the next."""
        resolved = path.resolve()
        own = [each.resolve() for each in (self._path, self.rejects, documents_of(self._target))]
        return any(each == resolved or each in resolved.parents for each in own)

    def _all(self) -> Iterator[Path]:
        if self._target.layout != "partitions":
            count = len(self._plan.sources) if self._target.layout == "folder" else 1
            for number in range(count):
                yield self.rows(number)
                if self._plan.options.split:
                    yield self.documents(number)
        yield self.rejects

    def _place(self, path: Path, number: int) -> Path:
        if self._target.layout == "partitions":
            return path / f"part-{number:05}.{self.format(number)}"
        if self._target.layout == "file":
            return path
        relative = self._plan.sources[number].relative
        bare, packed = packing_of(relative)
        kept = _named(bare) == self.format(number) and packed == self.packing(number)
        return path / (relative if kept else f"{relative}.{self.format(number)}")


def documents_of(target: Target) -> Path:
    """Where the tables of documents go: a file beside the file, or a folder beside the folder."""
    assert target.path is not None
    path = target.path
    if target.layout != "file":
        return path.with_name(path.name + ".documents")
    bare, packed = packing_of(path.name)
    stem = PurePosixPath(bare)
    return path.with_name(f"{stem.stem}.documents{stem.suffix}{path.suffix if packed else ''}")


def _named(name: str) -> Format | None:
    try:
        return format_of(name)
    except FormatError:
        return None


def _written(format: Format) -> Format:
    return "csv" if format == "txt" else format


def _common(sources: tuple[Source, ...]) -> Format:
    formats = {_written(source.format) for source in sources}
    return formats.pop() if len(formats) == 1 else "csv" if formats <= {"csv", "tsv"} else "jsonl"
