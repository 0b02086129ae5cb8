"""Runs the application on a socket until it is told to stop."""

import logging
import socket

from models.errors import NotReady, SettingsError
from service import logging as logs
from service.app import create_app
from service.process import run_server, url_of
from service.reload import load_classifier
from service.settings import ENV_PREFIX, Settings
from service.workers import serve_with_workers


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then let the running requests finish and return.

    Raises:
        SettingsError: the address cannot be listened on, or would be open to others without that being asked for.
        ModelError: the model cannot be loaded.
        NotReady: a worker process died before it served, or a thread of the model has died or hung.
    """
    settings.require_safe()
    # Bound before the model is loaded, so that a taken port is told at once; it listens only when all is ready.
    with _bind(settings) as listener:
        if settings.workers > 1:
            logs.configure(settings.log_level)
            serve_with_workers(settings, listener)
            return
        app = create_app(settings, load_classifier(settings))
        logs.configure(settings.log_level)
        if not run_server(app, settings, listener, ready=lambda: _tell(listener), shared=False):
            raise NotReady("One of the model's threads has died or hung. Start the service again.")


def _tell(listener: socket.socket) -> None:
    logs.log(logging.INFO, "serving", url=url_of(listener))


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
            "Choose another with --host and --port, as in make serve PORT=8001, or with "
            f"{ENV_PREFIX}HOST and {ENV_PREFIX}PORT."
        ) from error
    return listener
