"""The audit log: who did what to the released model, when, why and by which figures. Lines are only ever added."""

import getpass
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.errors import OutputError


def note(path: Path, **fields: Any) -> None:
    """Add a line, with the time; it is on the disk, whole, when this returns. One process at a time may do so.

    Raises:
        OutputError: the file cannot be written, and is as it was.
    """
    line = json.dumps({"time": now(), **fields}, ensure_ascii=False).encode() + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b", buffering=0) as stream:
            end = stream.seek(0, os.SEEK_END)
            if end and os.pread(stream.fileno(), 1, end - 1) != b"\n":
                line = b"\n" + line  # a power cut has torn the line before
            try:
                while line:  # a disk that fills up takes a part first, and refuses the rest
                    line = line[stream.write(line) :]
                os.fsync(stream.fileno())
            except OSError:
                stream.truncate(end)
                raise
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from error


def read(path: Path) -> list[dict[str, Any]]:
    """All lines, the oldest first; none where there is no file. A line that is torn is told as such."""
    return [_entry(line) for line in path.read_bytes().split(b"\n") if line] if path.is_file() else []


def _entry(line: bytes) -> dict[str, Any]:
    try:
        entry: dict[str, Any] = json.loads(line)
    except ValueError:
        return {"time": "", "action": "unreadable line", "line": line.decode("utf-8", "replace")}
    return entry


def now() -> str:
    """The time, in ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def user() -> str:
    """The system's user; a container's may have a number only."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"
