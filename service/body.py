"""Request bodies: bounded while they stream in, strictly JSON, and answered only as long as the client is there."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, Final, NoReturn

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive

from models.errors import DeadlineExceeded, LimitExceeded
from service.state import service_of

# Of a whole number.
_DIGITS: Final = 100
_LARGEST: Final = 10.0**_DIGITS
# Of an object. Each field that is not known is told, which of as many as a body holds would keep the loop for seconds.
_MOST_FIELDS: Final = 100

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class JsonRoute(APIRoute):
    """A route that takes a JSON object.

    The body is read up to the limit and the deadline of the settings, and parsed strictly: no duplicate keys, no
    ``NaN``, UTF-8 only. When the client hangs up, the handler is cancelled and its waiting work dropped.
    """

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            settings = (await service_of(request)).settings
            _require_json(request)
            try:
                async with asyncio.timeout(settings.deadline):
                    body = await _read(request, settings.max_body_bytes)
            except TimeoutError:
                raise HTTPException(
                    408, f"The body did not arrive within {settings.deadline:g} seconds. Send it faster, or send less."
                ) from None
            parsed = _ParsedRequest(request, body)
            return await _while_connected(handler(parsed), request.receive, settings.deadline)

        return handle


class _ParsedRequest(Request):
    """A request whose body is read and parsed already."""

    def __init__(self, request: Request, body: bytes) -> None:
        super().__init__(request.scope, request.receive)
        self._bytes, self._value = body, parse(body)

    async def body(self) -> bytes:
        return self._bytes

    async def json(self) -> Any:
        return self._value


def media_type_of(request: Request) -> str:
    """What the Content-Type header says of the body, without its parameters; empty where there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def require_plain(request: Request) -> None:
    """Refuse a compressed body.

    Raises:
        HTTPException: status 415.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HTTPException(415, "Send the body uncompressed, without a Content-Encoding header.")


def _require_json(request: Request) -> None:
    essence = media_type_of(request)
    if essence != "application/json" and not (essence.startswith("application/") and essence.endswith("+json")):
        raise HTTPException(415, "Send a JSON object with the header Content-Type: application/json.")
    require_plain(request)


async def _read(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > limit:
        _refuse_size(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            _refuse_size(limit)
    return bytes(body)


def _refuse_size(limit: int) -> NoReturn:
    raise LimitExceeded(f"The body may have at most {limit} bytes. Send the texts in several requests.")


def parse(data: bytes, name: str = "body") -> Any:
    """Parse JSON strictly: no duplicate keys, no ``NaN``, UTF-8 only, no object with a flood of fields.

    Args:
        data: a body, or one line of it.
        name: what the errors call it.

    Raises:
        HTTPException: status 400; the detail gives the place, and quotes nothing.
    """
    if not data.strip():
        raise HTTPException(400, f"The {name} is empty. Send a JSON object; /docs shows an example.")
    try:
        return json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_int=_bounded,
            parse_float=_number,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}" if name == "body" else f"column {error.colno}"
        detail = f"The {name} is not valid JSON: {error.msg.removesuffix(' at')}, at {place}."
    except UnicodeDecodeError as error:
        detail = f"The {name} is not valid UTF-8 at byte {error.start}. Encode it as UTF-8."
    except RecursionError:
        detail = f"The {name} is nested too deeply. Send a flat JSON object; /docs shows an example."
    raise HTTPException(400, detail)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > _MOST_FIELDS:
        raise HTTPException(400, f"An object has more than {_MOST_FIELDS} fields. /docs lists those that there are.")
    found = dict(pairs)
    if len(found) < len(pairs):
        raise HTTPException(400, "An object has the same key twice. Send each key once.")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise HTTPException(400, f"The input holds {name}, which is not JSON.")


def _bounded(digits: str) -> int:
    # Python refuses to read integers of thousands of digits, with an error that is no JSONDecodeError.
    if len(digits) > _DIGITS:
        raise HTTPException(400, f"The input holds a number of more than {_DIGITS} digits.")
    return int(digits)


def _number(digits: str) -> int | float:
    # To JSON, 3.0 is the integer 3; to our schemas it would be no integer.
    number = float(digits)
    return int(number) if number.is_integer() and abs(number) < _LARGEST else number


async def _while_connected(work: Coroutine[Any, Any, Response], receive: Receive, deadline: float) -> Response:
    """Await ``work`` for at most ``deadline`` seconds, and cancel it when the client goes."""
    task, gone = asyncio.create_task(work), asyncio.create_task(_disconnected(receive))
    try:
        await asyncio.wait({task, gone}, timeout=deadline, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        if gone.done():
            raise ClientDisconnect
        raise DeadlineExceeded(
            f"The answer was not ready within {deadline:g} seconds. Send fewer texts, or send them again later."
        )
    finally:
        task.cancel()
        gone.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
