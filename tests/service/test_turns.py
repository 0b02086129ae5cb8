"""Whose turn it is, and what a thread takes at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from service.job import Job
from service.turns import Turns


@dataclass(frozen=True)
class Several:
    """A function that takes several items at a time; equal ones are the same."""

    name: str

    def __call__(self, item: str) -> str:
        return item

    def together(self, items: Sequence[str]) -> list[str]:
        return list(items)


def taken(*jobs: tuple[object, str], threads: int = 1, weight: int = 1) -> list[str]:
    """What each take gives until nothing is left, of jobs of a function and its items' names, a letter each."""

    async def scenario() -> list[str]:
        turns = Turns()
        for function, items in jobs:
            turns.add(Job(function, items, [weight] * len(items)))  # type: ignore[arg-type]
        found = []
        while turns.waiting:
            found.append("".join(each.item for each in turns.take(threads, len(jobs))))
        assert (turns.waiting, turns.weight) == (0, 0)
        return found

    return asyncio.run(scenario())


def test_several_are_taken_in_turn_of_the_jobs() -> None:
    assert taken((Several("a"), "abc"), (Several("a"), "xyz")) == ["axbycz"]


def test_no_thread_takes_so_much_that_another_has_nothing_to_do() -> None:
    assert taken((Several("a"), "abcd"), threads=2) == ["ab", "c", "d"]


def test_what_is_taken_together_has_few_items_and_little_weight() -> None:
    assert taken((Several("a"), "abcdefghijkl")) == ["abcdefgh", "ijkl"]
    assert taken((Several("a"), "abcd"), weight=200) == ["ab", "cd"]
    assert taken((Several("a"), "ab"), weight=600) == ["a", "b"]


def test_other_functions_are_not_mixed() -> None:
    assert taken((Several("a"), "ab"), (Several("b"), "xy")) == ["a", "x", "b", "y"]
    assert taken((str, "ab"), (str, "xy")) == ["a", "x", "b", "y"], "this one takes one at a time"
