"""Errors as RFC 9457 problem details: one table says which error has which status, name and title."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from models.errors import (
    DeadlineExceeded,
    Forbidden,
    InputError,
    LabelNotFound,
    LabelsUnavailable,
    LimitExceeded,
    NotReady,
    Overloaded,
    ReloadRefused,
    RuStanceError,
    Unauthorized,
)
from service.logging import request_id
from service.paths import tell_methods
from service.remedies import explain

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem.

    Attributes:
        status: its HTTP status.
        name: the last part of its ``type``.
        title: the same for every problem of the kind.
        detail: what to do about it, where the error itself does not say; also the documentation's example.
    """

    status: int
    name: str
    title: str
    detail: str


INTERNAL: Final = Kind(
    500,
    "internal-error",
    "The service failed",
    "The fault is the service's, not the request's. Its log has it under the request's id.",
)
INVALID: Final = Kind(422, "invalid-input", "The input is not valid", "texts[3] must be a string.")

# An error takes the row of its class, or of the nearest class above it.
BY_ERROR: Final[Mapping[type[Exception], Kind]] = {
    RequestValidationError: INVALID,
    InputError: INVALID,
    LimitExceeded: Kind(
        413,
        "limit-exceeded",
        "The input is over a limit",
        "There are 2000 texts; one request may have 1024. Send them in several requests.",
    ),
    Overloaded: Kind(
        429,
        "overloaded",
        "Too much work is waiting",
        "As much work is waiting as is taken. Send the request again after the seconds in the Retry-After header.",
    ),
    DeadlineExceeded: Kind(
        503,
        "deadline-exceeded",
        "The answer took too long",
        "The answer was not ready within 30 seconds. Send fewer texts, or send them again later.",
    ),
    NotReady: Kind(
        503,
        "not-ready",
        "The service is not ready",
        "The model keeps failing, or one of its worker threads has died or hung. Restart the service.",
    ),
    LabelNotFound: Kind(
        404,
        "label-not-found",
        "There is no such label",
        "There is no label with this id. GET /v1/labels lists those that there are.",
    ),
    LabelsUnavailable: Kind(
        503,
        "labels-unavailable",
        "The database of labels cannot be used",
        "The database of labels is locked by another program. Send the request again; if that program hangs, end it.",
    ),
    ReloadRefused: Kind(
        409,
        "reload-refused",
        "The released model cannot be served",
        "The released model cannot be served; the one before still is. The log says why: release another version.",
    ),
    Unauthorized: Kind(
        401,
        "unauthorized",
        "The request has no known key",
        "Send a key in the header Authorization: Bearer or X-API-Key.",
    ),
    Forbidden: Kind(
        403,
        "forbidden",
        "The key may not do this",
        "The key lacks the scope read. Use another one; it is made with ru-stance keys add NAME --scope read.",
    ),
    Exception: INTERNAL,
}
# Errors that only few routes raise.
_OF_FEW: Final = frozenset({LabelNotFound, LabelsUnavailable, ReloadRefused})
BY_STATUS: Final[Mapping[int, Kind]] = {
    kind.status: kind
    for kind in (
        Kind(
            400,
            "malformed-request",
            "The request cannot be read",
            "The body is not valid JSON: Expecting value, at line 1, column 15.",
        ),
        Kind(404, "not-found", "No such path", "There is no such path. The paths are listed at /docs."),
        Kind(405, "method-not-allowed", "This path does not take this method", "Send POST instead."),
        Kind(
            408,
            "request-timeout",
            "The request did not arrive in time",
            "The body did not arrive within 30 seconds. Send it faster, or send less.",
        ),
        Kind(
            415,
            "unsupported-media-type",
            "The body is not JSON",
            "Send a JSON object with the header Content-Type: application/json.",
        ),
        Kind(
            421,
            "misdirected-request",
            "The Host header is not accepted",
            "Address the service by an IP address, localhost or one of its names (RU_STANCE_ALLOWED_HOSTS adds names).",
        ),
        Kind(431, "head-too-large", "The head of the request is too large", "Send fewer and shorter headers."),
        Kind(
            503,
            "too-many-connections",
            "There are too many connections",
            "Send the request again after the seconds given in the Retry-After header, on fewer connections.",
        ),
    )
}


