"""kill -9 while a model is released and while labels are imported: at any line, all is as before or all is done."""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.directory import open_directory
from models.registry import Registry
from service.feedback.database import Database
from service.feedback.store import Filter, LabelStore
from tests.forks import Ask, asking
from tests.models.conftest import make_model

KILLS = 8
ROWS = 100


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Have something done in a process of its own, which may be killed."""
    with asking("tests.faults.killing") as told:
        yield lambda act, folder, kill=None, traced=True: told(
            {"act": act, "folder": str(folder), "kill": kill, "traced": traced}
        )


def test_a_release_that_is_killed_is_done_or_not(ask: Ask, tmp_path: Path) -> None:
    before = tmp_path / "before"
    versions = before / "registry" / "versions"
    versions.mkdir(parents=True)
    for version in ("one", "two"):
        make_model(versions / version, version=version)
    Registry(before / "registry").release("one", why="the first", by="Ada")
    whole = shutil.copytree(before, tmp_path / "whole")
    lines = ask("release", whole)["lines"]
    found = set()
    # The last ones are after the pointer was replaced.
    for kill in {*random.Random(7).sample(range(1, lines), KILLS), lines - 1, lines}:
        folder = shutil.copytree(before, tmp_path / f"killed{kill}")
        assert ask("release", folder, kill)["killed"]
        registry = Registry(folder / "registry")
        release = registry.released()
        assert release is not None
        found.add(release.version)
        assert registry.released_directory() == folder / "registry" / "versions" / release.version
        assert open_directory(registry.released_directory()).info.version == release.version
        noted = [(line["action"], line["version"]) for line in registry.history()]
        assert noted[0] == ("release", "one")
        assert release.version != "two" or noted[1:] == [("release", "two")], "what was done is noted"
        # The lock went with the process, and the next release is as if nothing had been.
        registry.release("two", why="again", by="Bo")
        assert registry.rollback(why="worse").version in ("one", "two")
    assert found == {"one", "two"}, "the moments were on both sides of the change"


def test_an_import_that_is_killed_is_done_or_not_and_goes_on(ask: Ask, tmp_path: Path) -> None:
    # More rows than one statement takes, so that there are moments between the first rows and the last.
    table = "text,label\n" + "".join(f"The convoy left on day {number}.,neutral\n" for number in range(ROWS))
    whole = tmp_path / "whole"
    whole.mkdir()
    (whole / "in.csv").write_text(table)
    lines = ask("import", whole)["lines"]
    # The last ones are after the commit.
    moments = [*random.Random(7).sample(range(1, lines), KILLS), lines - 1, lines]
    counts = []
    for number, kill in enumerate(moments):
        folder = tmp_path / f"killed{number}"
        folder.mkdir()
        (folder / "in.csv").write_text(table)
        killed = ask("import", folder, kill)["killed"]
        path = folder / "labels.sqlite3"
        if path.exists() and path.stat().st_size:
            with sqlite3.connect(path) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            connection.close()
        database = Database(path)
        store = LabelStore(database)
        counts.append(len(store.latest(Filter(), limit=2 * ROWS)))
        assert counts[-1] in (0, ROWS), "half of a file was kept"
        ask("import", folder, traced=False)
        assert len(store.latest(Filter(deleted=True), limit=2 * ROWS)) == ROWS
        database.close()
        assert killed
    assert set(counts) == {0, ROWS}, "the moments were on both sides of the commit"
