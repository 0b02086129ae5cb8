"""The classification contract of text-embeddings-inference: ``/predict`` and ``/info``."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from models.errors import InputError, LimitExceeded
from models.labels import Label
from models.machine import usable_cores
from service.huggingface import HuggingFaceRoute, LabelScore, check, documented_errors, pair_error, rank, refuse
from service.problems import documented
from service.state import Service, ServiceDep

router = APIRouter(tags=["compatible"])
predictions = APIRouter(tags=["compatible"], route_class=HuggingFaceRoute)

_ONE: Final = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 1}
_INPUTS: Final[dict[str, Any]] = {
    "oneOf": [
        {"type": "string", "description": "A single text"},
        {"type": "array", "items": _ONE, "minItems": 1, "description": "A batch: one list a text"},
    ]
}


class PredictRequest(BaseModel):
    """One text or a batch. Fields that are not known are ignored, as text-embeddings-inference does."""

    model_config = ConfigDict(strict=True)

    inputs: Annotated[Any, WithJsonSchema(_INPUTS)] = Field(
        description='A text, or a batch `[["first"], ["second"]]`. Pairs of texts are refused.'
    )
    truncate: bool | None = Field(
        default=False, description="Cut off what is too long of a text, instead of refusing it."
    )
    truncation_direction: Literal["Left", "Right", "left", "right"] = Field(
        default="Right", description="Which end of a text that is too long is cut off."
    )
    raw_scores: bool = Field(
        default=False, description="The logits that the calibrated probabilities are the softmax of, instead of these."
    )


class ClassifierModel(BaseModel):
    """The labels by their number, and the other way round."""

    id2label: dict[str, Label]
    label2id: dict[Label, int]


class ModelType(BaseModel):
    """What kind of model this is: a classifier."""

    classifier: ClassifierModel


class Info(BaseModel):
    """The model and the limits, in the words of text-embeddings-inference."""

    model_id: str = Field(description="Name of the model.")
    model_sha: str | None = Field(description="Version of the model.")
    model_dtype: str = Field(description="Type of the logits.")
    model_type: ModelType
    max_concurrent_requests: int = Field(description="Requests under way in one worker process.")
    max_input_length: int = Field(description="Tokens that the model reads of a text.")
    max_batch_tokens: int = Field(description="Tokens in one forward pass; each text has one of its own.")
    max_batch_requests: int | None = Field(description="Texts in one forward pass.")
    max_client_batch_size: int = Field(description="Texts in one request.")
    auto_truncate: bool = Field(description="What `truncate` is when it is left out.")
    tokenization_workers: int = Field(description="Threads that tokenise and classify.")
    version: str = Field(description="Version of this API.")
    sha: str | None
    docker_label: str | None


@predictions.post(
    "/predict",
    summary="Classify, as text-embeddings-inference does",
    response_model=list[LabelScore] | list[list[LabelScore]],
    responses={**documented_errors(400, 408, 413, 415, 422, 424, 429, 503), **documented(421)},
)
async def predict(request: PredictRequest, service: ServiceDep) -> Any:
    """The labels, the highest score first: one list for one text, a list of lists for a batch.

    A text that is longer than the model reads is refused unless `truncate` is true.
    """
    texts, single = _texts(request.inputs)
    check(texts, service.settings)
    if "" in texts:
        return refuse(400, "Empty", "`inputs` cannot be empty")
    left = request.truncate and request.truncation_direction.lower() == "left"
    found = await service.classify(texts, truncation_side="left" if left else "right")
    if not request.truncate and any(prediction.truncated for prediction in found):
        raise LimitExceeded(
            f"`inputs` must have less than {service.classifier.info.max_length} tokens. Send a shorter text, or set "
            "truncate to true to have a part of it read."
        )
    answers = [rank(prediction, "none" if request.raw_scores else "softmax") for prediction in found]
    return answers[0] if single else answers


@router.get(
    "/info", summary="The model and the limits, as text-embeddings-inference tells them", responses=documented(421)
)
async def info(request: Request, service: ServiceDep) -> Info:
    """What `/predict` serves. `/v1/model` tells more."""
    return info_of(service, request.app.version)


def info_of(service: Service, version: str) -> Info:
    """What ``/info`` tells of a service whose API has this version."""
    told, settings = service.classifier.info, service.settings
    labels = list(told.labels)
    return Info(
        model_id=told.name,
        model_sha=told.version,
        model_dtype="float32",
        model_type=ModelType(
            classifier=ClassifierModel(
                id2label={str(number): label for number, label in enumerate(labels)},
                label2id={label: number for number, label in enumerate(labels)},
            )
        ),
        max_concurrent_requests=settings.max_connections,
        max_input_length=told.max_length,
        max_batch_tokens=told.max_length,
        max_batch_requests=1,
        max_client_batch_size=settings.max_texts,
        auto_truncate=False,
        tokenization_workers=settings.threads or usable_cores(),
        version=version,
        sha=None,
        docker_label=None,
    )


def _texts(inputs: Any) -> tuple[list[str], bool]:
    """The texts, and whether there is one alone.

    Raises:
        InputError: pairs, or none of the shapes.
    """
    if isinstance(inputs, str):
        return [inputs], True
    if not isinstance(inputs, list) or not inputs:
        raise InputError('inputs must be a string, or a batch such as [["first"], ["second"]].')
    if all(isinstance(each, str) for each in inputs) and len(inputs) <= 2:
        if len(inputs) == 2:
            raise pair_error("inputs")
        return [inputs[0]], True
    for index, each in enumerate(inputs):
        if not isinstance(each, list) or not all(isinstance(text, str) for text in each) or not 1 <= len(each) <= 2:
            raise InputError(f'inputs[{index}] must be a list of one string: a batch is [["first"], ["second"]].')
        if len(each) == 2:
            raise pair_error(f"inputs[{index}]")
    return [each[0] for each in inputs], False


router.include_router(predictions)
