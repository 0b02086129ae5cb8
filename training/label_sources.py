"""Where labels to train on come from: files, or databases, which are written to a file first."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from models.errors import InputError

# What the service's own database is called, and how the name of a database's file ends.
OWN_DATABASE: Final = "database"
DATABASES: Final = (".sqlite3", ".sqlite", ".db")


def label_file(source: str, folder: Path, export: Callable[[str | None, Path], None] | None) -> Path:
    """The file of labels that a source is; a database is written to one first.

    Args:
        source: a file, the word ``database`` for the service's own, or the file or URL of another database.
        folder: where a database's file is written to, always under the same name for the same database.
        export: writes the labels of a database (None: the service's own), as ``ru_stance.py`` knows how.

    Raises:
        InputError: it is a database, and nothing here can read one.
    """
    if source != OWN_DATABASE and "://" not in source and Path(source).suffix.lower() not in DATABASES:
        return Path(source)
    if export is None:
        raise InputError(f"{source} is a database: write its labels to a file with `ru-stance labels export`.")
    target = folder / "runs" / f"labels-{hashlib.sha256(source.encode()).hexdigest()[:12]}.jsonl"
    target.parent.mkdir(parents=True, exist_ok=True)
    export(None if source == OWN_DATABASE else source, target)
    return target
