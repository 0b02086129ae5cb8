"""Brings a database to the form that this version reads and writes."""

import time
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from models.errors import LabelsUnavailable
from service.feedback.engine import PATIENCE
from service.feedback.tables import REVISION_TABLE

# Held while PostgreSQL's database is migrated; an arbitrary number that it knows the lock by.
_MIGRATION_LOCK: Final = 7_218_433_095


def revision_of(connection: Connection) -> str | None:
    """The revision of the migrations that the database is at, None if it is empty."""
    if not inspect(connection).has_table(REVISION_TABLE):
        return None
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {REVISION_TABLE}"))
    return found


def migrate(engine: Engine, *, sqlite: bool) -> None:
    """Run the migrations that lack. One process at a time does; whoever comes second finds them run.

    Raises:
        LabelsUnavailable: the database was written by a newer ru-stance.
        sqlalchemy.exc.SQLAlchemyError: the database failed; it is as it was.
    """
    # Alembic takes a third of a second to import, and most starts need none of it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    if sqlite:
        _switch_to_wal(engine)
    with engine.execution_options(writes=True).begin() as connection:
        if not sqlite:
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
