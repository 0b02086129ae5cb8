"""What Prometheus is told. With several worker processes each writes its own files, and any of them tells the sum."""

import os
from collections.abc import Iterable
from typing import Any, Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from models.labels import LABELS
from models.prediction import Prediction

# Where prometheus_client keeps the files of several processes; it has to be set before the library is imported.
DIRECTORY_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
# A path is the sender's text, and so is an unusual method: neither becomes the name of a series.
NO_ROUTE: Final = "none"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_COUNTS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
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
        self._waiting_tokens = Gauge(
            "queue_tokens", "Tokens of these, told from their lengths.", **common, multiprocess_mode="livesum"
        )
        self._sharing = Histogram(
            "sharing_requests",
            "Requests that shared the cores, one after the other, whenever a core took a sentence.",
            **common,
            buckets=_COUNTS,
        )
        self._batch = Histogram(
            "batch_sentences",
            "Sentences that were handed to the cores at once, by one request.",
            **common,
            buckets=_COUNTS,
        )
        self._pass = Histogram(
            "pass_tokens",
            "Tokens of a forward pass; it has one sentence.",
            **common,
            buckets=[count for count in _COUNTS if count > 2],
        )
        self._sentences = Counter("sentences", "Sentences classified.", **common)
        self._tokens = Counter("tokens", "Tokens that the model has read.", **common)
        self._kept = Counter("cached_sentences", "Sentences whose result had been kept.", **common)
        self._labels = Counter("labels", "Labels given.", ("label",), **common)
        self._truncated = Counter("truncated_sentences", "Sentences whose end was not read.", **common)
        self._unsupported = Counter("unsupported_sentences", "Sentences outside the model's languages.", **common)
        self._reloads = Counter(
            "model_reloads", "Models that were released while the service ran.", ("outcome",), **common
        )
        # Series that are there before anything happens, so that a rate over the first event is right.
        for label in LABELS:
            self._labels.labels(label)
        for outcome in ("served", "refused"):
            self._reloads.labels(outcome)
        self.waiting(0, 0)

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

    def classified(self, prediction: Prediction, *, kept: bool) -> None:
        """Count a sentence, for which the model did not have to run if its result had been kept."""
        self._sentences.inc()
        if kept:
            self._kept.inc()
        elif prediction.tokens:
            self._tokens.inc(prediction.tokens)
            self._pass.observe(prediction.tokens)
        self._labels.labels(prediction.label).inc()
        self._truncated.inc(prediction.truncated)
        self._unsupported.inc(prediction.unsupported)

    def reloaded(self, outcome: Literal["served", "refused"]) -> None:
        """Count a released model that was taken, or was not."""
        self._reloads.labels(outcome).inc()

    def batch(self, sentences: int) -> None:
        """Count what a request has handed over at once."""
        self._batch.observe(sentences)

    def waiting(self, items: int, weight: int) -> None:
        """Tell how many sentences wait in this process, and their tokens."""
        self._waiting.set(items)
        self._waiting_tokens.set(weight)

    def taken(self, callers: int) -> None:
        """Count among how many requests a core took a sentence."""
        self._sharing.observe(callers)

    def render(self, accept: str) -> tuple[bytes, str]:
        """All series, in the format that an ``Accept`` header asks for, and its media type."""
        registry = self._registry
        if DIRECTORY_VARIABLE in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        encode, media_type = choose_encoder(accept)
        return encode(registry), media_type
