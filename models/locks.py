"""A lock between processes, for what is read, changed and written back."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import OutputError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Have no other process (or thread) be within such a block for the same folder; wait until none is.

    The folder itself is locked, so that no file is left behind; the lock ends with the process, however that ends.

    Raises:
        OutputError: there is no such folder, or it may not be read.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written to: {error.strerror or error}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
