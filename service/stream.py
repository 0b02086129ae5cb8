"""A body of lines classified while it streams in, and answered while it does.

A receiver takes chunks from the client, a reader cuts them into groups of lines and hands each group to the worker
threads, and a writer sends the answers in the order of the lines. Only so much is under way between them: a client
that reads slowly stops the writer, the writer the reader, that the receiver, and the receiver the client. What is held
does not grow with the body.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from models.errors import DeadlineExceeded, Overloaded, RuStanceError
from models.prediction import Prediction
from service.lines import MEDIA_TYPE, Item, LineReader, write_line
from service.logging import log
from service.problems import response_to
from service.schemas import fields_of
from service.state import Service

# Lines that are handed to the pool as one request, so that a stream takes no more turns than any other request.
_GROUP: Final = 64
# Groups under way: one is worked on while the answers of the one before it are sent.
_GROUPS: Final = 2
# Chunks of the body, each at most some hundred kilobytes, that are received ahead: with nothing left to receive, a
# client is seen to hang up at once, however much of what it sent is still to be classified.
_CHUNKS: Final = 4
# How long a stream that finds the queue full waits before it asks again, in seconds.
_PAUSE: Final = 0.05

Group = asyncio.Task[bytes]


class LineStream(Response):
    """The answer to a body of lines: one line each, sent as soon as it is known.

    The status is sent with the first answers. Until then, a full queue is answered with 429, and a body that does
    not arrive with 408; from then on, whatever goes wrong is told in a line.

    Args:
        service: its limits, its model and its worker threads.
        prior: the prior to score with; the model's default when left out.
    """

    media_type = MEDIA_TYPE

    def __init__(self, service: Service, prior: str | None = None) -> None:
        super().__init__()
        del self.headers["content-length"]
        self.headers["Model-Version"] = service.classifier.info.version
        self._service, self._prior, self._limits = service, prior, service.settings
        self._size = min(_GROUP, service.settings.max_texts)
        self._room = asyncio.Semaphore(_GROUPS)
        self._chunks: asyncio.Queue[bytes | None] = asyncio.Queue(_CHUNKS)
        self._groups: asyncio.Queue[Group | None] = asyncio.Queue()
        self._under_way: set[Group] = set()
        self._cut_off: HTTPException | None = None
        self._last = 0
        self._first, self._started = True, False

    async def answers(self, group: list[Item], *, patient: bool) -> bytes:
        """Classify a group of lines.

        Args:
            group: the lines; the outcomes of those that could not be read are known.
            patient: wait for room in the queue.

        Returns:
            One line of JSON each, in order.

        Raises:
            Overloaded: the queue has no room, and the group is not patient.
        """
        late = f"The line was not answered within {self._limits.deadline:g} seconds. Send it again later."
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.deadline):
                await self._classify([item for item in group if item.outcome is None], patient)
        return b"".join(_told(item, item.outcome or DeadlineExceeded(late)) for item in group)

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        receiver = asyncio.create_task(self._receive(receive))
        reader, writer = asyncio.create_task(self._read()), asyncio.create_task(self._write(send))
        answered = asyncio.gather(reader, writer)
        ends: set[asyncio.Future[Any]] = {receiver, answered}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            # The receiver outlives the body, to see the client go; it ends in an exception only.
            await (answered if answered.done() else receiver)
        finally:
            tasks: set[asyncio.Task[Any]] = {receiver, reader, writer, *self._under_way}
            for task in tasks:
                task.cancel()
            await asyncio.gather(answered, *tasks, return_exceptions=True)

    async def _receive(self, receive: Receive) -> None:
        more = True
        while more:
            try:
                async with asyncio.timeout(self._limits.deadline):
                    message = await receive()
            except TimeoutError:
                seconds = f"{self._limits.deadline:g} seconds"
                self._cut_off = HTTPException(408, f"No line arrived within {seconds}. Send faster, or end the body.")
                break
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            await self._chunks.put(message.get("body", b""))
            more = message.get("more_body", False)
        await self._chunks.put(None)
        while (await receive())["type"] != "http.disconnect":
            pass
        raise ClientDisconnect

    async def _read(self) -> None:
        lines = LineReader(self._limits)
        while (chunk := await self._chunks.get()) is not None:
            await self._hand_over(lines.feed(chunk))
        if self._cut_off is None:
            await self._hand_over(lines.close())
        self._last = lines.line
        self._groups.put_nowait(None)

    async def _hand_over(self, items: Iterator[Item]) -> None:
        while group := list(islice(items, self._size)):
            await self._room.acquire()
            task = asyncio.create_task(self.answers(group, patient=not self._first))
            self._first = False
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            self._groups.put_nowait(task)

    async def _write(self, send: Send) -> None:
        while (group := await self._groups.get()) is not None:
            await self._send(send, await group)
            self._room.release()
        if self._cut_off is not None:
            if not self._started:
                raise self._cut_off
            await self._send(send, _told(Item(self._last + 1), self._cut_off))
        await self._send(send, b"", more=False)

    async def _send(self, send: Send, body: bytes, *, more: bool = True) -> None:
        try:
            async with asyncio.timeout(self._limits.deadline):
                if not self._started:
                    self._started = True
                    await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await send({"type": "http.response.body", "body": body, "more_body": more})
        except TimeoutError:
            # A client that reads nothing is not to hold its lines here for good.
            raise ClientDisconnect from None

    async def _classify(self, items: list[Item], patient: bool) -> None:
        """Classify lines together, or else, where one makes the model fail, line by line."""
        try:
            found = await self._map(items, patient)
        except Overloaded:
            raise
        except Exception as error:
            if len(items) > 1:
                for item in items:
                    await self._classify([item], patient)
                return
            items[0].outcome = error
            if not isinstance(error, RuStanceError):
                log(logging.ERROR, "line failed", error, line=items[0].line)
        else:
            for item, prediction in zip(items, found, strict=True):
                item.outcome = prediction

    async def _map(self, items: list[Item], patient: bool) -> list[Prediction]:
        while True:
            try:
                return await self._service.classify([item.text for item in items], self._prior)
            except Overloaded:
                if not patient:
                    raise
            await asyncio.sleep(_PAUSE)


def _told(item: Item, outcome: Prediction | Exception) -> bytes:
    members = fields_of(outcome) if isinstance(outcome, Prediction) else response_to(outcome).problem
    return write_line({"line": item.line, "id": item.id, **members})
