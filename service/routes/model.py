"""What is served, and within which limits."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from fastapi import APIRouter

from service.problems import documented
from service.schemas import Limits, ModelResponse
from service.state import ServiceDep

router = APIRouter(tags=["model"])

# What is told of every slice; the confusion matrices and reliability bins stay in the model's metrics.json.
_OF_A_SLICE: Final = ("rows", "accuracy", "macro_f1")
_OF_A_SET: Final = (*_OF_A_SLICE, "labels", "log_loss", "calibration_error", "coverage", "set_size", "doubtful")


@router.get("/v1/model", summary="The model and the limits", responses=documented(421, 422))
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
        trained_on=info.trained_on,
        priors=list(info.priors),
        default_prior=settings.prior or info.default_prior,
        limits=Limits.model_validate(settings, from_attributes=True),
        metrics=summary(info.metrics),
    )


def summary(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """The main figures of a ``metrics.json``: when and how they were made, and each set's, as a whole and by slice.

    A set that was not measured by our own evaluation is left out: readers count on its figures.
    """
    facts = {name: metrics[name] for name in ("made", "machine", "command") if name in metrics}
    sets: dict[str, Any] = {}
    with suppress(AttributeError):
        for name, figures in metrics.get("sets", {}).items():
            with suppress(AttributeError, KeyError, TypeError):
                sets[name] = _of_set(figures)
    return {**facts, "sets": sets}


def _of_set(figures: Mapping[str, Any]) -> dict[str, Any]:
    slices = {
        column: {value: _only(_OF_A_SLICE, found) for value, found in values.items()}
        for column, values in figures.get("by", {}).items()
    }
    return {"prior": figures["prior"], "overall": _only(_OF_A_SET, figures["overall"]), "by": slices}


def _only(names: tuple[str, ...], figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: figures[name] for name in names}
