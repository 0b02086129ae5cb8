"""The sentences at the top and at the bottom: a few of each, whatever their number."""

import hashlib
import heapq
from dataclasses import dataclass
from typing import Final

# Characters shown of a text.
_LONGEST: Final = 400


@dataclass(slots=True)
class Pick:
    """One text that is shown.

    Attributes:
        text: its beginning.
        scores: score of each label, in the order of ``LABELS``.
        where: where it is from, as far as columns tell it.
        times: rows with this very text.
    """

    text: str
    scores: tuple[float, ...]
    where: tuple[str, ...]
    times: int = 1


class Picks:
    """The texts with the highest ``rank``; each once, with the number of rows that it has.

    Among equal ranks the first text stays, and the rank of a text follows from the text. So one that was once too low
    is too low for ever, and the number of rows is exact.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._heap: list[tuple[float, int, bytes]] = []
        self._picks: dict[bytes, Pick] = {}
        self._seen = 0

    def offer(self, rank: float, text: str, scores: tuple[float, ...], where: tuple[str, ...]) -> None:
        """Take a text if it belongs to the highest."""
        full = len(self._heap) >= self._most
        if full and rank < self._heap[0][0]:
            return
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        if digest in self._picks:
            self._picks[digest].times += 1
            return
        if full and rank == self._heap[0][0]:
            return
        self._seen += 1
        item = (rank, -self._seen, digest)
        if full:
            del self._picks[heapq.heapreplace(self._heap, item)[2]]
        else:
            heapq.heappush(self._heap, item)
        shown = " ".join(text[: 2 * _LONGEST].split())
        clipped = len(shown) > _LONGEST or len(text) > 2 * _LONGEST
        self._picks[digest] = Pick(shown[:_LONGEST] + ("…" if clipped else ""), scores, where)

    def shown(self) -> list[Pick]:
        """The texts, the highest rank first."""
        return [self._picks[digest] for _, _, digest in sorted(self._heap, reverse=True)]
