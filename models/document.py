"""A whole text: its sentences, and what they come to together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from models.labels import LABELS, Label
from models.prediction import Prediction
from models.sentences import Span

# Evidence that is assumed to be missing on either side: one full sentence, and one in twenty for what a model
# gets wrong, which grows with the text.
_SHRINKAGE: Final = 1.0
_SHRINKAGE_A_SENTENCE: Final = 0.05
_RESAMPLES: Final = 1000
_SEED: Final = 20220224
# Drawn at a time, so that a book takes no more memory than an article.
_BLOCK: Final = 1_000_000

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SentencePrediction:
    """One sentence of a text: ``text[start:end]``, and what the model says of it.

    Attributes:
        start: offset of its first character, counted from 0.
        end: offset after its last character.
        text: the sentence.
        prediction: what the model says of it.
    """

    start: int
    end: int
    text: str
    prediction: Prediction


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """What the sentences of a text come to.

    Attributes:
        counts: number of supported sentences of each label.
        shares: the same as shares of the supported sentences, each in [0, 1]; all 0 for a text without any.
        mean_scores: mean score of each label over the supported sentences; all 0 for a text without any.
        lean: which way the text leans, from -1 (critical) to 1 (supportive); see :func:`summarise`.
        lean_interval: 95% interval of the lean.
        doubtful: number of sentences for which more than one label remains possible, as for each unsupported one.
        unsupported: number of sentences outside the model's languages, of which it says nothing.
        truncated: number of sentences that are longer than the model reads.
    """

    counts: dict[Label, int]
    shares: dict[Label, float]
    mean_scores: dict[Label, float]
    lean: float
    lean_interval: tuple[float, float]
    doubtful: int
    unsupported: int
    truncated: int


@dataclass(frozen=True, slots=True)
class Document:
    """A text that was classified sentence by sentence, in its order."""

    sentences: tuple[SentencePrediction, ...]
    summary: DocumentSummary


def placed(text: str, spans: Sequence[Span], predictions: Sequence[Prediction]) -> tuple[SentencePrediction, ...]:
    """The sentences of a text with their predictions, which are in the order of the spans."""
    return tuple(
        SentencePrediction(start, end, text[start:end], prediction)
        for (start, end), prediction in zip(spans, predictions, strict=True)
    )


def summarise(sentences: Sequence[SentencePrediction]) -> DocumentSummary:
    """Take the sentences of a text together.

    Counts, shares and mean scores are over the supported sentences: of the others the model says nothing, and that is
    not the same as neutral.

    The lean is (S - C) / (S + C + k). S adds up, over the sentences labelled supportive, by how much that score exceeds
    the next best, and C likewise for critical; so a neutral sentence adds nothing, however many there are, a doubtful
    one little, and none makes the lean jump when it falls to the other side of a tie. k = 1 + n / 20 for n sentences,
    the unsupported ones included, shrinks the lean towards 0 where there is little evidence: a stray weak sentence in a
    long neutral article hardly moves it, while a side taken in every fifth sentence shows at any length.

    The interval is the 2.5% and 97.5% percentile of the lean over 1,000 resamples of the sentences (percentile
    bootstrap, Efron & Tibshirani 1993) with a fixed seed, so that the same sentences give the same interval. It tells
    how much the lean rests on few sentences. With fewer than about ten of them it is too narrow, and with one it has
    no width.

    Args:
        sentences: the sentences with their predictions, in any order.
    """
    count = len(sentences)
    predictions = [sentence.prediction for sentence in sentences]
    supported = [each for each in predictions if not each.unsupported]
    counts = {label: sum(each.label == label for each in supported) for label in LABELS}
    totals = {label: sum(each.scores[label] for each in supported) for label in LABELS}
    evidence = np.array([_evidence(each) for each in predictions], dtype=np.float64).reshape(count, 2)
    return DocumentSummary(
        counts=counts,
        shares={label: counts[label] / max(len(supported), 1) for label in LABELS},
        mean_scores={label: totals[label] / max(len(supported), 1) for label in LABELS},
        lean=float(_lean(evidence.sum(axis=0), count)),
        lean_interval=_interval(evidence),
        doubtful=sum(each.doubtful for each in predictions),
        unsupported=count - len(supported),
        truncated=sum(each.truncated for each in predictions),
    )


def _evidence(prediction: Prediction) -> tuple[float, float]:
    """What one sentence adds to C and to S."""
    return (
        prediction.margin if prediction.label == "critical" else 0.0,
        prediction.margin if prediction.label == "supportive" else 0.0,
    )


def _lean(evidence: Floats, count: int) -> Floats:
    critical, supportive = evidence[..., 0], evidence[..., 1]
    shrinkage = _SHRINKAGE + _SHRINKAGE_A_SENTENCE * count
    return np.asarray((supportive - critical) / (supportive + critical + shrinkage))


def _interval(evidence: Floats) -> tuple[float, float]:
    count = len(evidence)
    if not evidence.any():
        return 0.0, 0.0
    generator = np.random.default_rng(_SEED)
    block = max(1, _BLOCK // count)
    leans = [
        _lean(evidence[generator.integers(count, size=(min(block, _RESAMPLES - done), count))].sum(axis=1), count)
        for done in range(0, _RESAMPLES, block)
    ]
    low, high = np.quantile(np.concatenate(leans), (0.025, 0.975)).tolist()
    return low, high
