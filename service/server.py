"""Runs the application on a socket until it is told to stop."""

import logging
import socket

from models.errors import NotReady
from service import logging as logs
from service.address import bind, url_of
from service.settings import Settings


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then let the running requests finish and return.

    Raises:
        SettingsError: the address cannot be listened on, or would be open to others without that being asked for.
        ModelError: the model cannot be loaded.
        NotReady: a worker process died before it served, or a thread of the model has died or hung.
    """
    settings.require_safe()
    # Bound before the model is loaded, so that a taken port is told at once; it listens only when all is ready.
    with bind(settings) as listener:
        if settings.workers > 1:
            from service.workers import serve_with_workers

            logs.configure(settings.log_level)
            serve_with_workers(settings, listener)
            return
        # Not at the top: the process that only watches over others needs none of it.
        from service.app import create_app
        from service.process import run_server
        from service.reload import load_classifier

        app = create_app(settings, load_classifier(settings))
        logs.configure(settings.log_level)
        if not run_server(app, settings, listener, ready=lambda: _tell(listener), shared=False):
            raise NotReady("One of the model's threads has died or hung. Start the service again.")


def _tell(listener: socket.socket) -> None:
    logs.log(logging.INFO, "serving", url=url_of(listener))
