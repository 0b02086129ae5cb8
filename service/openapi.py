"""The API's description: FastAPI's own, with the limits of the settings and the model's own answers as examples."""

import contextlib
import copy
from collections.abc import Awaitable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel

from models.errors import LimitExceeded
from service.lines import MEDIA_TYPE as LINES
from service.lines import LineReader, ScoreLine, write_line
from service.routes.classify import classify
from service.routes.document import document
from service.routes.explain import ExplainRequest, explain
from service.routes.model import model
from service.routes.pipeline import PipelineRequest, pipeline
from service.routes.predict import PredictRequest, info_of, predict
from service.schemas import ClassifyRequest, DocumentRequest, Problem
from service.settings import Settings
from service.state import Service
from service.stream import LineStream

TEXTS: Final = (
    "Wagner mercenaries looted the village and called it protection.",
    "The Russian and Malian foreign ministers met in Bamako on Tuesday.",
    "Россия пришла на помощь Сахелю, когда остальные его бросили.",
)
DOCUMENT: Final = (
    "The Russian foreign minister landed in Ouagadougou on Monday. "
    "Moscow is no saviour: it props up juntas and carts off the gold. "
    "A grain shipment is due in June."
)


async def describe(app: FastAPI, service: Service) -> dict[str, Any]:
    """The OpenAPI description of ``app``, with examples that ``service`` has really answered."""
    # Another model may be served later: what FastAPI keeps stays as it is.
    description = copy.deepcopy(app.openapi())
    schemas = description["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    schemas["ScoreLine"] = ScoreLine.model_json_schema()
    _tell_limits(schemas, service.settings)
    _tell_priors(description, list(service.classifier.info.priors))

    asked, read = ClassifyRequest(texts=list(TEXTS)), DocumentRequest(text=DOCUMENT)
    await _example(description["paths"]["/v1/classify"]["post"], classify(asked, service), asked)
    await _example(description["paths"]["/v1/document"]["post"], document(read, service), read)
    await _example(description["paths"]["/v1/model"]["get"], model(service))
    sentence = ExplainRequest(text=TEXTS[0])
    await _example(description["paths"]["/v1/explain"]["post"], explain(sentence, service), sentence)
    single, several = PredictRequest(inputs=TEXTS[0]), PipelineRequest(inputs=list(TEXTS))
    await _example(description["paths"]["/predict"]["post"], predict(single, service), single)
    await _example(description["paths"]["/"]["post"], pipeline(several, service), several)
    _tell(description["paths"]["/info"]["get"], info_of(service, app.version))
    await _example_of_lines(description["paths"]["/v1/score"]["post"], service)
    return description


def _tell_limits(schemas: dict[str, Any], limits: Settings) -> None:
    """Write the limits of the settings into the schemas of the requests."""
    for name in ("ClassifyRequest", "LookupRequest"):
        texts = schemas[name]["properties"]["texts"]
        texts["maxItems"], texts["items"]["maxLength"] = limits.max_texts, limits.max_characters
    schemas["DocumentRequest"]["properties"]["text"]["maxLength"] = limits.max_document_characters
    for name in ("ScoreLine", "ExplainRequest", "LabelRequest"):
        schemas[name]["properties"]["text"]["maxLength"] = limits.max_characters
    text = {"type": "string", "maxLength": limits.max_characters}
    several = {"type": "array", "items": text, "minItems": 1, "maxItems": limits.max_texts}
    schemas["PipelineRequest"]["properties"]["inputs"]["oneOf"] = [
        text | {"description": "A single text"},
        several | {"description": "Several texts"},
    ]
    alone = {"type": "array", "items": text | {"minLength": 1}, "minItems": 1, "maxItems": 1}
    schemas["PredictRequest"]["properties"]["inputs"]["oneOf"] = [
        text | {"minLength": 1, "description": "A single text"},
        alone | {"description": "A single text, in a list"},
        several | {"items": alone, "description": "A batch: one list a text"},
    ]


def _tell_priors(description: dict[str, Any], priors: list[str]) -> None:
    """Write the priors of the model into the schemas of the requests that may name one."""
    known = {"type": "string", "enum": priors}
    for name in ("ClassifyRequest", "DocumentRequest", "ExplainRequest"):
        description["components"]["schemas"][name]["properties"]["prior"]["anyOf"] = [known, {"type": "null"}]
    (prior,) = description["paths"]["/v1/score"]["post"]["parameters"]
    prior["schema"] = known


async def _example_of_lines(operation: dict[str, Any], service: Service) -> None:
    lines = b"".join(write_line({"id": f"a{number}", "text": text}) for number, text in enumerate(TEXTS, 1))
    stream = LineStream(service)
    # One by one, as the queue may have room for one only.
    answers = [await stream.answers([item], patient=False) for item in LineReader(service.settings).feed(lines)]
    operation["requestBody"]["content"][LINES]["example"] = lines.decode()
    # FastAPI takes an answer that is not JSON for a string; each line is an object.
    operation["responses"]["200"]["content"][LINES]["schema"].pop("type", None)
    operation["responses"]["200"]["content"][LINES]["example"] = b"".join(answers).decode()


async def _example(operation: dict[str, Any], answer: Awaitable[object], request: BaseModel | None = None) -> None:
    """Add a request and its answer, unless the limits of the settings are too narrow even for an example."""
    with contextlib.suppress(LimitExceeded):
        _tell(operation, await answer)
        if request is not None:
            body = operation["requestBody"]["content"]["application/json"]
            body["example"] = request.model_dump(exclude_unset=True)


def _tell(operation: dict[str, Any], answer: object) -> None:
    operation["responses"]["200"]["content"]["application/json"]["example"] = jsonable_encoder(answer)
