"""Classify a longer text, sentence by sentence."""

from fastapi import APIRouter

from models.document import placed, summarise
from models.errors import LimitExceeded
from models.sentences import split
from service.body import JsonRoute
from service.limits import tokens_of
from service.problems import documented
from service.schemas import DocumentRequest, DocumentResponse, SentenceResult, Summary, fields_of
from service.state import ServiceDep

router = APIRouter(tags=["classify"], route_class=JsonRoute)


@router.post(
    "/v1/document",
    summary="Classify the sentences of a text",
    responses=documented(400, 408, 413, 415, 421, 422, 429, 500, 503),
)
async def document(request: DocumentRequest, service: ServiceDep) -> DocumentResponse:
    """Every sentence with its place and its label, and a summary of the whole text."""
    text, limits = request.text, service.settings
    if len(text) > limits.max_document_characters:
        raise LimitExceeded(
            f"The text has {len(text)} characters; a document may have {limits.max_document_characters}. "
            "Send it in several parts."
        )
    service.prior(request.prior)
    # Its sentences are to follow, and a full queue should be told before the text is split.
    spans = await service.pool.run(split, text, weight=tokens_of(text))
    if len(spans) > limits.max_sentences:
        raise LimitExceeded(
            f"The text has {len(spans)} sentences; a document may have {limits.max_sentences}. "
            "Send it in several parts."
        )
    predictions = await service.classify([text[start:end] for start, end in spans], request.prior)
    sentences = placed(text, spans, predictions)
    summary = await service.pool.run(summarise, sentences)
    return DocumentResponse(
        model=service.classifier.info.version,
        sentences=[
            SentenceResult(start=each.start, end=each.end, text=each.text, **fields_of(each.prediction))
            for each in sentences
        ],
        summary=Summary.of(summary),
    )
