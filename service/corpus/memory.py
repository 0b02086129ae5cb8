"""What was scored already: a text that comes again is not scored again, also when a killed run goes on.

On disk, since distinct texts may be more than fit into memory: SQLite keeps the busy pages of the table in a cache of
fixed size. A least-recently-used dictionary would be bounded too, but would score a text again that comes back late,
and would be empty after a kill.
"""

import hashlib
import math
import sqlite3
import struct
from collections.abc import Iterable, Iterator
from itertools import islice
from threading import Lock
from typing import Final

from models.labels import LABELS
from models.prediction import Prediction

# Label, prediction set (numbers of labels, 3 for none), truncated, unsupported, tokens, margin, scores, logits.
_FORM: Final = struct.Struct("<B3B??I7d")
_NONE: Final = len(LABELS)
_NO_LOGITS: Final = (math.nan,) * len(LABELS)
_AT_A_TIME: Final = 500  # SQLite's oldest limit of variables is 999


class Memory:
    """Predictions by text, exact to the last bit. Safe to use from several threads.

    Args:
        database: an open connection that may be used from any thread.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._lock = Lock()
        database.execute("CREATE TABLE IF NOT EXISTS scores (text BLOB PRIMARY KEY, prediction BLOB) WITHOUT ROWID")

    def get(self, keys: Iterable[bytes]) -> dict[bytes, Prediction]:
        """The predictions of those texts that were scored, by :func:`key_of` of the text."""
        found: dict[bytes, Prediction] = {}
        with self._lock:
            for some in _batched(keys):
                marks = ",".join("?" * len(some))
                rows = self._database.execute(f"SELECT text, prediction FROM scores WHERE text IN ({marks})", some)
                found.update((key, _unpacked(packed)) for key, packed in rows)
        return found

    def add(self, predictions: Iterable[tuple[bytes, Prediction]]) -> None:
        """Remember the predictions of texts; they outlive this process from the return on."""
        packed = [(key, _packed(prediction)) for key, prediction in predictions]
        if not packed:
            return
        with self._lock, self._database:
            self._database.executemany("INSERT OR REPLACE INTO scores VALUES (?, ?)", packed)


def key_of(text: str) -> bytes:
    """What a text is known by: 128 bits, so that two of 10^12 texts meet with a probability below 10^-14."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _batched(keys: Iterable[bytes]) -> Iterator[tuple[bytes, ...]]:
    remaining = iter(keys)
    while some := tuple(islice(remaining, _AT_A_TIME)):
        yield some


def _packed(prediction: Prediction) -> bytes:
    members = [LABELS.index(label) for label in prediction.prediction_set]
    members += [_NONE] * (len(LABELS) - len(members))
    return _FORM.pack(
        LABELS.index(prediction.label), *members, prediction.truncated, prediction.unsupported, prediction.tokens,
        prediction.margin, *(prediction.scores[label] for label in LABELS), *(prediction.logits or _NO_LOGITS),
    )  # fmt: skip


def _unpacked(packed: bytes) -> Prediction:
    label, first, second, third, truncated, unsupported, tokens, margin, *numbers = _FORM.unpack(packed)
    critical, neutral, supportive = numbers[len(LABELS) :]
    return Prediction(
        label=LABELS[label],
        scores=dict(zip(LABELS, numbers[: len(LABELS)], strict=True)),
        prediction_set=tuple(LABELS[each] for each in (first, second, third) if each != _NONE),
        margin=margin,
        truncated=truncated,
        unsupported=unsupported,
        logits=None if math.isnan(critical) else (critical, neutral, supportive),
        tokens=tokens,
    )
