"""What a database that fails is told as: which of its failures it was, and how to mend that."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from models.errors import LabelsUnavailable

_ELSEWHERE: Final = "name another file with RU_STANCE_LABELS_DATABASE"
# The beginnings of SQLite's names for what went wrong. Its messages are not used, nor are those of PostgreSQL.
_SQLITE: Final = {
    "SQLITE_BUSY": "is locked by another program. Send the request again; if that program hangs, end it.",
    "SQLITE_LOCKED": "is locked by another program. Send the request again; if that program hangs, end it.",
    "SQLITE_READONLY": f"cannot be written. Let the service write its file and its folder, or {_ELSEWHERE}.",
    "SQLITE_CANTOPEN": f"cannot be opened. Let the service read and write its file and its folder, or {_ELSEWHERE}.",
    "SQLITE_FULL": f"cannot be written: the disk is full. Make room, or {_ELSEWHERE}.",
    "SQLITE_NOTADB": f"is no SQLite file. Put back a copy, or {_ELSEWHERE}.",
    "SQLITE_CORRUPT": f"is damaged. Put back a copy, or {_ELSEWHERE}.",
}
_POSTGRES: Final = (
    "cannot be reached, or does not answer. See that PostgreSQL runs, and that RU_STANCE_LABELS_DATABASE has its "
    "address, a user and a password."
)
_OTHER: Final = "failed. The service's log tells where; see that its disk is in order."


@contextmanager
def told() -> Iterator[None]:
    """Turn whatever the database raises into an error that quotes neither a text nor an address.

    Raises:
        LabelsUnavailable: the database failed.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        # Not chained: the library's error holds the statement.
        raise unavailable(error) from None


def unavailable(error: Exception) -> LabelsUnavailable:
    """The error to tell for one that the database raised."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        name = getattr(cause, "sqlite_errorname", "")
        remedy = next((remedy for start, remedy in _SQLITE.items() if name.startswith(start)), _OTHER)
    else:
        remedy = _POSTGRES
    return LabelsUnavailable(f"The database of labels {remedy}")
