"""A bounded pool of worker threads that deals fairly between requests.

The model runs every sentence alone, unpadded, so that a score never depends on its neighbours: the int8 activations
are scaled over all that is in a pass, and a batch would move scores by some hundredths. ``python -m
benchmarks.batching`` measures what that costs: batches in the order of arrival are no faster on a core, for their
padding; only batches sorted by length are, which want many texts at hand at once. What concurrent requests share is
therefore not a forward pass but the worker threads: each thread takes one item of the request whose turn it is, and
the next thread one of the next request. A request of a thousand sentences does not hold up one of three, and since no
pass is longer than the model's ``max_length`` tokens, neither do long texts hold up short ones. A pass has nothing to
wait for, so that there is no gathering window; one bad text fails its own request only; and what a client that has
gone had waiting is dropped.

Libraries were compared. Ray Serve's ``@serve.batch`` (by a cost, if it is told one), LitServe and ``batched`` gather
items in a window and call a function with all of them: an error fails everybody in the batch, and no caller is taken
in turn. infinity's engine sorts by length, and pads. ``ThreadPoolExecutor`` has no bound, and serves in the order of
arrival.
"""

import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from models.errors import InputError, NotReady, Overloaded
from service.job import Item, Job, Result

# So many failures in a row, with no success between them, are the model's fault and not one text's.
MAX_FAILURES: Final = 5
# Share of the newest measurement in the running mean that Retry-After is told from.
_SMOOTHING: Final = 0.05
# How long the threads get for their last items when the pool is closed.
_LAST_SECONDS: Final = 5


class Watch(Protocol):
    """Who is told what happens in a pool; called while the pool is locked."""

    def waiting(self, items: int, weight: int) -> None:
        """So many items wait now, with this total weight."""

    def taken(self, callers: int) -> None:
        """A thread has taken an item, and so many callers share the threads now."""


class WorkerPool:
    """Runs functions over items on ``threads`` threads, one item at a time, in turn between the callers.

    Args:
        threads: items that run at the same time.
        max_waiting: total weight of the items that may wait; a call that would exceed it is refused at once, unless
            nothing waits.
        max_seconds: a call is refused, too, if its results are expected later than that.
        hang_seconds: a thread that has been at one item for longer is told as hung.
        watch: told of what waits, and of every item that a thread takes.
    """

    def __init__(
        self,
        threads: int,
        max_waiting: int,
        *,
        max_seconds: float = math.inf,
        hang_seconds: float = math.inf,
        watch: Watch | None = None,
    ) -> None:
        self._max_waiting, self._max_seconds = max_waiting, max_seconds
        self._hang_seconds, self._watch = hang_seconds, watch
        self._changed = threading.Condition()
        self._jobs: deque[Job[Any, Any]] = deque()
        self._waiting = self._waiting_weight = self._callers = 0
        self._seconds, self._failures = 0.0, 0
        self._closed = False
        self._begun: list[float | None] = [None] * threads
        self._threads = [
            threading.Thread(target=self._work, args=(number,), name=f"ru-stance-worker-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """Number of items that no thread has taken yet."""
        return self._waiting

    @property
    def healthy(self) -> bool:
        """Every thread is alive and gets on, and the last items did not all fail."""
        return self._failures < MAX_FAILURES and self.whole

    @property
    def whole(self) -> bool:
        """Every thread is alive, and none has hung; what is lost of them does not come back."""
        earliest = time.monotonic() - self._hang_seconds
        hung = any(begun is not None and begun < earliest for begun in self._begun)
        return not hung and all(thread.is_alive() for thread in self._threads)

    async def map(
        self, function: Callable[[Item], Result], items: Sequence[Item], *, weights: Sequence[int] | None = None
    ) -> list[Result]:
        """Apply ``function`` to every item on the worker threads.

        When the caller is cancelled, its items that no thread has taken yet are dropped.

        Args:
            function: called with one item, on a worker thread.
            items: what to call it with.
            weights: what each item counts in the queue, at least 1; 1 each when left out.

        Returns:
            The results, in the order of the items.

        Raises:
            Overloaded: the queue has no room for these items now; ``retry_after`` tells when it should have.
            NotReady: the pool was closed, or the thread that ran an item has died.
            Exception: what ``function`` raised first; the items not taken by then are dropped.
        """
        if not items:
            return []
        job = Job(function, items, [1] * len(items) if weights is None else weights)
        with self._changed:
            if self._closed:
                raise NotReady("The service is shutting down. Send the request to another instance.")
            if self._waiting and not self._has_room(job):
                raise Overloaded(
                    "The service has as much work waiting as it takes. Send the request again after the seconds "
                    "given in the Retry-After header.",
                    self._retry_after(),
                )
            self._jobs.append(job)
            self._callers += 1
            self._add_waiting(job.untaken, job.untaken_weight)
            self._changed.notify(len(items))
        try:
            return await job.future
        finally:
            with self._changed:
                self._callers -= 1
                self._drop(job)

    async def run(self, function: Callable[[Item], Result], item: Item, *, weight: int = 1) -> Result:
        """Apply ``function`` to one item, as :meth:`map` does."""
        return (await self.map(function, [item], weights=[weight]))[0]

    def close(self) -> None:
        """Stop the threads once they are through with the items they have; what still waits is never run.

        A thread that hangs is left behind after a few seconds; it does not keep the process from ending.
        """
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(_LAST_SECONDS)

    def _has_room(self, job: Job[Any, Any]) -> bool:
        total = self._waiting_weight + job.untaken_weight
        # Turn by turn, a small request is through long before the large ones that are there already.
        before = min(total, (self._callers + 1) * job.untaken_weight)
        in_time = before * self._seconds / len(self._threads) <= self._max_seconds
        return total <= self._max_waiting and in_time

    def _retry_after(self) -> int:
        return max(1, min(60, math.ceil(self._waiting_weight * self._seconds / len(self._threads))))

    def _add_waiting(self, items: int, weight: int) -> None:
        self._waiting += items
        self._waiting_weight += weight
        if self._watch is not None:
            self._watch.waiting(self._waiting, self._waiting_weight)

    def _drop(self, job: Job[Any, Any]) -> None:
        if job.untaken:
            self._add_waiting(-job.untaken, -job.untaken_weight)
            job.drop()
            self._jobs.remove(job)

    def _take(self) -> tuple[Job[Any, Any], int] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closed)
            if self._closed:
                return None
            job = self._jobs.popleft()
            index = job.take()
            self._add_waiting(-1, -job.weights[index])
            if job.untaken:
                self._jobs.append(job)
            if self._watch is not None:
                self._watch.taken(self._callers)
            return job, index

    def _work(self, number: int) -> None:
        while (taken := self._take()) is not None:
            self._run(number, *taken)
            # While the thread waits for the next one, it is not to keep this one's texts, nor its model, in memory.
            del taken

    def _run(self, number: int, job: Job[Any, Any], index: int) -> None:
        self._begun[number] = start = time.monotonic()
        error: Exception | None = None
        try:
            job.results[index] = job.function(job.items[index])
        except Exception as raised:
            error = raised
        except BaseException:
            self._finish(job, index, start, NotReady("The worker thread that had this request has died."))
            raise
        self._begun[number] = None
        self._finish(job, index, start, error)

    def _finish(self, job: Job[Any, Any], index: int, start: float, error: Exception | None) -> None:
        seconds = (time.monotonic() - start) / job.weights[index]
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
