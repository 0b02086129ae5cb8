"""Structured logs: one JSON object a line, with the request's id, and never a text or a key."""

import contextvars
import json
import logging
import re
import secrets
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

from models.errors import RuStanceError

LOGGER: Final = logging.getLogger("ru_stance.service")
OUTSIDE: Final = "none"
_SANE_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default=OUTSIDE)


def request_id() -> str:
    """The id of the request that is being answered, :data:`OUTSIDE` when there is none."""
    return _request_id.get()


def begin_request(offered: str | None) -> str:
    """Give the current request its id: the one that the client offered if it is sane, a new one otherwise."""
    sane = offered is not None and _SANE_ID.fullmatch(offered) is not None
    identifier = offered if sane and offered is not None else secrets.token_hex(16)
    _request_id.set(identifier)
    return identifier


def log(level: int, message: str, error: BaseException | None = None, **fields: Any) -> None:
    """Write one line to the service's log. Fields hold counts, times and names, never what a user wrote."""
    LOGGER.log(level, message, exc_info=error, extra={"fields": fields})


class JsonFormatter(logging.Formatter):
    """One JSON object a line.

    Of an exception it writes the class and the places, but not the message: a library's message may quote the text
    that it failed on. Only our own errors promise that theirs never does.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **({} if request_id() == OUTSIDE else {"request_id": request_id()}),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line |= _describe(record.exc_info[1], record.exc_info[2])
        # ASCII only: some readers take other characters than the line feed for the end of a line, or for a command.
        return json.dumps(line, default=str)


def _describe(error: BaseException, trace: TracebackType | None) -> dict[str, Any]:
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    described: dict[str, Any] = {"error": type(error).__qualname__, "frames": frames}
    if isinstance(error, RuStanceError):
        described["reason"] = str(error)
    return described


def configure(level: str) -> None:
    """Send the logs of the whole process to standard error as JSON lines.

    Args:
        level: least severe level that is written: debug, info, warning or error.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
