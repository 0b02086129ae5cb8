"""Files that are either written whole or not at all."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import OutputError


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A temporary file beside ``path`` that takes its place when the ``with`` block ends well.

    If the block raises, the temporary file is removed and what was at ``path`` stays. A link is followed, and who may
    read a file that was there stays. A device or a pipe is written to directly, since it cannot be replaced.

    Args:
        path: the file to write.

    Raises:
        OutputError: nothing can be written there.
    """
    target = Path(path).resolve()
    if target.is_dir():
        raise OutputError(f"{path} is a directory; give the name of a file.")
    if target.exists() and not target.is_file():
        yield target
        return
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        temporary.touch(0o600 if target.exists() else 0o666, exist_ok=False)
        yield temporary
        replace(temporary, target)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        temporary.unlink(missing_ok=True)


def replace(new: Path, old: Path) -> None:
    """Put a file in the place of another one, if there is one, for good; who may read that stays."""
    sync(new)
    if old.exists():
        new.chmod(old.stat().st_mode & 0o777)
    new.replace(old)
    sync(old.parent)


def sync(path: Path) -> None:
    """Have the system put a file, or the names in a directory, on the disk now."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
