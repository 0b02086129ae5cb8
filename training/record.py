"""The files that a run leaves behind: ``metrics.json``, and the facts that go into it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from models.atomic import replacing
from models.machine import machine

if TYPE_CHECKING:
    from training.evaluate import Evaluation


def write_metrics(
    directory: str | Path,
    version: str,
    command: str,
    sets: Mapping[str, "Evaluation"],
) -> None:
    """Write ``metrics.json`` of a model directory.

    Args:
        directory: the model directory.
        version: the model's version.
        command: what makes these figures again.
        sets: evaluations by the name of the set of rows.

    Raises:
        OutputError: the file cannot be written.
    """
    content: dict[str, object] = {
        "model": version,
        "made": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "command": command,
        "sets": {name: evaluation.to_dict() for name, evaluation in sets.items()},
    }
    write_json(Path(directory) / "metrics.json", content)


def write_json(path: str | Path, content: object) -> None:
    """Write JSON whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
