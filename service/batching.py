"""A bounded pool of worker threads that deals fairly between requests.

The model runs every sentence alone, so that a score never depends on its neighbours; what concurrent requests
share is therefore not a forward pass but the worker threads. Each thread takes one item of the request whose turn
it is, and the next thread one of the next request: a request of a thousand sentences does not hold up one of three.
"""

import asyncio
import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

from models.errors import InputError, NotReady, Overloaded

Item = TypeVar("Item")
Result = TypeVar("Result")

# So many failures in a row, with no success between them, are the model's fault and not one text's.
MAX_FAILURES: Final = 5
# Share of the newest measurement in the running mean that Retry-After is told from.
_SMOOTHING: Final = 0.05
# How long the threads get for their last items when the pool is closed.
_LAST_SECONDS: Final = 5


class _Job(Generic[Item, Result]):
    """One request's items, the results so far, and the future that its coroutine waits for."""

    def __init__(self, function: Callable[[Item], Result], items: Sequence[Item], weight: int) -> None:
        self.function, self.items, self.weight = function, items, weight
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[list[Result]] = self.loop.create_future()
        self.results: list[Any] = [None] * len(items)
        self.taken = 0
        self.finished = 0

    @property
    def untaken(self) -> int:
        """Weight of the items that no thread has taken yet."""
        return self.weight * (len(self.items) - self.taken)

    def settle(self, error: Exception | None) -> None:
        """Resolve the future; called on the event loop, perhaps after the coroutine has gone."""
        if self.future.done():
            return
        if error is None:
            self.future.set_result(self.results)
        else:
            self.future.set_exception(error)


class WorkerPool:
    """Runs functions over items on ``threads`` threads, one item at a time, in turn between the callers.

    Args:
        threads: items that run at the same time.
        max_waiting: total weight of the items that may wait; a call that would exceed it is refused at once.
        tell: called with the total weight of the items that wait, whenever it has changed.
    """

    def __init__(self, threads: int, max_waiting: int, tell: Callable[[int], None] | None = None) -> None:
        self._max_waiting, self._tell = max_waiting, tell
        self._changed = threading.Condition()
        self._jobs: deque[_Job[Any, Any]] = deque()
        self._waiting = 0
        self._seconds = 0.0
        self._failures = 0
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"ru-stance-worker-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """Total weight of the items that no thread has taken yet."""
        return self._waiting

    @property
    def healthy(self) -> bool:
        """Every thread is alive, and the last items did not all fail."""
        return self._failures < MAX_FAILURES and all(thread.is_alive() for thread in self._threads)

    async def map(self, function: Callable[[Item], Result], items: Sequence[Item], *, weight: int = 1) -> list[Result]:
        """Apply ``function`` to every item on the worker threads.

        When the caller is cancelled, its items that no thread has taken yet are dropped.

        Args:
            function: called with one item on a worker thread.
            items: what to call it with.
            weight: what each item counts in the queue.

        Returns:
            The results, in the order of the items.

        Raises:
            Overloaded: the queue has no room for these items now.
            NotReady: the pool was closed, or the thread that ran an item has died.
            Exception: what ``function`` raised first; the items not taken by then are dropped.
        """
        if not items:
            return []
        job = _Job(function, items, weight)
        with self._changed:
            if self._closed:
                raise NotReady("The service is shutting down. Send the request to another instance.")
            if self._waiting + job.untaken > self._max_waiting:
                raise Overloaded(
                    "The service has as much work waiting as it takes. Send the request again after the seconds "
                    "given in the Retry-After header.",
                    self._retry_after(),
                )
            self._add_waiting(job.untaken)
            self._jobs.append(job)
            self._changed.notify(len(items))
        try:
            return await job.future
        finally:
            self._drop(job)

    async def run(self, function: Callable[[Item], Result], item: Item, *, weight: int = 1) -> Result:
        """Apply ``function`` to one item, as :meth:`map` does."""
        return (await self.map(function, [item], weight=weight))[0]

    def close(self) -> None:
        """Stop the threads once they are through with the items they have; what still waits is never run.

        A thread that hangs is left behind after a few seconds; it does not keep the process from ending.
        """
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(_LAST_SECONDS)

    def _retry_after(self) -> int:
        return max(1, min(60, math.ceil(self._waiting * self._seconds / len(self._threads))))

    def _add_waiting(self, weight: int) -> None:
        self._waiting += weight
        if self._tell is not None:
            self._tell(self._waiting)

    def _drop(self, job: _Job[Any, Any]) -> None:
        with self._changed:
            if job.untaken:
                self._add_waiting(-job.untaken)
                job.taken = len(job.items)
                self._jobs.remove(job)

    def _take(self) -> tuple[_Job[Any, Any], int] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closed)
            if self._closed:
                return None
            job = self._jobs.popleft()
            index = job.taken
            job.taken += 1
            self._add_waiting(-job.weight)
            if job.untaken:
                self._jobs.append(job)
            return job, index

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            job, index = taken
            start = time.perf_counter()
            error: Exception | None = None
            try:
                job.results[index] = job.function(job.items[index])
            except Exception as raised:
                error = raised
            except BaseException:
                self._finish(job, start, NotReady("The worker thread that had this request has died."))
                raise
            self._finish(job, start, error)

    def _finish(self, job: _Job[Any, Any], start: float, error: Exception | None) -> None:
        seconds = (time.perf_counter() - start) / job.weight
        with self._changed:
            if error is None:
                self._failures = 0
            else:
                self._failures += not isinstance(error, InputError)
                self._drop(job)
            self._seconds += _SMOOTHING * (seconds - self._seconds)
            job.finished += 1
            settled = error is not None or job.finished == len(job.items)
        if settled:
            with contextlib.suppress(RuntimeError):  # the loop has closed, so nobody waits any more
                job.loop.call_soon_threadsafe(job.settle, error)
