"""The service's counters, for Prometheus."""

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from service.metrics import Metrics
from service.problems import documented

router = APIRouter(tags=["health"])


@router.get("/metrics", summary="Counters for Prometheus", response_class=PlainTextResponse, responses=documented(421))
async def metrics(request: Request) -> Response:
    """Requests, latency, queue depth, sentences, tokens, labels, truncations; over all worker processes."""
    counters: Metrics = request.app.state.metrics
    content, media_type = counters.render(request.headers.get("accept", ""))
    return Response(content, headers={"Content-Type": media_type})
