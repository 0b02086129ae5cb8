"""The database: made when first written, brought to its present form by whoever comes first, SQLite or PostgreSQL."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from models.errors import LabelsUnavailable, MissingExtra, SettingsError
from service.feedback.failures import told
from service.feedback.tables import REVISION

# Seconds that a statement waits for a lock, and a connection for its server.
PATIENCE: Final = 5
# Connections, and so requests that use the database at the same time.
CONNECTIONS: Final = 8
# Held while the database is migrated; an arbitrary number that PostgreSQL knows the lock by.
_MIGRATION_LOCK: Final = 7_218_433_095


class Database:
    """Transactions on the database of labels. Safe to use from several threads and several processes.

    Args:
        address: an SQLAlchemy URL of SQLite or PostgreSQL, or the path of an SQLite file.

    Raises:
        SettingsError: the address cannot be used.
        MissingExtra: it is of PostgreSQL, and psycopg is not installed.
    """

    def __init__(self, address: str | Path) -> None:
        url = url_of(address)
        self._file = Path(url.database or "").absolute() if url.get_backend_name() == "sqlite" else None
        self._engine = _engine(url, self._file)
        self._lock = threading.Lock()
        self._ready: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """What the database is called in messages to whoever runs it: its file, or its address without the password."""
        return str(self._file or self._engine.url.render_as_string(hide_password=True))

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """A transaction that reads; None if there is no database yet, which then holds nothing.

        Raises:
            LabelsUnavailable: the database cannot be used now.
        """
        with told():
            if not self._prepare(make=False):
                yield None
                return
            with self._engine.begin() as connection:
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes: one at a time, which sees what the one before it wrote. Makes what is missing.

        Raises:
            LabelsUnavailable: the database cannot be used now; nothing was written.
        """
        with told():
            self._prepare(make=True)
            with self._engine.execution_options(writes=True).begin() as connection:
                if self._file is None:
                    connection.execute(text("LOCK TABLE labels IN SHARE ROW EXCLUSIVE MODE"))
                yield connection

    def compact(self) -> None:
        """Have the disk forget what was deleted: SQLite's file and its log are written anew, PostgreSQL's pages freed.

        Raises:
            LabelsUnavailable: another program uses the database, or it cannot be written.
        """
        if self._file is None:
            with told(), self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql("VACUUM FULL labels")
            return
        with told(), self._engine.execution_options(bare=True).connect() as connection:
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def migrate(self) -> None:
        """Bring a database that there is to its present form.

        Raises:
            LabelsUnavailable: the database cannot be used now.
        """
        with self.reading():
            pass

    def close(self) -> None:
        """Close the connections; they are opened anew when needed."""
        self._engine.dispose()

    def _prepare(self, *, make: bool) -> bool:
        """Whether there is a database, in its present form."""
        if not self._lock.acquire(timeout=PATIENCE):
            raise LabelsUnavailable("The database of labels is being opened still. Send the request again.")
        try:
            place = _identity(self._file) if self._file else (0, 0)
            if place is not None and place == self._ready:
                return True
            # A file that was moved away would go on taking what is written.
            self._engine.dispose()
            self._ready = None
            if self._file is not None:
                if place is None and not make:
                    return False
                _make(self._file)
            with self._engine.connect() as connection:
                current = _revision(connection)
            if current != REVISION:
                _migrate(self._engine, wal=self._file is not None)
            self._ready = _identity(self._file) if self._file else (0, 0)
            return True
        finally:
            self._lock.release()


def url_of(address: str | Path) -> URL:
    """The URL that an address stands for; a path stands for an SQLite file.

    Raises:
        SettingsError: it is of another kind of database, or cannot be read.
    """
    if isinstance(address, Path) or "://" not in address:
        return URL.create("sqlite", database=str(address))
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        backend = ""
    if backend == "sqlite" and url.database not in (None, "", ":memory:") and not url.query:
        return url.set(drivername="sqlite")
    if backend in ("postgresql", "postgres") and url.database:
        return url.set(drivername="postgresql+psycopg")
    # The address itself may hold a password.
    raise SettingsError(
        "The database of labels must be sqlite:////path/of/a/file or postgresql://user:password@host/name."
    )


def _engine(url: URL, file: Path | None) -> Engine:
    # A library's error with parameters would quote the texts.
    common: dict[str, Any] = {"hide_parameters": True, "pool_size": CONNECTIONS, "pool_timeout": PATIENCE}
    if file is None:
        if find_spec("psycopg") is None:
            raise MissingExtra("A database of labels in PostgreSQL", "postgres")
        engine = create_engine(url, connect_args={"connect_timeout": PATIENCE}, pool_pre_ping=True, **common)
        event.listen(engine, "begin", _patient)
    else:
        engine = create_engine(url.set(database=str(file)), connect_args={"timeout": PATIENCE}, **common)
        event.listen(engine, "connect", _manual)
        event.listen(engine, "begin", _begin)
    return engine


def _manual(connection: sqlite3.Connection, _: object) -> None:
    """Leave transactions to :func:`_begin`: the driver's own begin too late, and not at all for tables."""
    connection.isolation_level = None
    connection.execute("PRAGMA secure_delete = ON")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("bare"):
        # A transaction that begins by reading could not write any more once another one has written.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def _patient(connection: Connection) -> None:
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}s'")


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    except OSError:
        return -1, -1
    return found.st_dev, found.st_ino


def _make(file: Path) -> None:
    """An empty file that nobody else reads, if there is none."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_CREAT | os.O_RDONLY, 0o600))
    except OSError as error:
        raise LabelsUnavailable(
            f"The database of labels cannot be made or read: {error.strerror or error}. Let the service write its "
            "folder, or name another with RU_STANCE_DATA or RU_STANCE_LABELS_DATABASE."
        ) from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _migrate(engine: Engine, *, wal: bool) -> None:
    """Run the migrations that lack; whoever comes second finds them run."""
    # Alembic takes a third of a second to import, and most starts need none of it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    if wal:
        _switch_to_wal(engine)
    with engine.execution_options(writes=True).begin() as connection:
        if not wal:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", "service.feedback:migrations")
        try:
            command.upgrade(config, "head")
        except CommandError:
            raise LabelsUnavailable(
                "The database of labels was written by a newer ru-stance. Update this one, or name another database "
                "with RU_STANCE_LABELS_DATABASE."
            ) from None


def _switch_to_wal(engine: Engine) -> None:
    """Let readers go on while one writes. SQLite does not wait for the lock that this takes, so that we do."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with engine.execution_options(bare=True).connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            return
        except DBAPIError as error:
            if not str(getattr(error.orig, "sqlite_errorname", "")).startswith("SQLITE_BUSY") or time.monotonic() > end:
                raise
            time.sleep(0.05)
