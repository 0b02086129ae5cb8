"""Where the service listens: a socket, bound, and its URL."""

import socket

from models.errors import SettingsError
from service.settings import ENV_PREFIX, Settings


def bind(settings: Settings) -> socket.socket:
    """A socket bound to the address in the settings.

    Raises:
        SettingsError: it cannot be had.
    """
    listener = None
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except (OSError, UnicodeError) as error:  # the latter of a name that no host can have
        if listener is not None:
            listener.close()
        raise SettingsError(
            f"Cannot listen on {settings.host}, port {settings.port}: {getattr(error, 'strerror', None) or error}. "
            "Choose another with --host and --port, as in make serve PORT=8001, or with "
            f"{ENV_PREFIX}HOST and {ENV_PREFIX}PORT."
        ) from error
    return listener


def refuse_more(listener: socket.socket) -> None:
    """Have the system let hardly anybody connect any more; those who have, and wait to be accepted, still can be."""
    listener.listen(0)


def url_of(listener: socket.socket) -> str:
    """The URL of a bound socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
