"""Connections to SQLite and PostgreSQL, made so that a transaction means the same with both.

A transaction of an engine with the option ``writes`` is the only one that writes, from its beginning on; with ``bare``
there is none.
"""

import sqlite3
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from models.errors import MissingExtra, SettingsError

# Seconds that a statement waits for a lock, and a connection for its server.
PATIENCE: Final = 5
# Connections, and so requests that use the database at the same time.
CONNECTIONS: Final = 8


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


def engine_of(url: URL, file: Path | None) -> Engine:
    """The engine for a database; it connects when first used.

    Args:
        url: as :func:`url_of` gives it.
        file: the absolute path of an SQLite file, None for PostgreSQL.

    Raises:
        MissingExtra: it is PostgreSQL, and psycopg is not installed.
    """
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
