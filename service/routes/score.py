"""Classify a stream of lines."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.body import media_type_of, require_plain
from service.lines import MEDIA_TYPE, LineProblem, LineResult
from service.problems import documented
from service.schemas import PRIOR
from service.state import ServiceDep
from service.stream import LineStream

_MEDIA_TYPES = (MEDIA_TYPE, "application/ndjson", "application/jsonl", "application/x-jsonlines")

_HEADERS = {"Model-Version": {"description": "The version of the model that answers.", "schema": {"type": "string"}}}

router = APIRouter(tags=["classify"])


class _Lines(Response):
    """Tells the documentation what the answer is called."""

    media_type = MEDIA_TYPE


@router.post(
    "/v1/score",
    summary="Classify a stream of lines",
    response_class=_Lines,
    responses={
        200: {"model": LineResult | LineProblem, "headers": _HEADERS},
        **documented(408, 415, 421, 422, 429, 503),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ScoreLine"}}},
        }
    },
)
async def score(
    request: Request,
    service: ServiceDep,
    prior: Annotated[str | None, Query(description=PRIOR)] = None,
) -> Response:
    """One line of JSON for each line of the body that is not empty, in order, sent while the body still streams in.

    A line is `{"text": "...", "id": ...}`, the id being optional. Its answer holds its number, its id and the fields
    of a result of `/v1/classify`. A line that cannot be classified is answered in place, with a problem that has its
    number, and the stream goes on. One model answers the whole stream; the header `Model-Version` names it. A body may
    be of any length; a line may have as many bytes as the body of another request, and its text as many characters as
    a text of `/v1/classify`.

    Read the answers while you send, as `curl --no-buffer -T lines.jsonl` does: the service reads no further ahead
    than its answers are taken, and gives up a client that neither sends nor reads anything until the deadline.
    """
    if media_type_of(request) not in _MEDIA_TYPES:
        raise HTTPException(415, f"Send lines of JSON with the header Content-Type: {MEDIA_TYPE}.")
    require_plain(request)
    return LineStream(service, service.prior(prior))
