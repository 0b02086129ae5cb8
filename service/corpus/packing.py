"""Files packed by gzip or zstd, in and out. What is packed twice is the same to the byte."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from models.errors import FormatError, MissingExtra
from service.corpus.plan import Compression


def unpacked(packed: BinaryIO, compression: Compression | None) -> BinaryIO:
    """A stream of what was packed; it raises EOFError where the packed stream is cut off.

    Raises:
        MissingExtra: it is zstd, and the library for that is not installed.
    """
    if compression == "gzip":
        return cast(BinaryIO, gzip.GzipFile(fileobj=packed))
    return cast(BinaryIO, _zstd().ZstdFile(packed)) if compression == "zstd" else packed


@contextmanager
def packing(target: BinaryIO, compression: Compression | None) -> Iterator[BinaryIO]:
    """A stream to write to, whose content arrives packed; whole when the ``with`` block has ended.

    Raises:
        MissingExtra: it is zstd, and the library for that is not installed.
    """
    if compression is None:
        yield target
    elif compression == "gzip":
        # Neither the time nor the name of the temporary file, so that the same rows give the same bytes.
        with gzip.GzipFile("", "wb", fileobj=target, mtime=0) as stream:
            yield cast(BinaryIO, stream)
    else:
        with _zstd().ZstdFile(target, "w") as stream:
            yield stream


@contextmanager
def damage_told(name: str) -> Iterator[None]:
    """Turns what unpacking a damaged file raises into our error."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile) as error:
        raise FormatError(f"{name} is cut off, or packed otherwise than its name tells; pack it again.") from error
    except Exception as error:
        # zstd's error, by its name: its library may not be there.
        if not isinstance(error, zlib.error) and type(error).__name__ != "ZstdError":
            raise
        raise FormatError(f"{name} is damaged, or packed otherwise than its name tells; pack it again.") from error


def require_packing(compression: Compression | None) -> None:
    """Check that what is packed so can be read and written.

    Raises:
        MissingExtra: it is zstd, and the library for that is not installed.
    """
    if compression == "zstd":
        _zstd()


def _zstd() -> Any:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError as error:
        raise MissingExtra("Reading and writing .zst", "corpus") from error
    return zstd
