"""What happens to every request: an id, a log line, a check of its Host header, and an answer whatever goes wrong."""

import ipaddress
import logging
import re
import time
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.keys import KEY
from service.logging import begin_request, log
from service.metrics import Metrics
from service.paths import template_of
from service.problems import BY_STATUS, ProblemResponse, response_to

_HOST: Final = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::[0-9]{1,5})?")
PROBES: Final = frozenset({"/livez", "/readyz"})
# What the log calls a request whose client has gone before the answer, as nginx does; nothing is sent.
CLIENT_GONE: Final = 499
# What the OWASP sheet on headers of REST services asks for. HTTPS is for the proxy in front, and so is its own header.
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Answers hold what people wrote, and are nobody else's to keep.
    "Cache-Control": "no-store",
}


class RequestContext:
    """Gives each request an id (``X-Request-ID``, taken from the client if sane), logs, counts and answers failures.

    Args:
        app: what is to be answered by.
        metrics: where requests are counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        identifier = begin_request(Headers(scope=scope).get("x-request-id"))
        start, status = time.perf_counter(), 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = identifier
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, send_marked)
        except ClientDisconnect:
            status = CLIENT_GONE
        except Exception as error:
            log(logging.ERROR, "request failed", error)
            if status:
                raise
            await response_to(error)(scope, receive, send_marked)
        finally:
            # The route's template and not the path: a path is the sender's text.
            route = template_of(scope)
            seconds = time.perf_counter() - start
            self.metrics.answered(route, scope["method"], status or CLIENT_GONE, seconds)
            log(
                logging.DEBUG if route in PROBES else logging.INFO,
                "request",
                method=scope["method"],
                route=route,
                status=status or CLIENT_GONE,
                **({"key": scope[KEY].name} if KEY in scope else {}),
                milliseconds=round(1000 * seconds, 1),
            )


class HostCheck:
    """Refuses requests whose Host header names a host that is not ours.

    A page that has its own name resolve to our address (DNS rebinding) would otherwise be let in by the browser as if
    it were ours. Such a page needs a name, so IP addresses are always taken.

    Args:
        app: what to guard.
        names: the names taken: ``stance.example.org``, ``*.example.org``, or ``*`` for any.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self.app = app
        self.any = "*" in names
        self.names = frozenset(names)
        self.suffixes = tuple(name[1:] for name in names if name.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self.any and not self._takes(Headers(scope=scope).getlist("host")):
            await ProblemResponse(BY_STATUS[421])(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _takes(self, hosts: Sequence[str]) -> bool:
        match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if match is None:
            return False
        if match["v6"]:
            return _is_address(match["v6"])
        name = match["name"].lower().removesuffix(".")
        return name in self.names or name.endswith(self.suffixes) or _is_address(name)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
