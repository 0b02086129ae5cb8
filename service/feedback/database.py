"""The database: made when first written, brought to its present form by whoever comes first, SQLite or PostgreSQL."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from models.errors import LabelsUnavailable
from service.feedback.engine import PATIENCE, engine_of, url_of
from service.feedback.failures import told
from service.feedback.migrate import migrate, revision_of
from service.feedback.tables import REVISION


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
        self._engine = engine_of(url, self._file)
        self._lock = threading.Lock()
        self._ready: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """What the database is called in messages to whoever runs it: its file, or its address without the password."""
        return str(self._file or self._engine.url.render_as_string(hide_password=True))

    @property
    def is_missing(self) -> bool:
        """Whether it is a file that is not there; :meth:`writing` makes it."""
        return self._file is not None and _identity(self._file) is None

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
            # Where a reader keeps it from this, it tells so, and raises nothing.
            if connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one():
                raise LabelsUnavailable(
                    "The labels are erased, but their bytes stay in the file as long as another program reads it. End "
                    "that program, and erase them again."
                )

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
                current = revision_of(connection)
            if current != REVISION:
                migrate(self._engine, sqlite=self._file is not None)
            self._ready = _identity(self._file) if self._file else (0, 0)
            return True
        finally:
            self._lock.release()


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
        no_folder = isinstance(error, FileExistsError | NotADirectoryError)
        reason = "what should be its folder is a file" if no_folder else error.strerror or error
        raise LabelsUnavailable(
            f"The database of labels cannot be made or read: {reason}. Let the service write its "
            "folder, or name another with RU_STANCE_DATA or RU_STANCE_LABELS_DATABASE."
        ) from error
