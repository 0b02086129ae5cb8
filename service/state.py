"""What the routes work with: the settings, the model and its worker threads."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from models.classifier import Classifier
from models.errors import InputError, NotReady
from service.batching import WorkerPool
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Service:
    """A running service.

    Attributes:
        settings: what it runs with.
        classifier: the model.
        pool: the worker threads that the model runs on.
    """

    settings: Settings
    classifier: Classifier
    pool: WorkerPool

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
            NotReady: a worker thread has died, or the model keeps failing.
        """
        if not self.pool.healthy:
            raise NotReady("The model keeps failing or one of its worker threads has died. Restart the service.")


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
