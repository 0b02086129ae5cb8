"""What runs on a Ray cluster: the feed of texts, the numbers of its blocks as a Ray dataset, and the model."""

import asyncio
import pickle
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pyarrow as pa
import ray
from ray.data.block import BlockMetadata
from ray.data.datasource import Datasource, ReadTask

from models.classifier import Classifier

NUMBER: Final = "number"
ANSWER: Final = "answer"


class Feed:
    """An actor that keeps the blocks of texts from when the driver reads them until it has their predictions.

    It stands on the driver's node. So whatever else dies, a block can be asked for again.

    Args:
        files: content of the model directory's files, by name; kept for actors that start later.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._blocks: dict[int, Sequence[str]] = {}
        self._put = 0
        self._ended = False
        self._changed = asyncio.Condition()

    async def files(self) -> Mapping[str, bytes]:
        """The files of the model directory."""
        return self._files

    async def put(self, number: int, texts: Sequence[str]) -> None:
        """Take the next block."""
        async with self._changed:
            self._blocks[number] = texts
            self._put = number + 1
            self._changed.notify_all()

    async def end(self) -> None:
        """There are no more blocks."""
        async with self._changed:
            self._ended = True
            self._changed.notify_all()

    async def exists(self, number: int) -> bool:
        """Whether there is such a block; waits until that is known."""
        async with self._changed:
            await self._changed.wait_for(lambda: number < self._put or self._ended)
            return number < self._put

    async def block(self, number: int) -> Sequence[str]:
        """The texts of a block; none where the driver has its predictions already."""
        return self._blocks.get(number, ())

    async def drop(self, number: int) -> None:
        """The driver has the predictions of a block."""
        self._blocks.pop(number, None)


class Numbers(Datasource):
    """The numbers of the blocks, each as soon as the block is there.

    The texts themselves do not go through the dataset: read anew after a crash, a task has to give the same again, and
    numbers can be counted again from 0.

    Args:
        feed: the actor that has the blocks.
    """

    def __init__(self, feed: Any) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._feed = feed

    def estimate_inmemory_data_size(self) -> int | None:
        """Not known: the input is still being read."""
        return None

    def get_read_tasks(self, *_: Any, **__: Any) -> list[ReadTask]:
        """One task, which goes on as long as there are blocks."""
        feed = self._feed

        def numbers() -> Iterator[pa.Table]:
            number = 0
            while ray.get(feed.exists.remote(number)):
                yield pa.table({NUMBER: [number]})
                number += 1

        return [ReadTask(numbers, BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None))]


class Predictor:
    """An actor that has the model, loaded once, on one core.

    Args:
        feed: the actor that has the blocks and the model.
        prior: as in :class:`models.classifier.Classifier`.
    """

    def __init__(self, feed: Any, prior: str | None) -> None:
        self._feed = feed
        contents: Mapping[str, bytes] = ray.get(feed.files.remote())
        # The model is read into memory, so that no node keeps a copy on its disk.
        with TemporaryDirectory(prefix="ru-stance-") as folder:
            for name, content in contents.items():
                (Path(folder) / name).write_bytes(content)
            self._classifier = Classifier.load(folder, threads=1, prior=prior)

    def __call__(self, numbers: pa.Table) -> pa.Table:
        """The predictions of blocks, by their numbers."""
        answers = []
        for number in numbers[NUMBER].to_pylist():
            texts = ray.get(self._feed.block.remote(number))
            answers.append(pickle.dumps(self._classifier.classify(texts)))
        return pa.table({NUMBER: numbers[NUMBER], ANSWER: pa.array(answers, pa.large_binary())})
