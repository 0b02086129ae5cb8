"""The one class and the one verb: ``Classifier.load().classify(texts)``."""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final, Self, TypeVar

import numpy as np
import numpy.typing as npt

from models import languages, sentences
from models.calibration import Prior
from models.directory import ModelDirectory, ModelInfo, open_directory
from models.document import Document, placed, summarise
from models.encoding import Encoder, Encoding, TruncationSide
from models.errors import InputError, ModelError
from models.graph import Graph, Logits
from models.labels import LABELS
from models.machine import usable_cores
from models.prediction import Prediction
from models.text import checked

Result = TypeVar("Result")

# Texts that a thread takes at a time, at most; of few texts every thread gets several shares.
_TOGETHER: Final = 16
_SHARES: Final = 4

_BLANK: Final = Prediction("neutral", {"critical": 0.0, "neutral": 1.0, "supportive": 0.0}, ("neutral",), margin=1.0)
_UNSUPPORTED: Final = Prediction(
    "neutral", dict.fromkeys(LABELS, 1 / len(LABELS)), LABELS, margin=0.0, unsupported=True
)


class Classifier:
    """A stance model, loaded. Safe to use from several threads; make it after a fork, not before.

    Every text runs through the model alone, unpadded, on one thread, so that its scores never depend on the texts
    beside it; several texts run at the same time on several threads.

    ::

        classifier = Classifier.load()
        for prediction in classifier.classify(["Russia has invaded a peaceful neighbour."]):
            print(prediction.label, prediction.confidence, prediction.prediction_set)

    Args:
        directory: the model's files; :meth:`load` opens them.
        threads: texts that run at the same time; one a usable core when left out.
        prior: the prior that is used when a call names none; the model's own default when left out.

    Raises:
        ModelBroken: the tokenizer or the graph cannot be loaded.
        InputError: the model has no such prior, or there would be no thread.
    """

    def __init__(self, directory: ModelDirectory, *, threads: int | None = None, prior: str | None = None) -> None:
        self._directory = directory
        self._default_prior = self._prior(prior or directory.info.default_prior)
        self._threads = usable_cores() if threads is None else threads
        if self._threads < 1:
            raise InputError(f"threads must be at least 1, not {threads}.")
        self._executor = ThreadPoolExecutor(self._threads, thread_name_prefix="ru-stance-classify")
        identifier = self._executor.submit(languages.prepare)  # takes as long to load as the two others together
        self._encoder = Encoder(directory.tokenizer, directory.info.max_length)
        self._graph: Graph | None = Graph(directory.graph)
        identifier.result()

    @classmethod
    def load(cls, directory: str | Path | None = None, *, threads: int | None = None, prior: str | None = None) -> Self:
        """Load a model directory; its files are checked against their checksums.

        Args:
            directory: the model directory; left out, that of :func:`models.directory.default_directory`.
            threads: texts that run at the same time; one a usable core when left out.
            prior: the prior that is used when a call names none; the model's own default when left out.

        Raises:
            ModelNotFound: there is no such directory, or a file is missing.
            ModelBroken: a file is damaged or does not hold what it should.
            InputError: the model has no such prior, or there would be no thread.
        """
        return cls(open_directory(directory), threads=threads, prior=prior)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End its threads and let its weights go, once the calls under way have ended; none may follow."""
        self._executor.shutdown()
        self._graph = None

    @property
    def info(self) -> ModelInfo:
        """What the model says of itself."""
        return self._directory.info

    def classify(self, texts: Sequence[str], *, prior: str | None = None) -> list[Prediction]:
        """Classify texts, each a sentence, a headline or a post.

        A text of white space alone says nothing and is neutral with score 1. A text outside of the model's
        languages is told as ``unsupported``. A text longer than the model reads is told as ``truncated``.

        Args:
            texts: any number of them.
            prior: how often each label is assumed to occur: one of ``info.priors``.

        Returns:
            One prediction a text, in the order of the texts.

        Raises:
            TextError: a text is not a string or has lone surrogates; ``index`` tells which.
            InputError: the model has no such prior, or ``texts`` is one string.
        """
        chosen = self._chosen(prior)
        return self._map(lambda some: self._predict(some, chosen), _all_checked(texts))

    def classify_one(
        self, text: str, *, prior: str | None = None, truncation_side: TruncationSide = "right"
    ) -> Prediction:
        """Classify one text on the calling thread, exactly as :meth:`classify` does.

        Args:
            text: a sentence, a headline or a post.
            prior: how often each label is assumed to occur: one of ``info.priors``.
            truncation_side: which end of the text is not read if it is too long.

        Raises:
            TextError: the text is not a string or has lone surrogates.
            InputError: the model has no such prior.
        """
        return self.classify_here([text], prior=prior, truncation_side=truncation_side)[0]

    def classify_here(
        self, texts: Sequence[str], *, prior: str | None = None, truncation_side: TruncationSide = "right"
    ) -> list[Prediction]:
        """Classify a few texts on the calling thread, each exactly as :meth:`classify_one` does alone.

        Raises:
            TextError: a text is not a string or has lone surrogates; ``index`` tells which.
            InputError: the model has no such prior, or ``texts`` is one string.
        """
        return self._predict(_all_checked(texts), self._chosen(prior), truncation_side)

    def logits(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """What the model gives before any prior shift, also for blank and foreign texts; for fitting and measuring.

        Returns:
            Float32, of shape [number of texts, 3], in the order of the texts and of ``info.labels``.

        Raises:
            TextError: a text is not a string or has lone surrogates; ``index`` tells which.
            InputError: ``texts`` is one string.
        """
        rows = self._map(self._logits, _all_checked(texts))
        return np.array(rows, dtype=np.float32).reshape(-1, len(LABELS))

    def document(self, text: str, *, prior: str | None = None) -> Document:
        """Classify every sentence of a longer text, and summarise.

        Raises:
            TextError: the text is not a string or has lone surrogates.
            InputError: the model has no such prior.
        """
        spans = sentences.split(text)
        predictions = self.classify([text[start:end] for start, end in spans], prior=prior)
        found = placed(text, spans, predictions)
        return Document(found, summarise(found))

    def _map(self, function: Callable[[list[str]], list[Result]], texts: list[str]) -> list[Result]:
        # Each share has long texts and short ones, so that no thread works on while the others have nothing left.
        order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
        alone = self._threads == 1 or len(texts) < 2 or self._graph is None
        number = max(math.ceil(len(texts) / _TOGETHER), 1 if alone else _SHARES * self._threads)
        shares = [share for start in range(number) if (share := order[start::number])]
        given = ([texts[index] for index in share] for share in shares)
        answers = map(function, given) if alone else self._executor.map(function, given)
        found: dict[int, Result] = {}
        for share, results in zip(shares, answers, strict=True):
            found.update(zip(share, results, strict=True))
        return [found[index] for index in range(len(texts))]

    def _predict(
        self, texts: Sequence[str], prior: Prior, truncation_side: TruncationSide = "right"
    ) -> list[Prediction]:
        # All texts step by step, not text by text: what a step needs is in the processor's caches from the second text
        # on, and out of them after a run of the model, where the step would take several times as long.
        read = [_unread(text) or self._encoder.encode(text, truncation_side) for text in texts]
        run = [(each, self._run(each)) if isinstance(each, Encoding) else each for each in read]
        return [each if isinstance(each, Prediction) else _told(*each, prior) for each in run]

    def _logits(self, texts: Sequence[str]) -> list[Logits]:
        return [self._run(encoding) for encoding in [self._encoder.encode(text) for text in texts]]

    def _run(self, encoding: Encoding) -> Logits:
        graph = self._graph
        if graph is None:
            raise ModelError("The classifier is closed. Load the model again: Classifier.load().")
        return graph.run(encoding.ids)

    def _chosen(self, prior: str | None) -> Prior:
        return self._default_prior if prior is None else self._prior(prior)

    def _prior(self, name: str) -> Prior:
        priors = self._directory.priors
        if name not in priors:
            raise InputError(f"The model has no prior {name!r}; choose one of {', '.join(priors)}.")
        return priors[name]


def _unread(text: str) -> Prediction | None:
    """The prediction of a text that the model does not have to read."""
    if not text or text.isspace():
        return _copy(_BLANK)
    return None if languages.is_supported(text) else _copy(_UNSUPPORTED)


def _told(encoding: Encoding, logits: Logits, prior: Prior) -> Prediction:
    critical, neutral, supportive = prior.shifted(logits).tolist()
    scores = prior.scores(logits)
    second, first = np.sort(scores)[-2:].tolist()
    return Prediction(
        label=LABELS[int(scores.argmax())],
        scores=dict(zip(LABELS, scores.tolist(), strict=True)),
        prediction_set=prior.prediction_set(scores),
        margin=first - second,
        truncated=encoding.truncated,
        logits=(critical, neutral, supportive),
        tokens=len(encoding.ids),
    )


def _copy(prediction: Prediction) -> Prediction:
    # Its scores are a dict, which a caller may change without another's predictions changing with it.
    return replace(prediction, scores=dict(prediction.scores))


def _all_checked(texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str | bytes):
        raise InputError("Give a list of texts, also for one: classify([text]).")
    return [checked(text, index) for index, text in enumerate(texts)]
