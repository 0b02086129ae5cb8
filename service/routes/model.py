"""What is served, and within which limits."""

from fastapi import APIRouter

from service.problems import documented
from service.schemas import Limits, ModelResponse
from service.state import ServiceDep

router = APIRouter(tags=["model"])


@router.get("/v1/model", summary="The model and the limits", responses=documented(421))
async def model(service: ServiceDep) -> ModelResponse:
    """The model's name, version, labels and measured quality, and the limits on requests."""
    info, settings = service.classifier.info, service.settings
    return ModelResponse(
        name=info.name,
        version=info.version,
        base=info.base,
        labels=list(info.labels),
        languages=list(info.languages),
        max_length=info.max_length,
        coverage=info.coverage,
        priors=list(info.priors),
        default_prior=info.default_prior,
        limits=Limits.model_validate(settings, from_attributes=True),
        metrics=info.metrics,
    )
