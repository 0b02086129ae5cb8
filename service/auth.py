"""Who may ask: a key is looked for before anything else of a request is read, and its scopes before it is answered.

Without a file of keys in the settings everybody may ask everything; the settings then keep to this machine, unless they
were told not to.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer, SecurityScopes
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from models.errors import Forbidden, SettingsError, Unauthorized
from service import keys
from service.keys import KEY, Key
from service.logging import log
from service.problems import response_to

# Read (with GET or HEAD) without a key: whether the service lives, and what it is.
OPEN_PATHS: Final = frozenset({"/", "/livez", "/readyz", "/docs", "/openapi.json"})
OPEN_FOLDERS: Final = ("/docs/assets/", "/page/")

# These two only tell the API's description of the headers that KeyCheck reads.
_BEARER: Final = HTTPBearer(auto_error=False, description="A key, as made by `ru-stance keys add`.")
_HEADER: Final = APIKeyHeader(name="X-API-Key", auto_error=False, description="The same key, in a header of its own.")


class KeyRing:
    """The keys of a file, read again whenever the file has changed, so that a removed key is refused at once.

    Args:
        path: the file.

    Raises:
        SettingsError: the file cannot be read, or has no key.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._signature()
        self._keys = keys.read_keys(path)
        if not self._keys:
            raise SettingsError(f"The file of keys {path} has no key. Make one: ru-stance keys add NAME --file {path}")

    def find(self, presented: str) -> Key | None:
        """The key that was presented, None if it is not known. While the file cannot be read, none is known."""
        signature = self._signature()
        if signature != self._seen:
            self._seen = signature
            try:
                self._keys = keys.read_keys(self._path)
            except SettingsError as error:
                self._keys = ()
                log(logging.ERROR, "every key is refused", error)
        return keys.find_key(self._keys, presented)

    def _signature(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


class KeyCheck:
    """Refuses requests without a known key, before their body is read; whatever is not said to be open is closed.

    The key is taken from ``Authorization: Bearer`` or ``X-API-Key``.

    Args:
        app: what to guard.
        ring: the keys.
    """

    def __init__(self, app: ASGIApp, ring: KeyRing) -> None:
        self.app, self.ring = app, ring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_open(scope["method"], scope["path"]):
            await self.app(scope, receive, send)
            return
        presented = _presented(Headers(scope=scope))
        key = self.ring.find(presented[0]) if len(presented) == 1 else None
        if key is None:
            await response_to(_refusal(presented))(scope, receive, send)
            return
        scope[KEY] = key
        await self.app(scope, receive, send)


def _is_open(method: str, path: str) -> bool:
    return method in ("GET", "HEAD") and (path in OPEN_PATHS or path.startswith(OPEN_FOLDERS))


def _presented(headers: Headers) -> Sequence[str]:
    """The different keys that the headers hold."""
    bearers = [
        token.strip()
        for scheme, _, token in (value.strip().partition(" ") for value in headers.getlist("authorization"))
        if scheme.lower() == "bearer"
    ]
    return list(dict.fromkeys((*bearers, *(value.strip() for value in headers.getlist("x-api-key")))))


def _refusal(presented: Sequence[str]) -> Unauthorized:
    if not presented:
        return Unauthorized("Send a key in the header Authorization: Bearer or X-API-Key.")
    if len(presented) > 1:
        return Unauthorized("The request has more than one key. Send one.")
    return Unauthorized("The key is not known. Whoever runs the service makes keys with ru-stance keys add.")


async def _permitted(
    request: Request,
    needed: SecurityScopes,
    _bearer: Annotated[Any, Security(_BEARER)],
    _header: Annotated[Any, Security(_HEADER)],
) -> None:
    """Check that the request's key has the scopes that its operation needs.

    Raises:
        Forbidden: it lacks one.
    """
    key: Key = request.scope[KEY]
    if missing := [scope for scope in needed.scopes if scope not in key.scopes]:
        raise Forbidden(
            f"The key lacks the scope {', '.join(missing)}. Use another one; whoever runs the service makes keys "
            f"with ru-stance keys add NAME --scope {','.join(missing)}."
        )


def needs(scope: keys.Scope) -> Any:
    """The dependency of a route that answers only to keys with this scope."""
    return Security(_permitted, scopes=[scope.value])
