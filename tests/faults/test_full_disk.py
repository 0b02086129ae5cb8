"""A full disk: what was there stays, nothing is half-written, the message says why, and with room it goes on."""

from pathlib import Path

import pytest

from models.directory import open_directory
from models.errors import LabelsUnavailable, OutputError
from models.registry import Registry
from models.rows import Row, read_rows, write_rows
from service.feedback.database import Database
from service.feedback.store import Filter, LabelStore
from service.feedback.votes import Vote
from tests.models.conftest import make_model
from tests.service.corpus.killing import score

FULL = "No space left on device"


def fill(disk: Path) -> Path:
    """Take all the room that there is."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as stream:
        for size in (4096, 1):
            try:
                while stream.write(b"x" * size):
                    pass
            except OSError:
                continue
    return filler


def test_a_scoring_keeps_what_it_has_and_goes_on_with_room(small_disk: Path, tmp_path: Path) -> None:
    table = tmp_path / "in.csv"
    table.write_text("text\n" + "".join(f"The convoy of day {number} left.\n" for number in range(3000)))
    (small_disk / "out.csv").write_text("an earlier one\n")
    filler = fill(small_disk)
    with pytest.raises(OutputError, match=f"{FULL}|disk is full"):
        score([str(table)], small_disk / "out.csv")
    assert (small_disk / "out.csv").read_text() == "an earlier one\n"
    filler.unlink()
    small = tmp_path / "few.csv"
    small.write_text("text\n" + "".join(f"The convoy of day {number} left.\n" for number in range(100)))
    score([str(small)], small_disk / "few-out.csv")
    assert len(list(read_rows(small_disk / "few-out.csv"))) == 100


def test_a_release_changes_nothing(small_disk: Path) -> None:
    registry = Registry(small_disk / "registry")
    versions = registry.folder / "versions"
    versions.mkdir(parents=True)
    for version in ("one", "two"):
        make_model(versions / version, version=version)
    registry.release("one", why="the first")
    noted = registry.history()
    filler = fill(small_disk)
    with pytest.raises(OutputError, match=FULL):
        registry.release("two", why="x" * 10_000)  # more than the end of the last block has room for
    assert open_directory(registry.released_directory()).info.version == "one"
    assert registry.history() == noted
    assert not list(registry.folder.glob(".*.part"))
    filler.unlink()
    registry.release("two", why="there is room")
    assert registry.history()[-1]["why"] == "there is room"


def test_labels_are_given_all_or_none(small_disk: Path) -> None:
    database = Database(small_disk / "labels.sqlite3")
    store = LabelStore(database)
    store.give([Vote("They came to loot.", "critical", "ada")])
    filler = fill(small_disk)
    with pytest.raises(LabelsUnavailable, match="full"):
        store.give([Vote(f"{number} " + "They came to loot. " * 50, "critical") for number in range(300)])
    assert len(store.latest(Filter())) == 1
    filler.unlink()
    store.give([Vote("Talks were held.", "neutral")])
    assert len(store.latest(Filter())) == 2
    database.close()


def test_a_table_stays_as_it_was(small_disk: Path) -> None:
    write_rows(small_disk / "out.csv", [{"text": "kept"}])
    fill(small_disk)
    with pytest.raises(OutputError, match=FULL):
        write_rows(small_disk / "out.csv", ({"text": "x" * 1000} for _ in range(1000)))
    assert [row.text for row in read_rows(small_disk / "out.csv") if isinstance(row, Row)] == ["kept"]
    assert not list(small_disk.glob(".*.part"))
