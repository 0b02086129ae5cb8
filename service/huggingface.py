"""What the two Hugging Face contracts share: labels with scores, sorted, and errors as their clients read them.

Followed are text-embeddings-inference 1.7 (its docs/openapi.json) and the text-classification task of Hugging Face's
inference API (its specification in @huggingface/tasks).
"""

import logging
import math
from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from models.errors import Forbidden, InputError, LimitExceeded, Unauthorized
from models.labels import LABELS, Label
from models.prediction import Prediction
from models.text import checked
from service.body import Handler, JsonRoute
from service.limits import check_length
from service.logging import log
from service.problems import response_to
from service.schemas import PLACES
from service.settings import Settings

Transform = Literal["softmax", "sigmoid", "none"]
ErrorType = Literal["Unhealthy", "Backend", "Overloaded", "Validation", "Tokenizer", "Empty"]

# Status of the problem -> status and error type of text-embeddings-inference; the statuses that it gives no type to
# keep their own and count as failed validation.
_TYPES: Final[Mapping[int, tuple[int, ErrorType]]] = {
    413: (413, "Validation"),
    422: (422, "Tokenizer"),
    429: (429, "Overloaded"),
    500: (424, "Backend"),
    503: (503, "Unhealthy"),
}
_EXAMPLES: Final[Mapping[int, tuple[str, ErrorType, str]]] = {
    400: (
        "The body cannot be read",
        "Validation",
        "The body is empty. Send a JSON object.",
    ),
    408: ("The body did not arrive in time", "Validation", "The body did not arrive within 30 seconds."),
    413: ("The input is over a limit", "Validation", "batch size 2000 > maximum allowed batch size 1024"),
    415: ("The body is not JSON", "Validation", "Send a JSON object with the header Content-Type: application/json."),
    422: ("The input is not valid", "Tokenizer", "inputs is missing."),
    424: ("The model failed", "Backend", "Inference failed."),
    429: ("Too much work is waiting", "Overloaded", "Model is overloaded. Retry-After tells when to ask again."),
    503: ("The service is not ready", "Unhealthy", "The answer was not ready within 30 seconds."),
}


class LabelScore(BaseModel):
    """One label and its score."""

    label: Label
    score: float


class ErrorResponse(BaseModel):
    """An error, as text-embeddings-inference has it; Hugging Face's clients show ``error``."""

    error: str = Field(description="What to change about the request.")
    error_type: ErrorType


class HuggingFaceRoute(JsonRoute):
    """A route that answers errors with an :class:`ErrorResponse`, and a failing model with 424."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except (ClientDisconnect, Unauthorized, Forbidden):
                # Who may come in is not the contract's business: the door answers with problems, as everywhere.
                raise
            except Exception as error:
                return _answer_to(error)

        return handle


def rank(prediction: Prediction, transform: Transform) -> list[LabelScore]:
    """The labels of one text, the highest score first.

    As in text-embeddings-inference the raw scores are the logits that the softmax is taken of, so that a client that
    takes it itself finds the same: the temperature and the prior of the service are in them.

    Args:
        prediction: what the model says of the text.
        transform: ``softmax`` gives the calibrated probabilities; ``none`` the logits; ``sigmoid`` the logistic
            function of each of these.
    """
    values = dict(prediction.scores)
    if transform != "softmax":
        # Of a text that the model did not have to read, the logarithms of the scores, none of them infinite.
        found = prediction.logits or [math.log(max(score, 10**-PLACES)) for score in values.values()]
        values = dict(zip(LABELS, found, strict=True))
    if transform == "sigmoid":
        values = {label: 1 / (1 + math.exp(-value)) for label, value in values.items()}
    labels = [LabelScore(label=label, score=round(value, PLACES)) for label, value in values.items()]
    return sorted(labels, key=lambda each: -each.score)


def check(texts: list[str], limits: Settings) -> None:
    """Check the texts of a request.

    Raises:
        TextError: a text has lone surrogates.
        LimitExceeded: there are too many texts, or one is too long.
    """
    if len(texts) > limits.max_texts:
        raise LimitExceeded(f"batch size {len(texts)} > maximum allowed batch size {limits.max_texts}")
    for index, text in enumerate(texts):
        checked(text, index)
        check_length(text, f"Text {index}", limits)


def refuse(status: int, error_type: ErrorType, error: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An error as an answer."""
    return JSONResponse(ErrorResponse(error=error, error_type=error_type).model_dump(), status, headers)


def pair_error(where: str) -> InputError:
    """What a pair of texts is answered with: the model reads one text, and has no second place."""
    return InputError(
        f"{where} is a pair of texts, and this model reads one text at a time. Join the two into one string, or send "
        'them as a batch of two: {"inputs": [["first"], ["second"]]} to /predict, {"inputs": ["first", "second"]} to /.'
    )


def documented_errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries, with examples, of the errors with these statuses."""
    entries: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        description, error_type, error = _EXAMPLES[status]
        example = {"error": error, "error_type": error_type}
        content = {"application/json": {"example": example}}
        entries[status] = {"description": description, "model": ErrorResponse, "content": content}
    return entries


def _answer_to(error: Exception) -> JSONResponse:
    problem = response_to(error)
    status, error_type = _TYPES.get(problem.status_code, (problem.status_code, "Validation"))
    if status == 424:
        log(logging.ERROR, "request failed", error)
    retry = problem.headers.get("retry-after")
    return refuse(status, error_type, problem.problem["detail"], {"Retry-After": retry} if retry else None)
