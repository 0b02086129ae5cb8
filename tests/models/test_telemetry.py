"""onnxruntime reports nothing to its maker: it does not even look for the id that it would report under."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_runtime_makes_no_id_of_the_machine(tmp_path: Path) -> None:
    code = "from models import Classifier; import os; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    places = {name: str(tmp_path / name) for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")}
    for place in places.values():
        Path(place).mkdir()
    environment = {**os.environ, **places, "ORT_DISABLE_TELEMETRY": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == ("1", "")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
