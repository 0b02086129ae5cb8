"""Whose turn it is: the jobs that wait, and what a thread takes of them at a time."""

from collections import deque
from typing import Any, Final, Protocol

from service.job import Job, Taken

# What a thread takes at a time, at most: so many items, and of so much weight together, unless a single one has more.
_TOGETHER: Final = 8
_WEIGHT_TOGETHER: Final = 512


class Watch(Protocol):
    """Who is told what happens in a pool; called while the pool is locked."""

    def waiting(self, items: int, weight: int) -> None:
        """So many items wait now, with this total weight."""

    def taken(self, callers: int) -> None:
        """A thread has taken an item, and so many callers share the threads now."""


class Turns:
    """The jobs with items that no thread has taken yet. Who uses it from several threads holds a lock meanwhile.

    Args:
        watch: told of what waits, and of every item that is taken.

    Attributes:
        waiting: number of items that wait.
        weight: what they count together.
    """

    def __init__(self, watch: Watch | None = None) -> None:
        self.waiting = self.weight = 0
        self._jobs: deque[Job[Any, Any]] = deque()
        self._watch = watch

    def add(self, job: Job[Any, Any]) -> None:
        """Put a job behind the others."""
        self._jobs.append(job)
        self._count(job.untaken, job.untaken_weight)

    def drop(self, job: Job[Any, Any]) -> None:
        """Take all that is left of a job, for nobody."""
        if job.untaken:
            self._count(-job.untaken, -job.untaken_weight)
            job.drop()
            self._jobs.remove(job)

    def take(self, threads: int, callers: int) -> list[Taken]:
        """One item of the job whose turn it is, and more, of it and the next ones, if their function takes several.

        Args:
            threads: so many share what waits, so that each has as much to do.
            callers: whom the watch is told of.
        """
        first = self._jobs[0]
        most = min(_TOGETHER, -(-self.waiting // threads)) if first.together else 1
        taken = [self._take_one(callers)]
        weight = taken[0].weight
        while len(taken) < most and self._jobs and self._jobs[0].function == first.function:
            weight += self._jobs[0].weights[self._jobs[0].taken]
            if weight > _WEIGHT_TOGETHER:
                break
            taken.append(self._take_one(callers))
        return taken

    def _take_one(self, callers: int) -> Taken:
        job = self._jobs.popleft()
        taken = Taken(job, job.take())
        self._count(-1, -taken.weight)
        if job.untaken:
            self._jobs.append(job)
        if self._watch is not None:
            self._watch.taken(callers)
        return taken

    def _count(self, items: int, weight: int) -> None:
        self.waiting += items
        self.weight += weight
        if self._watch is not None:
            self._watch.waiting(self.waiting, self.weight)
