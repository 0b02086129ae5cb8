"""Runs the application on a socket until it is told to stop."""

import logging
import signal
import socket
from typing import Final

import uvicorn

from models.errors import SettingsError
from service import logging as logs
from service.app import create_app, load_classifier
from service.settings import ENV_PREFIX, Settings

BACKLOG: Final = 1024


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then let the running requests finish and return.

    Raises:
        SettingsError: the address cannot be listened on, or would be open to others without that being asked for.
        ModelError: the model cannot be loaded.
    """
    settings.require_safe()
    # Bound before the model is loaded, so that a taken port is told at once; it listens only when all is ready.
    with _bind(settings) as listener:
        app = create_app(settings, load_classifier(settings))
        logs.configure(settings.log_level)
        config = uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=settings.shutdown_seconds,
        )
        # uvicorn hands a signal on once it has stopped; by then there is nothing left to do for it.
        signal.signal(signal.SIGTERM, lambda *_: None)
        signal.signal(signal.SIGINT, lambda *_: None)
        _Server(config).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Tells where it serves as soon as it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            host, port = listener.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            logs.log(logging.INFO, "serving", url=f"http://{shown}:{port}")


def _bind(settings: Settings) -> socket.socket:
    listener = None
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        if listener is not None:
            listener.close()
        raise SettingsError(
            f"Cannot listen on {settings.host}, port {settings.port}: {error.strerror or error}. "
            f"Choose another address or port with {ENV_PREFIX}HOST and {ENV_PREFIX}PORT."
        ) from error
    return listener
