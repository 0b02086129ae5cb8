"""Hugging Face's inference contract for text classification, at the root, where its clients look for it."""

from typing import Annotated, Any, Final

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from models.errors import InputError
from service.huggingface import HuggingFaceRoute, LabelScore, Transform, check, documented_errors, pair_error, rank
from service.problems import documented
from service.state import ServiceDep

router = APIRouter(tags=["compatible"], route_class=HuggingFaceRoute)

_INPUTS: Final[dict[str, Any]] = {
    "oneOf": [
        {"type": "string", "description": "A single text"},
        {"type": "array", "items": {"type": "string"}, "minItems": 1, "description": "Several texts"},
    ]
}


class PipelineParameters(BaseModel):
    """The parameters of the text-classification task."""

    model_config = ConfigDict(strict=True)

    function_to_apply: Transform | None = Field(
        default=None,
        description="`softmax`, the default, gives calibrated probabilities; `none` the logits that these are the "
        "softmax of; `sigmoid` the logistic function of each logit.",
    )
    top_k: int | None = Field(default=None, ge=1, description="How many labels to give; all by default.")


class PipelineRequest(BaseModel):
    """One text or several. Fields that are not known are ignored, as the inference API does."""

    model_config = ConfigDict(strict=True)

    inputs: Annotated[Any, WithJsonSchema(_INPUTS)] = Field(description="A text, or a list of texts.")
    parameters: PipelineParameters | None = None


@router.post(
    "/",
    summary="Classify, as Hugging Face's inference API does",
    responses={**documented_errors(400, 408, 413, 415, 422, 424, 429, 503), **documented(421)},
)
async def pipeline(request: PipelineRequest, service: ServiceDep) -> list[list[LabelScore]]:
    """One list of labels a text, the highest score first; a list of one list for a single text.

    `huggingface_hub.InferenceClient(url).text_classification(text)` reads it. Of a text that is longer than the model
    reads, the beginning is classified.
    """
    parameters = request.parameters or PipelineParameters()
    texts = _texts(request.inputs)
    check(texts, service.settings)
    found = await service.classify(texts)
    return [rank(each, parameters.function_to_apply or "softmax")[: parameters.top_k] for each in found]


def _texts(inputs: Any) -> list[str]:
    if isinstance(inputs, str):
        return [inputs]
    if isinstance(inputs, dict) and "text_pair" in inputs:
        raise pair_error("inputs")
    if not isinstance(inputs, list) or not inputs or not all(isinstance(each, str) for each in inputs):
        raise InputError("inputs must be a string, or a list of at least one string.")
    return inputs
