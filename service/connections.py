"""What one connection may cost: uvicorn's HTTP protocol, with the limits that it lacks.

uvicorn's own ``limit_concurrency`` was not taken: it looks at a connection only when a request's head is complete, so
that connections which send none are not limited by it, and it answers in plain text.
"""

import asyncio
import logging
from http import HTTPStatus
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.logging import log
from service.middleware import HEADERS, PROBES
from service.problems import BY_STATUS, Kind, ProblemResponse
from service.settings import Settings

# As much as other servers take; uvicorn sets no limit with this parser.
MAX_HEAD_BYTES: Final = 64 * 1024
# Connections beyond the most that are taken for as long as a probe needs to say that it is one.
KEPT_FOR_PROBES: Final = 16
PROBE_SECONDS: Final = 1.0
# How long a connection without a request stays open when the process is told to end.
LAST_SECONDS: Final = 1.0
MALFORMED: Final = "The bytes sent are no HTTP/1.1 request."
LATE: Final = "The head of the request did not arrive within {:g} seconds. Send it faster."


class ServerConfig(uvicorn.Config):
    """uvicorn's configuration for our application.

    Args:
        app: what to serve.
        settings: what it runs with.
        more: what else to tell uvicorn.

    Attributes:
        leaving: the process is about to end, so that a connection's next answer is its last.
    """

    def __init__(self, app: FastAPI, settings: Settings, **more: Any) -> None:
        self.settings, self.leaving = settings, False
        super().__init__(
            app,
            http=Connection,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            **more,
        )


class Connection(HttpToolsProtocol):
    """One client's connection.

    It is refused when there are too many, unless it asks whether the process lives, and given up when a request's head
    is too slow or too long, when a refused body goes on for too long, and when the answer is not taken.
    """

    def __init__(self, config: ServerConfig, *arguments: Any, **more: Any) -> None:
        super().__init__(config, *arguments, **more)
        self._config, self._settings = config, config.settings
        self._head_bytes = 0
        self._in_message = False
        self._only_probes = False
        self._reading: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        beyond = len(self.connections) - self._settings.max_connections
        self._only_probes = beyond > 0
        if beyond > KEPT_FOR_PROBES:
            self._refuse(BY_STATUS[503])
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_reading_timer()
        self._stop_writing_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if not self._in_message and self._reading is None and not self._answering:
            self._await_head()
        self._head_bytes += len(data)
        super().data_received(data)
        if self._awaits_head and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(BY_STATUS[431])

    def on_headers_complete(self) -> None:
        self._stop_reading_timer()
        self._in_message = True
        probe = self.url.partition(b"?")[0].decode("ascii", "replace") in PROBES
        if self._only_probes and not probe:
            self._refuse(BY_STATUS[503])
            return
        super().on_headers_complete()
        if self._only_probes or self._config.leaving:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        if self.cycle is not None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._stop_reading_timer()
        self._in_message = False
        if self.cycle is None:
            return  # it was refused, and there is nobody to tell
        super().on_message_complete()
        if not self._answering:
            # It was answered before it had come to its end; uvicorn waits for a next one without end then.
            self._await_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            # Closing waits until the client has taken what is left.
            self._watch_writing()
        elif self._in_message and not self._answering:
            # The request was refused before its body had come; what still comes is thrown away, but not for ever.
            self._reading = self.loop.call_later(self._settings.deadline, self.transport.abort)

    def shutdown(self) -> None:
        if self._answering:
            super().shutdown()
        else:
            # A request may be on its way, and would be lost with the connection.
            self.loop.call_later(LAST_SECONDS, super().shutdown)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        self._refuse(BY_STATUS[400], MALFORMED)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._watch_writing()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_writing()

    def resume_writing(self) -> None:
        if not self.transport.is_closing():
            self._stop_writing_timer()
        super().resume_writing()

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _awaits_head(self) -> bool:
        return self._reading is not None and not self._in_message

    def _await_head(self) -> None:
        self._head_bytes = 0
        seconds = self._settings.head_seconds
        if self._only_probes:
            self._reading = self.loop.call_later(min(seconds, PROBE_SECONDS), self._refuse, BY_STATUS[503])
        else:
            self._reading = self.loop.call_later(seconds, self._refuse, BY_STATUS[408], LATE.format(seconds))

    def _watch_writing(self) -> None:
        """Give the connection up if by the deadline the client has taken nothing of what waits for it."""
        self._stop_writing_timer()
        before = self.transport.get_write_buffer_size()

        def look() -> None:
            if self.transport.get_write_buffer_size() < before:
                self._watch_writing()
            else:
                self.transport.abort()

        self._writing = self.loop.call_later(self._settings.deadline, look)

    def _refuse(self, kind: Kind, detail: str | None = None) -> None:
        """Answer with a problem, if no answer has begun, and close."""
        self._stop_reading_timer()
        log(logging.INFO, "connection refused", status=kind.status)
        if not (self._answering and self.cycle.response_started):
            answer = ProblemResponse(kind, detail, {"Connection": "close", **HEADERS, **_retry(kind)})
            head = b"".join(b"%b: %b\r\n" % pair for pair in answer.raw_headers)
            line = f"HTTP/1.1 {kind.status} {HTTPStatus(kind.status).phrase}\r\n".encode()
            self.transport.write(line + head + b"\r\n" + bytes(answer.body))
        self.transport.close()
        self._watch_writing()

    def _stop_reading_timer(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self._reading = None

    def _stop_writing_timer(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
        self._writing = None


def _retry(kind: Kind) -> dict[str, str]:
    return {"Retry-After": "1"} if kind.status == 503 else {}
