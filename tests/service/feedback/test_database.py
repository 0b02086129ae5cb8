"""The database as a file and as a server: made late, never half, and told by what is wrong with it."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from models.errors import LabelsUnavailable, SettingsError
from service.feedback import engine as engines
from service.feedback.database import Database
from service.feedback.engine import url_of
from service.feedback.store import Filter, LabelStore
from service.feedback.tables import REVISION, REVISION_TABLE, Base
from service.feedback.votes import Vote

VOTE = Vote("They came to loot.", "critical", "ada")
SCRIPTS = Path(engines.__file__).parent / "migrations"


def test_the_migrations_make_what_the_code_reads(address: str) -> None:
    database = Database(address)
    with database.writing() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": REVISION_TABLE})
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_revision() == REVISION
    database.close()
    assert ScriptDirectory(str(SCRIPTS)).get_current_head() == REVISION


def test_reading_makes_no_file_and_writing_makes_one_for_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "labels.sqlite3"
    database = Database(path)
    LabelStore(database).latest(Filter())
    database.migrate()
    assert list(tmp_path.iterdir()) == []
    LabelStore(database).give([VOTE])
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    database.close()


def test_readers_go_on_while_one_writes(tmp_path: Path) -> None:
    database = Database(tmp_path / "labels.sqlite3")
    store = LabelStore(database)
    store.give([VOTE])
    with database.writing():
        assert len(store.latest(Filter())) == 1
    database.close()


def test_a_transaction_that_fails_leaves_nothing(address: str) -> None:
    database = Database(address)
    store = LabelStore(database)
    store.give([VOTE])
    row = store.latest(Filter())[0]

    def fail() -> None:
        with database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM labels")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert store.latest(Filter()) == [row]
    database.close()


def test_a_file_that_was_moved_away_takes_nothing_any_more(tmp_path: Path) -> None:
    path = tmp_path / "labels.sqlite3"
    database = Database(path)
    store = LabelStore(database)
    store.give([VOTE])
    database.close()
    for file in tmp_path.iterdir():
        file.rename(tmp_path / f"old-{file.name}")
    assert store.latest(Filter()) == []
    store.give([VOTE])
    assert path.exists()
    assert len(store.latest(Filter())) == 1
    database.close()


def test_a_lock_that_is_held_is_told_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "PATIENCE", 0.1)
    database = Database(tmp_path / "labels.sqlite3")
    store = LabelStore(database)
    store.give([VOTE])
    other = sqlite3.connect(tmp_path / "labels.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LabelsUnavailable, match="locked by another program"):
        store.give([Vote("another", "neutral")])
    assert len(store.latest(Filter())) == 1
    other.execute("ROLLBACK")
    other.close()
    store.give([Vote("another", "neutral")])
    database.close()


def test_what_is_no_database_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database at all, " * 100)
    (tmp_path / "folder").mkdir()
    for path, remedy in (
        (tmp_path / "text", "no SQLite file"),
        (tmp_path / "text" / "labels.sqlite3", "what should be its folder is a file"),
        (tmp_path / "folder", "cannot be"),
    ):
        database = Database(path)
        with pytest.raises(LabelsUnavailable, match=remedy):
            LabelStore(database).give([VOTE])
        database.close()


def test_a_database_of_a_newer_version_is_left_alone(address: str) -> None:
    database = Database(address)
    LabelStore(database).give([VOTE])
    with database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE {REVISION_TABLE} SET version_num = '9999'")
    database.close()
    newer = Database(address)
    for use in (newer.migrate, lambda: LabelStore(newer).give([VOTE])):
        with pytest.raises(LabelsUnavailable, match="newer ru-stance"):
            use()
    newer.close()


def test_a_server_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    database = Database(f"postgresql://user:secret@/labels?host={tmp_path}")
    with pytest.raises(LabelsUnavailable, match="cannot be reached") as caught:
        database.migrate()
    assert "secret" not in f"{caught.value}{database.name}"
    assert caught.value.__cause__ is None
    database.close()


@pytest.mark.parametrize(
    "address",
    ["mysql://u:secret@h/d", "sqlite://", "sqlite:///:memory:", "postgresql://h", "://", "sqlite:///a?mode=ro"],
)
def test_another_kind_of_address_is_refused_without_quoting_it(address: str) -> None:
    with pytest.raises(SettingsError, match="postgresql://user") as caught:
        Database(address)
    assert "secret" not in str(caught.value)


def test_a_path_is_an_sqlite_file_and_postgres_another_name_of_postgresql() -> None:
    assert url_of("labels.sqlite3").drivername == "sqlite"
    assert url_of("postgres://u@h/d").drivername == url_of("postgresql://u@h/d").drivername == "postgresql+psycopg"


def test_what_is_erased_is_in_no_file_any_more(tmp_path: Path) -> None:
    database = Database(tmp_path / "labels.sqlite3")
    store = LabelStore(database)
    secret = "A sentence that somebody wants to be forgotten."
    store.give([Vote(secret, "neutral"), Vote("another", "neutral")])
    store.give([Vote(secret, "critical", note=secret[::-1])])

    def on_disk() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert secret.encode() in on_disk()
    assert store.erase(text=secret) == 2
    assert secret[:20].encode() not in on_disk()
    assert secret[::-1][:20].encode() not in on_disk()
    assert [row.text for row in store.latest(Filter())] == ["another"]
    database.close()


def test_what_a_reader_keeps_in_the_file_is_told_and_erased_once_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "PATIENCE", 0.1)
    database = Database(tmp_path / "labels.sqlite3")
    store = LabelStore(database)
    store.give([VOTE])
    database.close()  # so that the text is in the file itself
    reader = sqlite3.connect(tmp_path / "labels.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM labels").fetchall()
    with pytest.raises(LabelsUnavailable, match="erase them again"):
        store.erase(text=VOTE.text)
    reader.close()
    assert store.erase(text=VOTE.text) == 0
    assert not any(VOTE.text.encode() in path.read_bytes() for path in tmp_path.iterdir())
    database.close()
