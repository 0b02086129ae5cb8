"""The worker pool: order, fairness, bounds, cancellation and health."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from models.errors import NotReady, Overloaded, TextError
from service.batching import MAX_FAILURES, WorkerPool


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(threads=1, max_waiting=100)
    yield pool
    pool.close()


class Gate:
    """A function for the pool that holds its thread until it is opened, and notes what it was called with."""

    def __init__(self) -> None:
        self.entered, self.opened = threading.Event(), threading.Event()
        self.seen: list[str] = []

    def __call__(self, item: str) -> str:
        self.seen.append(item)
        self.entered.set()
        assert self.opened.wait(60)
        return item


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that another thread brings about."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "the condition was not met in time"
        await asyncio.sleep(0.001)


def test_results_keep_the_order_of_the_items() -> None:
    async def scenario() -> list[int]:
        def slow_first(item: int) -> int:
            time.sleep(0.02 if item == 0 else 0)
            return item * 2

        pool = WorkerPool(threads=3, max_waiting=100)
        try:
            return await pool.map(slow_first, list(range(20)))
        finally:
            pool.close()

    assert asyncio.run(scenario()) == [2 * item for item in range(20)]


def test_no_items_give_no_results(pool: WorkerPool) -> None:
    assert asyncio.run(pool.map(str, [])) == []


def test_a_small_request_overtakes_a_huge_one(pool: WorkerPool) -> None:
    gate = Gate()

    async def scenario() -> None:
        huge = asyncio.create_task(pool.map(gate, [f"huge {number}" for number in range(50)]))
        await until(gate.entered.is_set)
        small = asyncio.create_task(pool.map(gate, ["small 0", "small 1"]))
        await until(lambda: pool.waiting == 51)
        gate.opened.set()
        await asyncio.gather(huge, small)

    asyncio.run(scenario())
    assert gate.seen[:6] == ["huge 0", "huge 1", "small 0", "huge 2", "small 1", "huge 3"]


def test_past_the_bound_a_request_is_refused_at_once_and_the_others_are_served(pool: WorkerPool) -> None:
    gate = Gate()

    async def scenario() -> None:
        running = asyncio.create_task(pool.map(gate, ["running"]))
        await until(gate.entered.is_set)
        waiting = asyncio.create_task(pool.map(str, list(range(100))))
        await until(lambda: pool.waiting == 100)
        with pytest.raises(Overloaded, match="Retry-After") as refused:
            await asyncio.wait_for(pool.map(str, [1]), timeout=5)
        assert 1 <= refused.value.retry_after <= 60
        gate.opened.set()
        assert await running == ["running"]
        assert len(await waiting) == 100
        assert await pool.map(str, [1]) == ["1"], "there is room again"

    asyncio.run(scenario())


def test_weight_counts_against_the_bound(pool: WorkerPool) -> None:
    async def scenario() -> None:
        assert await pool.run(gate, "alone", weight=101) == "alone", "nothing else waited"
        gate.opened.clear()
        gate.entered.clear()
        running = asyncio.create_task(pool.run(gate, "running"))
        await until(gate.entered.is_set)
        queued = asyncio.create_task(pool.map(str, [1, 2], weights=[60, 40]))
        await until(lambda: pool.waiting == 2)
        with pytest.raises(Overloaded):
            await pool.run(str, 3)
        gate.opened.set()
        assert [await running, *await queued, await pool.run(str, 3)] == ["running", "1", "2", "3"]

    gate = Gate()
    gate.opened.set()
    asyncio.run(scenario())


def test_a_request_that_would_wait_too_long_is_refused_and_a_small_one_is_not() -> None:
    async def scenario() -> None:
        pool, gate = WorkerPool(threads=1, max_waiting=10_000, max_seconds=0.5), Gate()
        for _ in range(60):
            await pool.run(time.sleep, 0.02)
        running = asyncio.create_task(pool.run(gate, "running"))
        await until(gate.entered.is_set)
        queued = asyncio.create_task(pool.map(str, range(1000)))
        await until(lambda: pool.waiting == 1000)
        with pytest.raises(Overloaded):
            await pool.map(str, range(100))
        small = asyncio.create_task(pool.map(str, [1, 2]))
        await until(lambda: pool.waiting == 1002)
        gate.opened.set()
        await asyncio.gather(running, queued, small)
        pool.close()

    asyncio.run(scenario())


def test_retry_after_grows_with_the_queue() -> None:
    async def scenario(waiting: int) -> int:
        pool, gate = WorkerPool(threads=1, max_waiting=waiting), Gate()
        try:
            for _ in range(30):
                await pool.run(time.sleep, 0.02)
            running = asyncio.create_task(pool.run(gate, "running"))
            await until(gate.entered.is_set)
            queued = asyncio.create_task(pool.map(str, range(waiting)))
            await until(lambda: pool.waiting == waiting)
            with pytest.raises(Overloaded) as refused:
                await pool.run(str, 1)
            gate.opened.set()
            await asyncio.gather(running, queued)
            return refused.value.retry_after
        finally:
            pool.close()

    assert asyncio.run(scenario(2)) == 1
    assert 5 <= asyncio.run(scenario(1000)) <= 60


def test_a_cancelled_request_leaves_the_queue(pool: WorkerPool) -> None:
    gate = Gate()

    async def scenario() -> None:
        gone = asyncio.create_task(pool.map(gate, [f"gone {number}" for number in range(50)]))
        await until(gate.entered.is_set)
        stays = asyncio.create_task(pool.map(gate, ["stays"]))
        await until(lambda: pool.waiting == 50)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        assert pool.waiting == 1
        gate.opened.set()
        assert await stays == ["stays"]

    asyncio.run(scenario())
    assert gate.seen == ["gone 0", "stays"]


def test_an_error_fails_its_own_request_only_and_drops_its_rest(pool: WorkerPool) -> None:
    calls: list[int] = []

    def fails_at_two(item: int) -> int:
        calls.append(item)
        if item == 2:
            raise TextError("bad text", 2)
        return item

    async def scenario() -> list[object]:
        bad = pool.map(fails_at_two, list(range(90)))
        return list(await asyncio.gather(bad, pool.map(str, [1, 2]), return_exceptions=True))

    error, good = asyncio.run(scenario())
    assert isinstance(error, TextError)
    assert good == ["1", "2"]
    assert pool.waiting == 0
    assert calls == [0, 1, 2]
    assert pool.healthy


def test_a_model_that_keeps_failing_is_not_healthy_until_it_succeeds(pool: WorkerPool) -> None:
    def fail(_: int) -> None:
        raise RuntimeError("the graph does not run")

    async def scenario() -> None:
        for _ in range(MAX_FAILURES):
            assert pool.healthy
            with pytest.raises(RuntimeError):
                await pool.run(fail, 0)
        assert not pool.healthy
        await pool.run(str, 0)
        assert pool.healthy

    asyncio.run(scenario())


def test_bad_texts_do_not_make_the_model_unhealthy(pool: WorkerPool) -> None:
    def refuse(_: int) -> None:
        raise TextError("bad text", 0)

    async def scenario() -> None:
        for _ in range(2 * MAX_FAILURES):
            with pytest.raises(TextError):
                await pool.run(refuse, 0)

    asyncio.run(scenario())
    assert pool.healthy


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_thread_fails_its_request_and_shows() -> None:
    def die(_: int) -> None:
        raise SystemExit

    async def scenario() -> None:
        pool = WorkerPool(threads=2, max_waiting=10)
        with pytest.raises(NotReady, match="died"):
            await pool.run(die, 0)
        await until(lambda: not pool.healthy)
        assert await pool.run(str, 1) == "1", "the other thread goes on"
        pool.close()

    asyncio.run(scenario())


def test_a_closed_pool_refuses_work() -> None:
    async def scenario() -> None:
        pool = WorkerPool(threads=1, max_waiting=10)
        pool.close()
        with pytest.raises(NotReady, match="shutting down"):
            await pool.run(str, 1)

    asyncio.run(scenario())
