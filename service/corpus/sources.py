"""From the words on a command line to the files of texts."""

import glob
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from models.errors import FormatError, InputError
from models.rows import Format, format_of
from service.corpus.opening import filesystem, is_remote, reaching
from service.corpus.plan import STANDARD, Compression, Source

_PACKED: Final[dict[str, Compression]] = {".gz": "gzip", ".zst": "zstd"}


def sources_of(words: Sequence[str], format: Format | None = None) -> tuple[Source, ...]:
    """The files that paths, folders, patterns and URLs stand for, in the order of the words and then of their names.

    In a folder, or where a pattern fits, hidden files and files of no known format are passed over.

    Args:
        words: paths of files and folders, patterns such as ``posts/**/*.csv``, URLs of the same, or "-".
        format: the format of all of them; told from their names when left out.

    Raises:
        InputError: there is no such file, a folder holds none that can be read, or two would get one name.
        FormatError: the format of a file that was named cannot be told.
        MissingExtra: the library for a URL is not installed.
    """
    found = [source for word in words for source in _expanded(word, format)]
    for place, number in Counter(source.relative for source in found).items():
        if number > 1:
            raise InputError(f"{number} of the inputs are called {place}; score them one after the other.")
    return tuple(found)


def packing_of(path: str | Path) -> tuple[str, Compression | None]:
    """A name without the ending that tells how the file is packed, and what that tells."""
    ending = PurePosixPath(path).suffix.lower()
    return (str(path)[: -len(ending)], _PACKED[ending]) if ending in _PACKED else (str(path), None)


def size_of(source: Source) -> int | None:
    """Bytes of a source; None where that cannot be told beforehand."""
    if source.name == STANDARD:
        return None
    if is_remote(source.name):
        system, path = filesystem(source.name)
        with reaching(source.name):
            size = system.size(path)
        return int(size) if size is not None else None
    file = Path(source.name)
    return file.stat().st_size if file.is_file() else None


def is_folder(word: str) -> bool:
    """Whether a word stands for a folder's files, or for those that fit a pattern."""
    if is_remote(word):
        system, path = filesystem(word)
        with reaching(word):
            return glob.has_magic(path) or bool(system.isdir(path))
    return word != STANDARD and (Path(word).is_dir() or (glob.has_magic(word) and not Path(word).exists()))


def _expanded(word: str, format: Format | None) -> list[Source]:
    if word == STANDARD:
        return [Source(word, "standard input", format or "txt")]
    if not is_folder(word):
        if not (is_remote(word) or Path(word).exists()):
            raise InputError(f"{word} cannot be read: No such file or directory.")
        kind, packed = _kind(word, format)
        return [Source(word, PurePosixPath(word.rstrip("/")).name, kind, packed)]
    sources = [source for name, relative in _files(word) if (source := _fitting(name, relative, format))]
    if not sources:
        raise InputError(f"{word} holds no file that can be read: txt, csv, tsv, jsonl (also .gz, .zst) or parquet.")
    return sources


def _files(word: str) -> Iterator[tuple[str, str]]:
    """Names of files, and their places under the folder, or under what comes before the pattern's first sign."""
    if is_remote(word):
        system, path = filesystem(word)
        root = _root(path)
        with reaching(word):
            found = sorted(system.glob(path) if glob.has_magic(path) else system.find(path))
            files = [name for name in found if not glob.has_magic(path) or system.isfile(name)]
        for name in files:
            yield str(system.unstrip_protocol(name)), str(name)[len(root) :].lstrip("/")
        return
    names: Iterable[object] = Path(word).rglob("*")
    if not Path(word).is_dir():
        names = glob.iglob(word, recursive=True)  # noqa: PTH207 (Path.glob knows no absolute patterns)
    for name in sorted(map(str, names)):
        if Path(name).is_file():
            yield name, Path(name).relative_to(_root(word) or ".").as_posix()


def _root(path: str) -> str:
    if not glob.has_magic(path) or Path(path).is_dir():
        return path
    before = path[: next(index for index, sign in enumerate(path) if sign in "*?[")]
    return before.rpartition("/")[0] + "/" if "/" in before else ""


def _fitting(name: str, relative: str, format: Format | None) -> Source | None:
    if any(part.startswith((".", "_")) for part in PurePosixPath(relative).parts):
        return None
    try:
        kind, packed = _kind(name, format)
    except FormatError:
        return None
    return Source(name, relative, kind, packed)


def _kind(name: str, format: Format | None) -> tuple[Format, Compression | None]:
    bare, packed = packing_of(name)
    kind = format or format_of(bare)
    if packed and kind == "parquet":
        raise FormatError(f"{name}: parquet is packed inside; unpack the file.")
    return kind, packed
