"""The audit log: who did what to the released model, when, why and by which figures. Lines are only ever added."""

import getpass
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.errors import OutputError


def note(path: Path, **fields: Any) -> None:
    """Add a line, with the time.

    Raises:
        OutputError: the file cannot be written.
    """
    line = json.dumps({"time": now(), **fields}, ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as stream:
            stream.write(line)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from error


def read(path: Path) -> list[dict[str, Any]]:
    """All lines, the oldest first; none where there is no file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


def now() -> str:
    """The time, in ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def user() -> str:
    """The system's user; a container's may have a number only."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"
