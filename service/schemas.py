"""What goes over the wire. Field descriptions are what the API's documentation shows."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, FailFast, Field
from pydantic_core import PydanticCustomError

from models.document import DocumentSummary
from models.labels import Label
from models.prediction import Prediction

# Probabilities are told to so many places: beyond them, floating point noise begins.
PLACES: Final = 6
PRIOR: Final = "Prior to score with: one of `priors` of `/v1/model`, its `default_prior` if left out."


def whole(text: str) -> str:
    """The text, if it is Unicode; refused otherwise."""
    # JSON can spell half of a surrogate pair; such a string is no Unicode text and could not even be sent back.
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("string_unicode", "lone surrogate") from None
    return text


Text = Annotated[str, AfterValidator(whole)]


class Request(BaseModel):
    """Base of the requests: an unknown field is refused, since it is most often a misspelt one."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ClassifyRequest(Request):
    """Texts to classify, each a sentence, a headline or a post."""

    # The first text of a wrong type ends the check: a list may hold a hundred thousand of them.
    texts: Annotated[list[Text], FailFast()] = Field(
        min_length=1, description="The texts, each a sentence, a headline or a post."
    )
    prior: str | None = Field(default=None, description=PRIOR)


class DocumentRequest(Request):
    """A longer text to classify sentence by sentence."""

    text: Text = Field(description="The text: an article, a speech, a thread.")
    prior: str | None = Field(default=None, description=PRIOR)


class Scores(BaseModel):
    """Calibrated probability of each label; they sum to 1."""

    critical: float
    neutral: float
    supportive: float


class Result(BaseModel):
    """What the model says of one text."""

    label: Label = Field(description="The label with the highest score.")
    scores: Scores
    prediction_set: list[Label] = Field(
        description="The labels that cannot be ruled out at the model's coverage, the likeliest first."
    )
    doubtful: bool = Field(description="More than one label remains possible.")
    margin: float = Field(description="Highest score minus the second highest.")
    truncated: bool = Field(description="The text is longer than the model reads; its end was not seen.")
    unsupported: bool = Field(
        description="The text is mostly outside the model's languages; the scores then are uniform and say nothing."
    )


class ClassifyResponse(BaseModel):
    """One result a text, in the order of the texts."""

    model: str = Field(description="Version of the model that answered.")
    results: list[Result]


class Place(BaseModel):
    """Where a sentence, or a word, stands in its text."""

    start: int = Field(description="Where it begins in the text, in Unicode characters.")
    end: int = Field(description="Where it ends: `text[start:end]` is what stands there.")
    text: str


class SentenceResult(Result, Place):
    """One sentence of a document, and what the model says of it."""


class Counts(BaseModel):
    """Supported sentences of each label."""

    critical: int
    neutral: int
    supportive: int


class Shares(BaseModel):
    """Share of each label among the supported sentences, in [0, 1]; all 0 if there are none."""

    critical: float
    neutral: float
    supportive: float


class Summary(BaseModel):
    """The sentences of a document taken together."""

    counts: Counts
    shares: Shares
    mean_scores: Scores = Field(
        description="Mean score of each label over the supported sentences; all 0 if there are none."
    )
    lean: float = Field(
        description="From -1 (critical) to 1 (supportive): (S - C) / (S + C + 1 + n / 20), where S and C add up the "
        "margins of the supportive and of the critical sentences, and n counts all sentences. Neutral ones add to "
        "neither. With few sentences it says little: one alone cannot reach 0.5, and under about ten the interval is "
        "too narrow."
    )
    lean_interval: tuple[float, float] = Field(
        description="95% interval of the lean, by bootstrap over the sentences; the same for the same text."
    )
    doubtful: int = Field(
        description="Sentences for which more than one label remains possible, as for each unsupported one."
    )
    unsupported: int = Field(
        description="Sentences mostly outside the model's languages; they are in no count, share or mean score."
    )
    truncated: int = Field(description="Sentences longer than the model reads; their ends were not seen.")

    @classmethod
    def of(cls, summary: DocumentSummary) -> Self:
        """The answer for a summary."""
        low, high = summary.lean_interval
        return cls(
            counts=Counts(**summary.counts),
            shares=Shares(**rounded(summary.shares)),
            mean_scores=Scores(**rounded(summary.mean_scores)),
            lean=round(summary.lean, PLACES),
            lean_interval=(round(low, PLACES), round(high, PLACES)),
            doubtful=summary.doubtful,
            unsupported=summary.unsupported,
            truncated=summary.truncated,
        )


class DocumentResponse(BaseModel):
    """The sentences of a text, in its order, and their summary."""

    model: str = Field(description="Version of the model that answered.")
    sentences: list[SentenceResult]
    summary: Summary


class Limits(BaseModel):
    """The limits on requests; past them the answer is 413, and past `max_waiting_tokens` 429."""

    max_texts: int = Field(description="Texts in one request to `/v1/classify`.")
    max_characters: int = Field(description="Characters in one of its texts.")
    max_document_characters: int = Field(description="Characters in the text of `/v1/document`.")
    max_sentences: int = Field(description="Sentences in the text of `/v1/document`.")
    max_body_bytes: int = Field(description="Bytes in the body of a request.")
    max_waiting_tokens: int = Field(description="Tokens of the texts that wait for the model, over all requests.")
    deadline: float = Field(description="Seconds until a request is given up, with the answer 503.")


class ModelResponse(BaseModel):
    """The model that is served, and the limits on requests."""

    name: str
    version: str
    base: str = Field(description="The pretrained model that it was made from.")
    labels: list[Label]
    languages: list[str] = Field(description="The languages that it was made for.")
    max_length: int = Field(description="Tokens that it reads of a text.")
    coverage: float = Field(description="How often the prediction set holds the right label, as calibrated.")
    trained_on: dict[str, dict[Label, int]] = Field(
        description="Sentences that it was trained on, by source and label; empty where that is not known."
    )
    priors: list[str] = Field(description="The priors that a request may name.")
    default_prior: str = Field(description="The prior of requests that name none.")
    limits: Limits
    metrics: dict[str, Any] = Field(description="Measured quality, as in the model card.")


class Problem(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = Field(description="Which kind of problem this is; stays the same from version to version.")
    title: str
    status: int
    detail: str = Field(description="What to change about the request.")
    instance: str = Field(description="This occurrence, by the request's id.")


def fields_of(prediction: Prediction) -> dict[str, Any]:
    """The fields of a :class:`Result` for a prediction."""
    return {
        "label": prediction.label,
        "scores": rounded(prediction.scores),
        "prediction_set": prediction.prediction_set,
        "doubtful": prediction.doubtful,
        "margin": round(prediction.margin, PLACES),
        "truncated": prediction.truncated,
        "unsupported": prediction.unsupported,
    }


def rounded(scores: Mapping[Label, float]) -> dict[str, float]:
    """Scores of the labels as they are told."""
    return {label: round(score, PLACES) for label, score in scores.items()}
