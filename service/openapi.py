"""The API's description: FastAPI's own, with the limits of the settings and the model's own answers as examples."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel

from service.routes.classify import classify
from service.routes.document import document
from service.routes.model import model
from service.schemas import ClassifyRequest, DocumentRequest, Problem
from service.state import Service

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
    description = app.openapi()
    schemas = description["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    limits = service.settings
    texts = schemas["ClassifyRequest"]["properties"]["texts"]
    texts["maxItems"], texts["items"]["maxLength"] = limits.max_texts, limits.max_characters
    schemas["DocumentRequest"]["properties"]["text"]["maxLength"] = limits.max_document_characters

    asked, read = ClassifyRequest(texts=list(TEXTS)), DocumentRequest(text=DOCUMENT)
    _example(description["paths"]["/v1/classify"]["post"], await classify(asked, service), asked)
    _example(description["paths"]["/v1/document"]["post"], await document(read, service), read)
    _example(description["paths"]["/v1/model"]["get"], await model(service))
    return description


def _example(operation: dict[str, Any], answer: BaseModel, request: BaseModel | None = None) -> None:
    operation["responses"]["200"]["content"]["application/json"]["example"] = jsonable_encoder(answer)
    if request is not None:
        body = operation["requestBody"]["content"]["application/json"]
        body["example"] = request.model_dump(exclude_none=True)
