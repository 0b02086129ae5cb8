"""Counts by the values of a column, in bounded memory however many values there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from service.corpus.report.shares import Shares

# Values in memory at a time, and characters kept of each.
LIMIT: Final = 10_000
_LONGEST: Final = 80
NO_VALUE: Final = "(no value)"


@dataclass(frozen=True, slots=True)
class Shown:
    """The groups of a column as they are told.

    Attributes:
        largest: the groups with the most rows, by falling number of rows.
        other: all other rows together; None if there are none.
        folded: number of groups in ``other``; None if there were too many to keep them apart.
        missed: at most so many rows of a group that is shown may be among the others.
    """

    largest: list[tuple[str, Shares]]
    other: Shares | None
    folded: int | None
    missed: int


class Groups:
    """Counts by value. When there are too many values, the smaller half is folded together (lossy counting).

    Manku & Motwani (2002), with the bound on what a group may have lost kept at hand.
    """

    def __init__(self) -> None:
        self._shares: dict[str, Shares] = {}
        self._other = Shares()
        self._folded = False
        self._missed = 0
        self._since: dict[str, int] = {}

    def add(self, key: str, counts: Sequence[int]) -> None:
        """Add one document, as in :meth:`Shares.add`, to a group."""
        if key not in self._shares:
            if len(self._shares) >= LIMIT:
                self._fold()
            self._shares[key] = Shares()
            self._since[key] = self._missed
        self._shares[key].add(counts)

    def shown(self, most: int) -> Shown:
        """The ``most`` largest groups, and the rest together."""
        ordered = sorted(self._shares.items(), key=lambda item: (-item[1].rows, item[0]))
        ordered = [(key, shares) for key, shares in ordered if shares.rows]
        largest, rest = ordered[:most], ordered[most:]
        other = Shares()
        other.merge(self._other)
        for _, shares in rest:
            other.merge(shares)
        missed = max((self._since[key] for key, _ in largest), default=0)
        return Shown(largest, other if other.rows else None, None if self._folded else len(rest), missed)

    def _fold(self) -> None:
        ordered = sorted(self._shares, key=lambda key: self._shares[key].rows)
        for key in ordered[: len(ordered) // 2]:
            shares = self._shares.pop(key)
            # A group that comes back later may have lost what it had each time that it was folded.
            self._missed = max(self._missed, self._since.pop(key) + shares.rows)
            self._other.merge(shares)
            self._folded = True


def group_of(value: Any) -> str:
    """The name of a value's group, on one line and not too long."""
    text = "" if value is None else " ".join(str(value).split())
    return (text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…") or NO_VALUE
