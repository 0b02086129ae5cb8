"""What a scoring is asked to do, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from models.labels import Label
from models.rows import Format

Compression = Literal["gzip", "zstd"]
Layout = Literal["file", "folder", "partitions"]

STANDARD: Final = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """One file of texts.

    Attributes:
        name: what the user knows it by: a path, a URL, or "-" for standard input.
        relative: its place under the folder or pattern that was given; its file name where it was given itself.
        format: how it is written.
        compression: how it is packed, if it is.
    """

    name: str
    relative: str
    format: Format
    compression: Compression | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where the rows go.

    Attributes:
        path: a file or a folder; None for standard output.
        layout: ``file``: all rows in one file; ``folder``: a file for each source, under the same relative name;
            ``partitions``: files of ``Options.partition_rows`` rows each.
        format: how rows are written; None in a folder whose files each keep their source's format.
        compression: how they are packed, if they are; in a folder each file keeps its source's.
    """

    path: Path | None
    layout: Layout
    format: Format | None
    compression: Compression | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What the rows that are written depend on, beside the sources and the model.

    Attributes:
        text_column: the column of the texts; found by its name when None.
        split: one row a sentence, and a table of the documents beside it.
        prefix: put before the names of the columns that are added.
        encoding: of the text files; told from their bytes when None.
        prior: how often each label is assumed to occur; the model's own when None.
        partition_rows: input rows to a file, where the layout is ``partitions``.
    """

    text_column: str | None = None
    split: bool = False
    prefix: str = ""
    encoding: str | None = None
    prior: str | None = None
    partition_rows: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be scored, where to, and how.

    Attributes:
        sources: what is read, in order.
        target: where the rows go.
        options: how they are made.
        with_file: tell the file and the line of every row, since several files make one table.
    """

    sources: tuple[Source, ...]
    target: Target
    options: Options
    with_file: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scoring came to.

    Attributes:
        outputs: the files that were written, in order; each holds the input's columns and the added ones.
        documents: the tables of documents, in the same order; empty unless texts were split.
        rejects: the file of rows that could not be used; None if all could.
        rows: number of rows that were written.
        rejected: number of rows that could not be used.
        counts: number of written rows of each label.
        model: version of the model.
        seconds: what this run took; a run that went on tells its own time only.
    """

    outputs: tuple[Path, ...]
    documents: tuple[Path, ...]
    rejects: Path | None
    rows: int
    rejected: int
    counts: Mapping[Label, int] = field(default_factory=dict)
    model: str = ""
    seconds: float = 0.0
