"""One server process: uvicorn as we run it."""

import logging
import signal
import socket
from collections.abc import Callable
from typing import Final

import uvicorn
from fastapi import FastAPI

from service import logging as logs
from service.connections import ServerConfig
from service.settings import Settings

BACKLOG: Final = 1024


def run_server(
    app: FastAPI, settings: Settings, listener: socket.socket, *, ready: Callable[[], None], shared: bool
) -> bool:
    """Serve on a bound socket until SIGTERM or SIGINT, then let the running requests finish and return.

    Args:
        app: what to serve.
        settings: what it runs with.
        listener: where to listen.
        ready: called when requests are answered.
        shared: other processes listen on the socket, too. It then returns as well when the model keeps failing or one
            of its threads has died, since another process can take its place.

    Returns:
        Whether it left because of a signal, and not because it was broken.
    """
    config = ServerConfig(
        app,
        settings,
        lifespan="on",
        # asyncio takes as many connections at once as it is told may wait: one process would take all of a burst.
        backlog=1 if shared else BACKLOG,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    # uvicorn hands a signal on once it has stopped; by then there is nothing left to do for it.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    server = _Server(config, app, ready, shared)
    server.run(sockets=[listener])
    return not server.broken


def url_of(listener: socket.socket) -> str:
    """The URL of a bound socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """Tells when it serves; leaves when its model is broken and others share the socket."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, ready: Callable[[], None], shared: bool) -> None:
        super().__init__(config)
        self._app, self._ready, self._shared = app, ready, shared
        self.broken = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            listener.listen(BACKLOG)
        self._ready()

    async def on_tick(self, counter: int) -> bool:
        if self._shared and not self._app.state.service.pool.healthy:
            logs.log(logging.ERROR, "the model keeps failing or one of its threads has died: this worker leaves")
            self.broken = True
            return True
        return await super().on_tick(counter)
