"""The folder of a run: when it began, and with what, so that it goes on with nothing else after a kill."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from models.errors import TrainingError
from training.settings import TrainingSettings

_SETTINGS: Final = "settings.json"
_DATA: Final = "data.sha256"


def started_at(run: Path) -> datetime:
    """When a run was first started; a killed run that goes on keeps its date."""
    return datetime.fromtimestamp((run / _SETTINGS).stat().st_mtime, UTC)


def same_run(run: Path, settings: TrainingSettings, data: str) -> None:
    """Keep a run from going on with other settings or other sentences than those that it began with.

    Raises:
        TrainingError: it would.
    """
    same_as_begun(run, _SETTINGS, json.dumps(vars(settings), default=str, sort_keys=True, indent=1), "settings")
    same_as_begun(run, _DATA, data, "sentences")


def same_as_begun(run: Path, name: str, wanted: str, what: str) -> None:
    """Keep in a file of the run what it begins with, and compare with that when it goes on.

    Raises:
        TrainingError: it began with another.
    """
    record = run / name
    if not record.is_file():
        temporary = record.with_suffix(f".{os.getpid()}")
        temporary.write_text(wanted, "utf-8")
        temporary.replace(record)
    elif record.read_text("utf-8") != wanted:
        raise TrainingError(f"{run} holds a run with other {what}: name another output folder, or delete it")
