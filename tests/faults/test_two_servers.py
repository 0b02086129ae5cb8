"""Two servers, and several who release, on one registry: both serve what is released, and no release is lost."""

import subprocess
import sys
from itertools import groupby
from pathlib import Path

from models.directory import open_directory
from models.registry import SHIPPED, Registry
from tests.models.conftest import make_model
from tests.service.live import classify, running, until

ROOT = Path(__file__).parents[2]
RELEASES = 15
CODE = """
import sys
from models.registry import Registry
for number in range(int(sys.argv[3])):
    Registry(sys.argv[1]).release(sys.argv[2], why=f"{sys.argv[2]} {number}", figures={"filler": "x" * 20000})
"""


def registry_of(folder: Path) -> Registry:
    registry = Registry(folder / "registry")
    (registry.folder / "versions").mkdir(parents=True)
    for version in ("one", "two"):
        make_model(registry.folder / "versions" / version, version=version)
    return registry


def test_releases_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    registry = registry_of(tmp_path)
    words = [sys.executable, "-c", CODE, str(registry.folder)]
    processes = [subprocess.Popen([*words, version, str(RELEASES)], cwd=ROOT) for version in ("one", "two")]
    assert [process.wait(120) for process in processes] == [0, 0]
    release = registry.released()
    assert release is not None
    noted = registry.history()
    assert sorted(line["why"] for line in noted) == sorted(f"{v} {n}" for v in ("one", "two") for n in range(RELEASES))
    # Each saw the one before it: the way back is the audit log's, where each of a row is the same release.
    rows = [version for version, _ in groupby(line["version"] for line in noted)]
    assert [*release.previous, release.version] == [SHIPPED, *rows]
    assert open_directory(registry.released_directory()).info.version == release.version


def test_both_servers_follow_either_one(tmp_path: Path) -> None:
    registry = registry_of(tmp_path)
    registry.release("one", why="the first")
    settings = {"threads": 1, "registry": registry.folder, "data": tmp_path / "data"}
    with running(None, **settings) as first, running(None, **settings) as second:
        for version in ("two", "one"):
            registry.release(version, why="so")
            for server in (first, second):
                until(lambda server=server, version=version: classify(server, "Good.").json["model"] == version)
        assert second.post("/v1/model/reload", {}).json["model"] == "one"
        sent = {"text": "They came to loot.", "annotator": "ada"}
        assert first.post("/v1/labels", {**sent, "label": "critical"}).status == 201
        assert second.post("/v1/labels", {**sent, "label": "neutral"}).status == 201
        for server in (first, second):
            assert [label["label"] for label in server.get("/v1/labels").json["labels"]] == ["neutral"]
