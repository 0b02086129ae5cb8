"""What one request has the worker threads do."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Job(Generic[Item, Result]):
    """One request's items, the results so far, and the future that its coroutine waits for.

    Args:
        function: called with one item on a worker thread.
        items: what to call it with.
        weights: what each item counts in the queue.
    """

    def __init__(self, function: Callable[[Item], Result], items: Sequence[Item], weights: Sequence[int]) -> None:
        self.function, self.items, self.weights = function, items, weights
        self.untaken_weight = sum(weights)
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[list[Result]] = self.loop.create_future()
        self.results: list[Any] = [None] * len(items)
        self.taken = 0
        self.finished = 0

    @property
    def together(self) -> Callable[[Sequence[Item]], Sequence[Result]] | None:
        """The function's way to take several items at a time; None if it has none."""
        return getattr(self.function, "together", None)

    @property
    def untaken(self) -> int:
        """Number of items that no thread has taken yet."""
        return len(self.items) - self.taken

    def take(self) -> int:
        """Take the next item, and give its place in ``items``."""
        index = self.taken
        self.taken += 1
        self.untaken_weight -= self.weights[index]
        return index

    def drop(self) -> None:
        """Take all that is left, for nobody."""
        self.taken = len(self.items)
        self.untaken_weight = 0

    def settle(self, error: Exception | None) -> None:
        """Resolve the future; called on the event loop, perhaps after the coroutine has gone."""
        if self.future.done():
            return
        if error is None:
            self.future.set_result(self.results)
        else:
            self.future.set_exception(error)


@dataclass(frozen=True, slots=True)
class Taken:
    """One item of a job that a thread has taken."""

    job: Job[Any, Any]
    index: int

    @property
    def item(self) -> Any:
        """The item."""
        return self.job.items[self.index]

    @property
    def weight(self) -> int:
        """What it counts in the queue."""
        return self.job.weights[self.index]
