"""The running service follows the registry's pointer: it loads a released model beside the old one, and swaps them.

Every worker process watches for itself, by asking once a second whether the file is another one: that works on every
file system, also on one that is shared between containers, where notifications do not arrive.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from models.classifier import Classifier
from models.directory import RELEASED
from models.errors import ModelError, ReloadRefused
from models.registry import Registry
from service.logging import log
from service.metrics import Metrics
from service.settings import Settings

SECONDS: Final = 1.0
# Run through a new model before it is served: a graph may load and still not run.
_PROBE: Final = "The delegation landed on Monday."
_REFUSED: Final = (
    "The released model cannot be served; the one before still is. The log says why: release another version."
)

_Signature = tuple[int, int, int] | None


def load_classifier(settings: Settings) -> Classifier:
    """Load the model to serve: the one that the settings name, else the released one, else the shipped one.

    Raises:
        ModelNotFound: there is no such model.
        ModelBroken: its files, or the registry's pointer, are damaged.
        InputError: it has no such prior.
    """
    directory = settings.model or Registry(settings.registry_folder).released_directory() or RELEASED
    return Classifier.load(directory, threads=settings.threads, prior=settings.prior)


class Follower:
    """Keeps the served model the released one.

    Args:
        settings: what the service runs with.
        served: the version that is served now.
        swap: called on the event loop with a new model; requests that come later use it.
        metrics: where loads and refusals are counted.
    """

    def __init__(self, settings: Settings, served: str, swap: Callable[[Classifier], None], metrics: Metrics) -> None:
        self.registry = Registry(settings.registry_folder)
        self._settings, self._served, self._swap, self._metrics = settings, served, swap, metrics
        self._loading = asyncio.Lock()
        self._seen: _Signature = None
        self._begun = False
        self._refused = False

    async def follow(self) -> None:
        """Look at the pointer every second, until cancelled."""
        while True:
            try:
                await self._look()
            except Exception as error:
                # Whatever goes wrong with one release must not end the watch for the next.
                log(logging.ERROR, "the released model is refused", error, served=self._served)
            await asyncio.sleep(SECONDS)

    async def reload(self) -> str:
        """Have every worker load the released model again; give the version that this one then serves.

        Raises:
            ReloadRefused: the pointer cannot be written, or the model cannot be served.
        """
        try:
            await asyncio.to_thread(self.registry.announce)
            await self._look()
        except Exception as error:
            log(logging.ERROR, "the released model is refused", error, served=self._served)
            raise ReloadRefused(_REFUSED) from error
        if self._refused:
            # The watch was faster, and has logged what is wrong.
            raise ReloadRefused(_REFUSED)
        return self._served

    async def _look(self) -> None:
        """Load the released model if the pointer is another one than when it was last looked at."""
        async with self._loading:
            found, first = self._signature(), not self._begun
            self._begun = True
            if found == self._seen:
                return
            # Also where it is refused: it is tried again when the pointer changes, and not every second.
            before, self._seen = self._seen, found
            self._refused = False
            try:
                if first and found is not None and self._is_served():
                    return
                classifier = await asyncio.to_thread(_checked, self._settings)
            except asyncio.CancelledError:
                # Who asked for it has gone; the next look is to load it all the same.
                self._seen = before
                raise
            except Exception:
                self._refused = True
                self._metrics.reloaded("refused")
                raise
            last, self._served = self._served, classifier.info.version
            self._swap(classifier)
            self._metrics.reloaded("served")
            log(logging.INFO, "another model is served", version=self._served, before=last)

    def _is_served(self) -> bool:
        """Whether the released version is the one that the service began with."""
        release = self.registry.released()
        return self._settings.model is not None or (release is not None and release.version == self._served)

    def _signature(self) -> _Signature:
        try:
            found = self.registry.pointer.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def _checked(settings: Settings) -> Classifier:
    """The model to serve, loaded and run once.

    Raises:
        RuStanceError: it cannot be loaded.
        ModelError: it does not run.
    """
    classifier = load_classifier(settings)
    try:
        classifier.classify_one(_PROBE)
    except Exception as error:
        raise ModelError("The model loads, but does not run.") from error
    return classifier
