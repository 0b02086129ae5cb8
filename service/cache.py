"""Results are kept for texts that come again, as they do in corpora: in bounded memory, and never for another model."""

import sys
import threading
from collections.abc import Sequence
from typing import Any, Final

from cachetools import LRUCache

from models.classifier import Classifier
from models.encoding import TruncationSide
from models.prediction import Prediction
from service.metrics import Metrics

# What a result and its place in the cache take, beside the text; the tests hold the sum to what Python allocates.
_ENTRY_BYTES: Final = 1200

Key = tuple[object, str | None, TruncationSide, str]


class ResultCache:
    """The predictions of the texts used last. Safe to use from several threads.

    Args:
        max_bytes: what they may take, texts included; 0 keeps nothing.
    """

    def __init__(self, max_bytes: int) -> None:
        self._lock = threading.Lock()
        self._kept: LRUCache[Key, tuple[int, Prediction]] = LRUCache(max_bytes, getsizeof=lambda kept: kept[0])

    def get(self, key: Key) -> Prediction | None:
        """The prediction that was kept, None if there is none."""
        with self._lock:
            kept = self._kept.get(key)
        return None if kept is None else kept[1]

    def put(self, key: Key, prediction: Prediction) -> None:
        """Keep a prediction, in place of those that were used longest ago."""
        size = _ENTRY_BYTES + sys.getsizeof(key[-1])
        if size <= self._kept.maxsize:
            with self._lock:
                self._kept[key] = (size, prediction)


class ServedClassifier:
    """A classifier whose predictions by :meth:`classify_here` are counted and kept; in all else the classifier itself.

    Args:
        classifier: the model.
        metrics: where predictions are counted.
        cache: where they are kept, by the loaded model, the prior and the text; it may outlive the model.
    """

    def __init__(self, classifier: Classifier, metrics: Metrics, cache: ResultCache) -> None:
        self._classifier, self._metrics, self._cache = classifier, metrics, cache
        # Not the version, which stays when a model is calibrated anew, and not the model, which is to leave the memory.
        self._loaded = object()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._classifier, name)

    def classify_here(
        self, texts: Sequence[str], *, prior: str | None = None, truncation_side: TruncationSide = "right"
    ) -> list[Prediction]:
        """Classify texts on the calling thread, each once, except those for which that has been done before."""
        keys = [(self._loaded, prior, truncation_side, text) for text in texts]
        found = {key: kept for key in keys if (kept := self._cache.get(key)) is not None}
        new = [key for key in dict.fromkeys(keys) if key not in found]
        if new:
            unread = [text for *_, text in new]
            read = self._classifier.classify_here(unread, prior=prior, truncation_side=truncation_side)
            found.update(zip(new, read, strict=True))
        for key in new:
            self._cache.put(key, found[key])
        made = set(new)
        for key in keys:
            self._metrics.classified(found[key], kept=key not in made)
            made.discard(key)
        return [found[key] for key in keys]