class ProblemResponse(JSONResponse):
    """A problem as an answer.

    Args:
        kind: which row of the table.
        detail: how to mend the request, quoting no value of it; the kind's own detail when left out.
        headers: what the status asks for, such as ``Allow`` or ``Retry-After``.

    Attributes:
        problem: the members of the problem, for answers that carry it among others.
    """

    media_type = MEDIA_TYPE

    def __init__(self, kind: Kind, detail: str | None = None, headers: Mapping[str, str] | None = None) -> None:
        self.problem = _members(kind, detail or kind.detail, request_id())
        super().__init__(self.problem, kind.status, headers)


def _members(kind: Kind, detail: str, occurrence: str) -> dict[str, Any]:
    return {
        "type": f"urn:ru-stance:problem:{kind.name}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": f"urn:ru-stance:request:{occurrence}",
    }


def kind_of(error: Exception) -> Kind:
    """The row of the table for an error."""
    if isinstance(error, HTTPException):
        other = Kind(error.status_code, "http-error", HTTPStatus(error.status_code).phrase, error.detail)
        return BY_STATUS.get(error.status_code, other)
    return next(BY_ERROR[base] for base in type(error).__mro__ if base in BY_ERROR)


def response_to(error: Exception) -> ProblemResponse:
    """The answer to a request that ended in ``error``."""
    kind = kind_of(error)
    if kind in (INTERNAL, BY_STATUS[404]):
        return ProblemResponse(kind)
    if isinstance(error, RequestValidationError):
        return ProblemResponse(kind, "; ".join(explain(item) for item in error.errors()) + ".")
    if isinstance(error, HTTPException):
        instead = (error.headers or {}).get("Allow", "").replace(", ", " or ")
        return ProblemResponse(kind, f"Send {instead} instead." if instead else error.detail, error.headers)
    return ProblemResponse(kind, str(error), _headers(error))


def _headers(error: Exception) -> dict[str, str]:
    """The headers that go with an error of ours."""
    if isinstance(error, Overloaded):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, Unauthorized | Forbidden):
        lacking = ', error="insufficient_scope"' if isinstance(error, Forbidden) else ""
        return {"WWW-Authenticate": f'Bearer realm="ru-stance"{lacking}'}
    return {}


def install(app: FastAPI) -> None:
    """Answer with a problem to every error that has a row of its own; the middleware answers the others."""

    async def handle(request: Request, error: Exception) -> ProblemResponse:
        tell_methods(request, error)
        return response_to(error)

    for error in (RuStanceError, HTTPException, RequestValidationError):
        app.add_exception_handler(error, handle)


def documented(*statuses: int, errors: Sequence[type[Exception]] = ()) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries, with examples, of the problems that a route can answer with.

    Args:
        statuses: those of the problems that any route may have.
        errors: those that only few routes raise; they are told of these routes alone.
    """
    entries: dict[int | str, dict[str, Any]] = {}
    common = [kind for error, kind in BY_ERROR.items() if error not in _OF_FEW]
    asked = [BY_ERROR[error] for error in errors]
    for status in sorted({*statuses, *(kind.status for kind in asked)}):
        general = [kind for kind in (*BY_STATUS.values(), *common) if kind.status == status and status in statuses]
        found = dict.fromkeys((*general, *(kind for kind in asked if kind.status == status)))
        examples = {kind.name: {"value": _members(kind, kind.detail, "7c1f0d9e")} for kind in found}
        content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}
        description = ", or: ".join(kind.title for kind in found)
        entries[status] = {"description": description, "content": {MEDIA_TYPE: content}}
    return entries
