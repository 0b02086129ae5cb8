"""Shares of the labels with their 95% intervals, from counts alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from models.labels import LABELS, Label

_Z: Final = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Share:
    """A share of rows with its 95% interval ``[low, high]``, all in [0, 1]."""

    value: float
    low: float
    high: float


class Shares:
    """Counts of each label, kept so that rows of one document need not be taken as independent.

    Attributes:
        rows: number of rows.
        counts: number of rows of each label, in the order of ``LABELS``.
        documents: number of documents that the rows are from; as many as rows if each row is one.
        documents_with: number of documents with at least one row of each label.
    """

    __slots__ = ("_cross", "_sizes", "_squares", "counts", "documents", "documents_with", "rows")

    def __init__(self) -> None:
        self.rows = 0
        self.documents = 0
        self.counts = [0] * len(LABELS)
        self.documents_with = [0] * len(LABELS)
        # Sums over documents of size², count², and count x size: the variance between documents follows from them.
        self._sizes = 0
        self._squares = [0] * len(LABELS)
        self._cross = [0] * len(LABELS)

    def add(self, counts: Sequence[int]) -> None:
        """Add one document.

        Args:
            counts: its rows of each label, in the order of ``LABELS``; the document is left out if all are 0.
        """
        size = sum(counts)
        if not size:
            return
        self.rows += size
        self.documents += 1
        self._sizes += size * size
        for index, count in enumerate(counts):
            if count:
                self.counts[index] += count
                self.documents_with[index] += 1
                self._squares[index] += count * count
                self._cross[index] += count * size

    def merge(self, other: "Shares") -> None:
        """Add all documents of another."""
        self.rows += other.rows
        self.documents += other.documents
        self._sizes += other._sizes
        for mine, theirs in (
            (self.counts, other.counts),
            (self.documents_with, other.documents_with),
            (self._squares, other._squares),
            (self._cross, other._cross),
        ):
            mine[:] = [a + b for a, b in zip(mine, theirs, strict=True)]

    def of(self, label: Label) -> Share:
        """Share of the rows with the label, with Wilson's interval at :meth:`effective` rows; (0, 0, 1) of no rows."""
        return wilson(self.counts[LABELS.index(label)], self.rows, self.effective())

    def of_documents(self, label: Label) -> Share:
        """Share of the documents with at least one row of the label, with Wilson's interval."""
        return wilson(self.documents_with[LABELS.index(label)], self.documents)

    def effective(self) -> float:
        """How many independent rows tell as much as these do, in [1, rows].

        Sentences of one document are alike, so that they tell less than as many sentences of different documents. The
        number of rows is divided by their mean design effect (Rao & Scott 1981), where documents are drawn, not rows.
        It is the number of rows if each is a document of its own, and where there is one document, which cannot tell
        how documents differ.
        """
        if self.documents in (self.rows, 1):
            return float(self.rows)
        shares = [count / self.rows for count in self.counts]
        seen = [index for index, share in enumerate(shares) if share]
        if len(seen) == 1:
            return float(self.documents)
        between = self.documents / (self.documents - 1) / self.rows
        design = sum(
            between
            * (self._squares[index] - 2 * shares[index] * self._cross[index] + shares[index] ** 2 * self._sizes)
            / shares[index]
            for index in seen
        ) / (len(seen) - 1)
        return max(1.0, self.rows / max(design, 1.0))


def wilson(hits: int, rows: int, effective: float | None = None) -> Share:
    """A share of rows with the 95% interval of Wilson (1927); (0, 0, 1) of no rows.

    Args:
        hits: rows that have what is counted.
        rows: all rows.
        effective: how many independent rows tell as much; ``rows`` when left out.
    """
    if not rows:
        return Share(0.0, 0.0, 1.0)
    share, number = hits / rows, rows if effective is None else effective
    shrink = 1 + _Z**2 / number
    centre = (share + _Z**2 / (2 * number)) / shrink
    half = _Z / shrink * (share * (1 - share) / number + _Z**2 / (4 * number**2)) ** 0.5
    return Share(share, 0.0 if hits == 0 else centre - half, 1.0 if hits == rows else centre + half)
