"""Classify a list of texts."""

from fastapi import APIRouter

from models.errors import LimitExceeded
from service.body import JsonRoute
from service.limits import check_length
from service.problems import documented
from service.schemas import ClassifyRequest, ClassifyResponse, Result, fields_of
from service.settings import Settings
from service.state import ServiceDep

router = APIRouter(tags=["classify"], route_class=JsonRoute)


@router.post(
    "/v1/classify", summary="Classify texts", responses=documented(400, 408, 413, 415, 421, 422, 429, 500, 503)
)
async def classify(request: ClassifyRequest, service: ServiceDep) -> ClassifyResponse:
    """One result a text, in the order of the texts. A text's scores never depend on the texts beside it."""
    _check(request.texts, service.settings)
    predictions = await service.classify(request.texts, request.prior)
    version = service.classifier.info.version
    return ClassifyResponse(model=version, results=[Result(**fields_of(each)) for each in predictions])


def _check(texts: list[str], limits: Settings) -> None:
    if len(texts) > limits.max_texts:
        raise LimitExceeded(
            f"There are {len(texts)} texts; one request may have {limits.max_texts}. Send them in several requests."
        )
    for index, text in enumerate(texts):
        check_length(text, f"texts[{index}]", limits)
