"""Which words the label of a sentence hangs on."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from models.errors import LimitExceeded
from models.occlusion import attributions, without, words
from service.body import JsonRoute
from service.problems import documented
from service.schemas import PRIOR, Place, Request, Result, Text, fields_of, rounded
from service.state import ServiceDep

router = APIRouter(tags=["classify"], route_class=JsonRoute)


class ExplainRequest(Request):
    """A sentence to explain the label of."""

    text: Text = Field(description="The sentence, headline or post.")
    prior: str | None = Field(default=None, description=PRIOR)


class Attributions(BaseModel):
    """Score of each label with the word minus its score without it, in [-1, 1]; they sum to 0."""

    critical: float
    neutral: float
    supportive: float


class WordAttribution(Place):
    """One word of the sentence, and what it adds to the score of each label."""

    attributions: Attributions


class ExplainResponse(BaseModel):
    """What the model says of the sentence, and which words it hangs on."""

    model: str = Field(description="Version of the model that answered.")
    result: Result
    words: list[WordAttribution] = Field(description="The words, in the order of the sentence.")


@router.post(
    "/v1/explain",
    summary="Explain the label of a sentence",
    responses=documented(400, 408, 413, 415, 421, 422, 429, 500, 503),
)
async def explain(request: ExplainRequest, service: ServiceDep) -> ExplainResponse:
    """What each word adds to the score of each label: the score with it minus the score without it.

    The method is occlusion (Zeiler & Fergus 2014; Li, Monroe & Jurafsky 2016): the sentence is classified once more
    without each of its words. It tells what the model reacts to, not why, and words that only matter together are told
    apart badly.
    """
    text, limits = request.text, service.settings
    if len(text) > limits.max_characters:
        raise LimitExceeded(
            f"The text has {len(text)} characters; a sentence may have {limits.max_characters}. "
            "Find its sentences with /v1/document, and explain them one by one."
        )
    info = service.classifier.info
    # A word is at least one token. The whole text is one more of the texts that a request may have.
    found, most = words(text), min(info.max_length, limits.max_texts - 1)
    if len(found) > most:
        raise LimitExceeded(
            f"The text has {len(found)} words; {most} can be explained. "
            "Find its sentences with /v1/document, and explain them one by one."
        )
    whole, *occluded = await service.classify([text, *(without(text, word) for word in found)], request.prior)
    return ExplainResponse(
        model=info.version,
        result=Result(**fields_of(whole)),
        words=[
            WordAttribution(
                start=word.start,
                end=word.end,
                text=text[word.start : word.end],
                attributions=Attributions(**rounded(each)),
            )
            for word, each in zip(found, attributions(whole, occluded), strict=True)
        ],
    )
