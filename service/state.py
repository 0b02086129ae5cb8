"""What the routes work with: the settings, the model and its worker threads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from models.classifier import Classifier
from models.encoding import TruncationSide
from models.errors import InputError, NotReady
from models.prediction import Prediction
from service.batching import WorkerPool
from service.limits import tokens_of
from service.metrics import Metrics
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads texts with one model and one prior; equal ones of several requests are read in one go by a thread."""

    classifier: Classifier
    prior: str | None
    truncation_side: TruncationSide

    def __call__(self, text: str) -> Prediction:
        """Classify one text."""
        return self.together([text])[0]

    def together(self, texts: Sequence[str]) -> list[Prediction]:
        """Classify several texts: no other scores than alone, in less time."""
        return self.classifier.classify_here(texts, prior=self.prior, truncation_side=self.truncation_side)


@dataclass(frozen=True, slots=True)
class Service:
    """A running service.

    Attributes:
        settings: what it runs with.
        classifier: the model.
        pool: the worker threads that the model runs on.
        metrics: what is counted; None for the documentation's examples, which are nobody's sentences.
    """

    settings: Settings
    classifier: Classifier
    pool: WorkerPool
    metrics: Metrics | None = None

    async def classify(
        self, texts: Sequence[str], prior: str | None = None, *, truncation_side: TruncationSide = "right"
    ) -> list[Prediction]:
        """Classify texts on the worker threads, in turn with the other requests.

        Args:
            texts: within the limits.
            prior: the prior to score with; the model's default when left out.
            truncation_side: which end of a text is not read if it is too long.

        Returns:
            One prediction a text, in the order of the texts; shared with other requests, so not to be changed.

        Raises:
            InputError: the model has no such prior.
            Overloaded: the queue has no room for these texts now.
            NotReady: the service is shutting down, or a worker thread has died.
        """
        predict = Reading(self.classifier, self.prior(prior), truncation_side)
        most = self.classifier.info.max_length
        predictions = await self.pool.map(predict, texts, weights=[tokens_of(text, most) for text in texts])
        if self.metrics is not None:
            self.metrics.batch(len(texts))
        return predictions

    def prior(self, asked: str | None) -> str | None:
        """The prior to score with, None for the model's default.

        Raises:
            InputError: the model has no such prior.
        """
        known = self.classifier.info.priors
        if asked is not None and asked not in known:
            raise InputError(f"prior must be one of {', '.join(known)}, or left out.")
        return asked

    def require_ready(self) -> None:
        """Check that texts can be classified.

        Raises:
            NotReady: a worker thread has died or hung, or the model keeps failing.
        """
        if not self.pool.healthy:
            raise NotReady(
                "The model keeps failing, or one of its worker threads has died or hung. Restart the service."
            )


async def service_of(request: Request) -> Service:
    """The service that answers this request.

    Raises:
        NotReady: the model is not loaded yet.
    """
    service: Service | None = getattr(request.app.state, "service", None)
    if service is None:
        raise NotReady("The model is not loaded yet. Send the request again in a few seconds.")
    return service


ServiceDep = Annotated[Service, Depends(service_of)]
