"""`ru-stance model`: a worse version is refused unless it is forced with a reason, and what was done is on record."""

import json
import os
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from onnx import numpy_helper

from models.directory import write_checksums
from models.registry import Registry
from tests.training.tiny_model import write_tiny_model

ROOT = Path(__file__).parents[2]
ROWS = [("condemn it", "critical"), ("praise it", "supportive"), ("it happened", "neutral")]


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """A registry whose version good is right and whose version bad has critical and supportive exchanged."""
    registry = Registry(tmp_path / "data" / "registry")
    for version in ("good", "bad"):
        place = registry.folder / "versions" / version
        place.mkdir(parents=True)
        write_tiny_model(place)
        calibration = json.loads((place / "calibration.json").read_text("utf-8")) | {"version": version}
        (place / "calibration.json").write_text(json.dumps(calibration), "utf-8")
        if version == "bad":
            model = onnx.load(place / "model.onnx")
            (tensor,) = model.graph.initializer
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor)[:, ::-1].copy(), tensor.name))
            onnx.save(model, place / "model.onnx")
        rows = [{"text": f"{text} {n}", "label": label} for n in range(30) for text, label in ROWS]
        (place / "frozen.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
        write_checksums(place)
    return registry


def command(registry: Registry, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ru_stance", "model", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "RU_STANCE_DATA": str(registry.folder.parent), "COLUMNS": "160"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_comparing_tells_a_verdict_and_writes_the_figures(registry: Registry, tmp_path: Path) -> None:
    frozen = registry.place_of("good") / "frozen.jsonl"
    done = command(registry, "compare", "bad", "good", "--data", frozen, "--json", tmp_path / "out.json")
    assert done.returncode == 0, done.stderr
    assert "good is BETTER" in done.stdout
    (found,) = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert (found["verdict"], found["only_a"], found["only_b"]) == ("better", 0, 60)
    assert "There is no version ugly" in command(registry, "compare", "ugly", "good", "--data", frozen).stderr


def test_a_worse_version_is_released_by_force_only(registry: Registry) -> None:
    registry.release("good", why="to begin with")
    refused = command(registry, "release", "bad")
    assert refused.returncode == 1
    assert "bad is worse than good on your frozen test" in refused.stderr
    assert "--force needs a reason" in command(registry, "release", "bad", "--force").stderr
    assert (registry.released().version, len(registry.history())) == ("good", 1)  # type: ignore[union-attr]
    forced = command(registry, "release", "bad", "--force", "--why", "a drill", "--by", "Ada")
    assert forced.returncode == 0, forced.stderr
    line = registry.history()[-1]
    assert (line["action"], line["version"], line["by"], line["why"]) == ("forced release", "bad", "Ada", "a drill")
    own = line["figures"]["sets"][0]
    assert (own["set"], own["verdict"], line["figures"]["against"]) == ("your frozen test", "worse", "good")
    back = command(registry, "rollback", "--why", "the drill is over")
    assert (back.returncode, registry.released().version) == (0, "good")  # type: ignore[union-attr]
    (registry.place_of("bad") / "metrics.json").write_text("{", "utf-8")
    listed = command(registry, "list").stdout
    assert [line.split("\t")[2] for line in listed.splitlines()] == ["", "released", ""]
    assert command(registry, "remove", "bad", "--why", "done").returncode == 0
    assert registry.versions() == ["good"]
