"""How far people agree: the majority of a text's votes, and Krippendorff's alpha over all texts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Self

from models.labels import LABELS, Label
from service.feedback.store import LabelRow


@dataclass(frozen=True, slots=True)
class Votes:
    """The votes on one text.

    Attributes:
        counts: votes for each label, in the labels' order.
    """

    counts: tuple[int, ...]

    @classmethod
    def of(cls, labels: Iterable[Label]) -> Self:
        """Count votes."""
        counted = Counter(labels)
        return cls(tuple(counted[label] for label in LABELS))

    @property
    def by_label(self) -> dict[Label, int]:
        """Votes for each label."""
        return dict(zip(LABELS, self.counts, strict=True))

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.counts)

    @property
    def majority(self) -> Label | None:
        """The label with most votes; None if there are none, or two labels have as many."""
        most = max(self.counts)
        return LABELS[self.counts.index(most)] if self.counts.count(most) == 1 else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far people agree.

    Attributes:
        texts, votes, annotators: how many there are.
        majorities: texts by the label that most votes are for.
        ties: texts without a majority.
        compared: texts with two votes or more.
        unanimous: those of them whose votes are all the same.
        alpha: Krippendorff's alpha; None if it is not defined.
    """

    texts: int
    votes: int
    annotators: int
    majorities: dict[Label, int]
    ties: int
    compared: int
    unanimous: int
    alpha: float | None


def by_text(rows: Iterable[LabelRow]) -> Iterator[tuple[LabelRow, Votes]]:
    """The latest row of each text, and its votes. The rows of a text stand beside each other, the oldest first."""
    for _, group in groupby(rows, key=lambda row: row.text_sha256):
        found = list(group)
        yield found[-1], Votes.of(row.label for row in found)


def agreement(rows: Iterable[LabelRow]) -> Agreement:
    """How far the votes in these rows agree; see :func:`by_text` for their order."""
    annotators: set[str] = set()

    def seen() -> Iterator[LabelRow]:
        for row in rows:
            annotators.add(row.annotator)
            yield row

    units = Counter(votes for _, votes in by_text(seen()))
    majorities = Counter[Label | None]()
    for votes, times in units.items():
        majorities[votes.majority] += times
    compared = {votes: times for votes, times in units.items() if votes.total > 1}
    return Agreement(
        texts=units.total(),
        votes=sum(times * votes.total for votes, times in units.items()),
        annotators=len(annotators),
        majorities={label: majorities[label] for label in LABELS},
        ties=majorities[None],
        compared=sum(compared.values()),
        unanimous=sum(times for votes, times in compared.items() if max(votes.counts) == votes.total),
        alpha=krippendorff_alpha(compared),
    )


def krippendorff_alpha(units: Mapping[Votes, int]) -> float | None:
    """Krippendorff's alpha for nominal data, with any number of votes on a text.

    The formula is that of K. Krippendorff, *Computing Krippendorff's Alpha-Reliability* (2011), section D. The library
    `krippendorff` was not taken since it is under the GPL.

    Args:
        units: for the votes that a text has, how many texts have them; those with one vote say nothing.

    Returns:
        At most 1; None if no text has two votes, or all votes are for one label.
    """
    paired = [(votes, times) for votes, times in units.items() if votes.total > 1]
    weighted = ([times * each for each in votes.counts] for votes, times in paired)
    totals: list[int] = [sum(column) for column in zip(*weighted, strict=True)]
    count = sum(totals)
    expected = count**2 - sum(each**2 for each in totals)
    if expected == 0:
        return None
    observed: float = sum(
        times * (votes.total**2 - sum(each**2 for each in votes.counts)) / (votes.total - 1) for votes, times in paired
    )
    return 1 - (count - 1) * observed / expected
