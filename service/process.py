"""One server process: uvicorn as we run it."""

import asyncio
import faulthandler
import logging
import signal
import socket
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from typing import Final

import uvicorn
from fastapi import FastAPI

from service import logging as logs
from service.address import refuse_more
from service.connections import ServerConfig
from service.settings import Settings

BACKLOG: Final = 1024
# Ticks of a tenth of a second after which the event loop shows that it does not hang.
_BEATS: Final = 5
# How long connections that wait to be accepted are still taken at the end, where ever more come.
_ACCEPT_SECONDS: Final = 5.0
_ROUNDS_SECONDS: Final = 0.01


def run_server(
    app: FastAPI, settings: Settings, listener: socket.socket, *, ready: Callable[[], None], shared: bool
) -> bool:
    """Serve on a bound socket until SIGTERM or SIGINT, then let the running requests finish and return.

    Args:
        app: what to serve.
        settings: what it runs with.
        listener: where to listen.
        ready: called when requests are answered.
        shared: other processes listen on the socket, too. It then returns as well when the model keeps failing, since
            another process can take its place.

    Returns:
        Whether it left because of a signal, and not because it was broken: because a thread has died or hung, which
        only a new process mends. Where the event loop itself hangs, nothing can return: the process tells where it
        was and exits with status 1.
    """
    config = ServerConfig(
        app,
        settings,
        lifespan="on",
        # asyncio takes as many connections at once as it is told may wait: one process would take all of a burst.
        backlog=1 if shared else BACKLOG,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    server = _Server(config, app, settings, ready, shared)
    # uvicorn hands a signal on once it has stopped, when nothing is left to do; before it listens for signals itself,
    # none may be lost.
    signal.signal(signal.SIGTERM, server.handle_exit)
    signal.signal(signal.SIGINT, server.handle_exit)
    server.run(sockets=[listener])
    return not server.broken


class _Server(uvicorn.Server):
    """Tells when it serves; leaves when it is broken."""

    def __init__(
        self, config: ServerConfig, app: FastAPI, settings: Settings, ready: Callable[[], None], shared: bool
    ) -> None:
        super().__init__(config)
        self._config = config
        self._app, self._settings, self._ready, self._shared = app, settings, ready, shared
        self.broken = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            listener.listen(BACKLOG)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # The running requests have their own time, and there are no ticks any more.
        faulthandler.cancel_dump_traceback_later()
        if not self.broken:
            await self._accept_the_last(sockets or [])
        self._config.leaving = True
        await super().shutdown(sockets)

    async def _accept_the_last(self, sockets: Sequence[socket.socket]) -> None:
        """Take the connections that wait in the sockets: closing a socket would reset them."""
        if not self._shared:
            for listener in sockets:
                refuse_more(listener)
        end = time.monotonic() + _ACCEPT_SECONDS
        while wait(sockets, 0) and time.monotonic() < end:
            await asyncio.sleep(0)
        # What was taken last gets its protocol in one of the loop's next rounds.
        await asyncio.sleep(_ROUNDS_SECONDS)

    async def on_tick(self, counter: int) -> bool:
        if counter % _BEATS == 0:
            # A thread without Python's lock: it fires also where C code holds the lock for ever.
            faulthandler.dump_traceback_later(self._settings.hang_seconds, exit=True)
        pool = self._app.state.service.pool
        if not pool.whole or (self._shared and not pool.healthy):
            logs.log(logging.ERROR, "the model keeps failing, or one of its threads has died or hung: the process ends")
            self.broken = True
            return True
        return await super().on_tick(counter)
