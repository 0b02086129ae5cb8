"""Items of several callers run together: each gets its own result, and nobody another's failure."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from models.errors import NotReady, TextError
from service.batching import WorkerPool


class Reader:
    """Takes several items at a time; waits before the first one, until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.seen: list[list[str]] = []

    def __call__(self, item: str) -> str:
        return self.together([item])[0]

    def together(self, items: Sequence[str]) -> list[str]:
        self.seen.append(list(items))
        assert self.opened.wait(60)
        if "bad" in items:
            raise TextError("bad", 0)
        if "deadly" in items:
            raise SystemExit
        return [item.upper() for item in items if item != "lost"]


def results(*texts: str) -> tuple[list[object], list[list[str]]]:
    """What callers of one text each get, who come while a thread is busy, and what was run together."""

    async def scenario() -> tuple[list[object], list[list[str]]]:
        pool, reader = WorkerPool(threads=1, max_waiting=100), Reader()
        try:
            busy = asyncio.create_task(pool.run(reader, "busy"))
            while not reader.seen:
                await asyncio.sleep(0.001)
            calls = [asyncio.create_task(pool.run(reader, text)) for text in texts]
            while pool.waiting < len(texts):
                await asyncio.sleep(0.001)
            reader.opened.set()
            assert await busy == "BUSY"
            return list(await asyncio.gather(*calls, return_exceptions=True)), reader.seen
        finally:
            pool.close()

    return asyncio.run(scenario())


def test_each_caller_gets_the_result_of_its_own_item() -> None:
    found, seen = results("one", "two", "three")
    assert found == ["ONE", "TWO", "THREE"]
    assert seen == [["busy"], ["one", "two", "three"]]


def test_a_bad_item_fails_its_own_caller_only() -> None:
    found, seen = results("one", "bad", "three")
    assert [found[0], found[2]] == ["ONE", "THREE"]
    assert isinstance(found[1], TextError)
    assert seen[1:] == [["one", "bad", "three"], ["one"], ["bad"], ["three"]]


def test_a_function_that_gives_too_few_results_leaves_nobody_waiting() -> None:
    found, _ = results("one", "lost", "three")
    assert [found[0], found[2]] == ["ONE", "THREE"]
    assert isinstance(found[1], IndexError)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_whoever_was_on_a_thread_that_dies_is_told() -> None:
    assert [type(each) for each in results("one", "deadly")[0]] == [NotReady, NotReady]
    # One by one, after the bad item made them fail together.
    assert [type(each) for each in results("bad", "deadly", "three")[0]] == [TextError, NotReady, NotReady]
