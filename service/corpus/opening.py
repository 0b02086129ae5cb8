"""A source's bytes: from a file, standard input or a remote place, unpacked; and its characters."""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from models.errors import FormatError, InputError, MissingExtra, RuStanceError
from service.corpus.encodings import SAMPLE, encoding_of, require_codec
from service.corpus.packing import damage_told, unpacked
from service.corpus.plan import STANDARD, Source

Position = Callable[[], int]


@contextmanager
def opened(source: Source) -> Iterator[tuple[BinaryIO, Position]]:
    """The bytes of a source, unpacked, and a function that tells how many packed ones were read.

    Raises:
        InputError: it cannot be opened.
        FormatError: what is packed cannot be unpacked.
        MissingExtra: a library that it takes is not installed.
    """
    with ExitStack() as stack, told(source.name):
        packed = _raw(source.name, stack)
        yield unpacked(packed, source.compression), packed.tell if packed.seekable() else lambda: 0


@contextmanager
def told(name: str) -> Iterator[None]:
    """Turns what reading a file may raise into our errors."""
    try:
        with damage_told(name):
            yield
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{name} is not {error.encoding.upper()}; name its encoding, as in --encoding utf-16."
        ) from error
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror or type(error).__name__}.") from error


def characters(stream: BinaryIO, source: Source, encoding: str | None) -> tuple[io.TextIOWrapper, str]:
    """A source's text, and the encoding that it is read in.

    A byte that is no character becomes a lone surrogate, so that its row can be refused and the others read.

    Raises:
        FormatError: the encoding cannot be told for sure, or there is none of that name.
        MissingExtra: it is not Unicode, and the library that tells other encodings is not installed.
    """
    buffered = _peeking(stream)
    chosen = require_codec(encoding) if encoding else encoding_of(buffered.peek(SAMPLE)[:SAMPLE], source.name)
    errors = "strict" if chosen.startswith(("utf-16", "utf-32")) else "surrogateescape"
    # Line ends stay as they are: csv has them inside of fields, and JSON Lines knows one kind only.
    return io.TextIOWrapper(buffered, chosen, errors=errors, newline="\n"), chosen


def is_remote(name: str) -> bool:
    """Whether a name is a URL, for fsspec to open."""
    return "://" in name


@contextmanager
def reaching(name: str) -> Iterator[None]:
    """Turns what a remote file system may raise into our errors; each has a library, and errors, of its own."""
    try:
        yield
    except RuStanceError:
        raise
    except ImportError as error:
        raise MissingExtra(f"Reading {name.partition('://')[0]}://", "corpus") from error
    except Exception as error:
        raise InputError(f"{name} cannot be reached ({type(error).__name__}): {error}") from error


def filesystem(name: str) -> tuple[Any, str]:
    """The file system of a URL, and its path there. What is asked of it is to be asked :func:`reaching` the URL.

    Raises:
        MissingExtra: the library for this kind of URL is not installed.
        InputError: nothing opens this kind of URL, or it cannot be reached.
    """
    with reaching(name):
        import fsspec

        return cast(tuple[Any, str], fsspec.core.url_to_fs(name))


def _raw(name: str, stack: ExitStack) -> BinaryIO:
    if name == STANDARD:
        return sys.stdin.buffer
    if is_remote(name):
        system, path = filesystem(name)
        with reaching(name):
            return cast(BinaryIO, stack.enter_context(system.open(path, "rb")))
    return stack.enter_context(Path(name).open("rb", buffering=0))


class _Whole(io.RawIOBase):
    """A raw stream that gives as many bytes as it is asked for, so that a buffer can be filled to look ahead."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        room, filled = memoryview(buffer), 0
        while filled < len(room) and (data := self._stream.read(len(room) - filled)):
            room[filled : filled + len(data)] = data
            filled += len(data)
        return filled


def _peeking(stream: BinaryIO) -> io.BufferedReader:
    return io.BufferedReader(_Whole(stream), SAMPLE)
