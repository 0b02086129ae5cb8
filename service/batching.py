"""A bounded pool of worker threads that deals fairly between requests.

The model runs every sentence alone, unpadded, so that a score never depends on its neighbours: the int8 activations
are scaled over all that is in a pass, and a batch would move scores by some hundredths. ``python -m
benchmarks.batching`` measures what that costs: batches in the order of arrival are no faster on a core, for their
padding; only batches sorted by length are, which want many texts at hand at once. What concurrent requests share is
therefore not a forward pass but the worker threads, and the way to and from a pass: a thread takes one item of the
request whose turn it is, then one of the next, as long as enough is left for the other threads, and takes every step
(tokenise, run, tell) for all of them before the next step, which then finds its code and tables in the processor's
caches. A request of a thousand sentences does not hold up one of three, and since what is taken together has few
tokens, neither do long texts hold up short ones. Nothing is waited for, so that there is no gathering window; one bad
text fails its own request only; and what a client that has gone had waiting is dropped.

Libraries were compared. Ray Serve's ``@serve.batch`` (by a cost, if it is told one), LitServe and ``batched`` gather
items in a window and call a function with all of them: an error fails everybody in the batch, and no caller is taken
in turn. infinity's engine sorts by length, and pads. ``ThreadPoolExecutor`` has no bound, and serves in the order of
arrival.
"""

import contextlib
import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from models.errors import InputError, NotReady, Overloaded
from service.job import Item, Job, Result, Taken
from service.turns import Turns, Watch

# So many failures in a row, with no success between them, are the model's fault and not one text's.
MAX_FAILURES: Final = 5
# Share of the newest measurement in the running mean that Retry-After is told from.
_SMOOTHING: Final = 0.05
_DIED: Final = "The worker thread that had this request has died."
# How long the threads get for their last items when the pool is closed.
_LAST_SECONDS: Final = 5


class WorkerPool:
    """Runs functions over items on ``threads`` threads, in turn between the callers.

    A function that has a method ``together`` is given several items at a time by it, also items of callers whose
    functions are equal; where that fails, it is called with one after the other.

    Args:
        threads: items that run at the same time.
        max_waiting: total weight of the items that may wait; a call that would exceed it is refused at once, unless
            nothing waits.
        max_seconds: a call is refused, too, if its results are expected later than that.
        hang_seconds: a thread that has been for longer at what it took at a time is told as hung.
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
        self._max_waiting, self._max_seconds, self._hang_seconds = max_waiting, max_seconds, hang_seconds
        self._changed = threading.Condition()
        self._turns = Turns(watch)
        self._callers, self._seconds, self._failures = 0, 0.0, 0
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
        return self._turns.waiting

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
            if self._turns.waiting and not self._has_room(job):
                raise Overloaded(
                    "The service has as much work waiting as it takes. Send the request again after the seconds "
                    "given in the Retry-After header.",
                    self._retry_after(),
                )
            self._turns.add(job)
            self._callers += 1
            self._changed.notify(len(items))
        try:
            return await job.future
        finally:
            with self._changed:
                self._callers -= 1
                self._turns.drop(job)

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
        total = self._turns.weight + job.untaken_weight
        # Turn by turn, a small request is through long before the large ones that are there already.
        before = min(total, (self._callers + 1) * job.untaken_weight)
        in_time = before * self._seconds / len(self._threads) <= self._max_seconds
        return total <= self._max_waiting and in_time

    def _retry_after(self) -> int:
        return max(1, min(60, math.ceil(self._turns.weight * self._seconds / len(self._threads))))

    def _take(self) -> list[Taken]:
        """The next items; none when the pool is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._turns.waiting or self._closed)
            return [] if self._closed else self._turns.take(len(self._threads), self._callers)

    def _work(self, number: int) -> None:
        while taken := self._take():
            together = taken[0].job.together
            if len(taken) == 1 or together is None or not self._run_together(number, taken, together):
                self._run_each(number, taken)
            # While the thread waits for the next ones, it is not to keep their texts, nor their model, in memory.
            del taken, together

    def _run_each(self, number: int, taken: Sequence[Taken]) -> None:
        for place, each in enumerate(taken):
            try:
                self._run(number, each)
            except BaseException:
                if rest := taken[place + 1 :]:
                    self._finish(rest, time.monotonic(), NotReady(_DIED))
                raise

    def _run_together(
        self, number: int, taken: Sequence[Taken], together: Callable[[Sequence[Any]], Sequence[Any]]
    ) -> bool:
        """Whether it went well; else the items have to be run one by one, to see whose fault it is."""
        self._begun[number] = start = time.monotonic()
        try:
            results = together([each.item for each in taken])
            for each, result in zip(taken, results, strict=True):
                each.job.results[each.index] = result
        except Exception:
            return False
        except BaseException:
            self._finish(taken, start, NotReady(_DIED))
            raise
        self._begun[number] = None
        self._finish(taken, start, None)
        return True

    def _run(self, number: int, taken: Taken) -> None:
        self._begun[number] = start = time.monotonic()
        error: Exception | None = None
        try:
            taken.job.results[taken.index] = taken.job.function(taken.item)
        except Exception as raised:
            error = raised
        except BaseException:
            self._finish([taken], start, NotReady(_DIED))
            raise
        self._begun[number] = None
        self._finish([taken], start, error)

    def _finish(self, taken: Sequence[Taken], start: float, error: Exception | None) -> None:
        seconds = (time.monotonic() - start) / sum(each.weight for each in taken)
        settled = []
        with self._changed:
            if error is None:
                self._failures = 0
            else:
                self._failures += not isinstance(error, InputError)
            self._seconds += _SMOOTHING * (seconds - self._seconds)
            for each in taken:
                if error is not None:
                    self._turns.drop(each.job)
                each.job.finished += 1
                if error is not None or each.job.finished == len(each.job.items):
                    settled.append(each.job)
        for job in settled:
            with contextlib.suppress(RuntimeError):  # the loop has closed, so nobody waits any more
                job.loop.call_soon_threadsafe(job.settle, error)
