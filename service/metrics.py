"""What Prometheus is told. With several worker processes each writes its own files, and any of them tells the sum."""

import os
from collections.abc import Iterable
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from models.classifier import Classifier
from models.labels import LABELS
from models.prediction import Prediction

# Where prometheus_client keeps the files of several processes; it has to be set before the library is imported.
DIRECTORY_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
# A path is the sender's text, and so is an unusual method: neither becomes the name of a series.
NO_ROUTE: Final = "none"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        common: dict[str, Any] = {"namespace": "ru_stance", "registry": self._registry}
        self._requests = Counter("requests", "Requests answered.", ("route", "method", "status"), **common)
        self._seconds = Histogram(
            "request_seconds",
            "Seconds from a request's head to the end of its answer.",
            ("route",),
            **common,
            buckets=_SECONDS,
        )
        self._waiting = Gauge("queue_depth", "Sentences that wait for a core.", **common, multiprocess_mode="livesum")
        self._sentences = Counter("sentences", "Sentences classified.", **common)
        self._tokens = Counter("tokens", "Tokens that the model has read.", **common)
        self._labels = Counter("labels", "Labels given.", ("label",), **common)
        self._truncated = Counter("truncated_sentences", "Sentences whose end was not read.", **common)
        self._unsupported = Counter("unsupported_sentences", "Sentences outside the model's languages.", **common)
        # Series that are there before anything happens, so that a rate over the first event is right.
        for label in LABELS:
            self._labels.labels(label)
        self._waiting.set(0)

    def expect(self, routes: Iterable[tuple[str, str]]) -> None:
        """Make the series of these routes, given as path template and method, before the first request."""
        for route, method in routes:
            self._requests.labels(route, method, "200")
            self._seconds.labels(route)

    def answered(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """Count a request, by the template of its route, which is None where no route took it."""
        name = route or NO_ROUTE
        self._requests.labels(name, method if method in _METHODS else "other", str(status)).inc()
        self._seconds.labels(name).observe(seconds)

    def classified(self, prediction: Prediction) -> None:
        """Count a sentence."""
        self._sentences.inc()
        self._tokens.inc(prediction.tokens)
        self._labels.labels(prediction.label).inc()
        self._truncated.inc(prediction.truncated)
        self._unsupported.inc(prediction.unsupported)

    def waiting(self, sentences: int) -> None:
        """Tell how many sentences wait in this process."""
        self._waiting.set(sentences)

    def render(self, accept: str) -> tuple[bytes, str]:
        """All series, in the format that an ``Accept`` header asks for, and its media type."""
        registry = self._registry
        if DIRECTORY_VARIABLE in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        encode, media_type = choose_encoder(accept)
        return encode(registry), media_type


class CountedClassifier:
    """A classifier whose every single prediction is counted; in all else the classifier itself."""

    def __init__(self, classifier: Classifier, metrics: Metrics) -> None:
        self._classifier, self._metrics = classifier, metrics

    def __getattr__(self, name: str) -> Any:
        return getattr(self._classifier, name)

    def classify_one(self, text: str, *, prior: str | None = None) -> Prediction:
        """Classify one text on the calling thread."""
        prediction = self._classifier.classify_one(text, prior=prior)
        self._metrics.classified(prediction)
        return prediction
