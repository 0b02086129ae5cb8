"""Scorings that kill themselves: what ``asking("tests.service.corpus.killing")`` runs.

It is told a scoring; its answer is how that ended, and at how many points it could have been killed. A point is before
and after each rename, fsync and commit, in the middle of each write of a file, and every so many instructions inside of
SQLite.
"""

import hashlib
import io
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from models.labels import LABELS
from models.prediction import Prediction
from service.corpus import run, stream
from service.corpus.plan import Options, Plan
from service.corpus.sources import sources_of
from service.corpus.targets import target_of
from tests.forks import answer


class HashEngine:
    """An engine that takes no time: the scores are made of a hash of the text."""

    model = "2026.11.22-hash"

    def __init__(self) -> None:
        self.texts: list[str] = []

    def predict(self, blocks: Iterator[Sequence[str]]) -> Iterator[list[Prediction]]:
        """Predictions that are the same for the same text."""
        for texts in blocks:
            self.texts += texts
            yield [prediction_of(text) for text in texts]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held."""


def prediction_of(text: str) -> Prediction:
    """A prediction made of a hash of the text."""
    first, second = hashlib.sha256(text.encode()).digest()[:2]
    shares = [first + 1, second + 1, 300]
    scores = sorted((share / sum(shares) for share in shares), reverse=True)
    order = LABELS[first % 3 :] + LABELS[: first % 3]
    return Prediction(
        order[0], dict(zip(order, scores, strict=True)), order[: 1 + second % 2], scores[0] - scores[1], tokens=second
    )


def score(words: Sequence[str], output: Path, *, partition_rows: int | None = None, **options: Any) -> HashEngine:
    """Score files by the engine that takes no time."""
    sources = sources_of(words)
    target = target_of(output, sources, folder=len(sources) > 1, format=None, partitions=partition_rows is not None)
    plan = Plan(sources, target, Options(partition_rows=partition_rows, **options))
    engine = HashEngine()
    run.score(plan, engine, notice=_ignore, bad=_ignore, advance=_ignore)
    return engine


class _Points:
    """Counts the points that are passed, and kills the process at one of them."""

    def __init__(self, last: int | None) -> None:
        self._last = last
        self.names: list[str] = []

    def passed(self, name: str, first: Callable[[], object] | None = None) -> None:
        """Pass a point; if it is the last one, do what is to be done before the kill."""
        self.names.append(name)
        if len(self.names) == self._last:
            if first:
                first()
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function with a point before and one after it."""

        def wrapped(*arguments: Any) -> Any:
            name = " ".join(
                [function.__name__, *(Path(each).name for each in arguments if isinstance(each, str | Path))]
            )
            self.passed(f"before {name}")
            result = function(*arguments)
            self.passed(f"after {name}")
            return result

        return wrapped

    def install(self) -> None:
        """Put points into this process, which it cannot get rid of again."""
        points, opened, connect = self, Path.open, sqlite3.connect

        class File(io.FileIO):
            def write(self, data: Any) -> int:
                half = bytes(data)[: len(data) // 2]
                points.passed("write", lambda: io.FileIO.write(self, half))
                return io.FileIO.write(self, data)

        class Connection(sqlite3.Connection):
            def __exit__(self, *error: Any) -> Any:
                return points.around(sqlite3.Connection.__exit__)(self, *error)

        def to_file(path: Path, mode: str = "r", **options: Any) -> Any:
            if "w" not in mode:
                return opened(path, mode, **options)
            stream = io.BufferedWriter(File(path, "w"), 512)
            return stream if "b" in mode else io.TextIOWrapper(stream, **options)

        def to_database(*arguments: Any, **options: Any) -> sqlite3.Connection:
            database = connect(*arguments, **options, factory=Connection)
            database.set_progress_handler(lambda: points.passed("in SQLite"), 100)
            return database

        Path.open = to_file  # type: ignore[method-assign, assignment]
        sqlite3.connect = to_database  # type: ignore[assignment]
        os.replace = self.around(os.replace)
        os.fsync = self.around(os.fsync)


def _ignore(_told: object) -> None:
    pass


def _killing(asked: dict[str, Any]) -> dict[str, Any]:
    points = _Points(asked.pop("kill"))
    points.install()
    engine = score(asked.pop("inputs"), Path(asked.pop("output")), **asked)
    return {"points": points.names, "texts": len(engine.texts)}


def _warm_up() -> None:
    """Have everything imported that a scoring imports late, before the forks."""
    with TemporaryDirectory() as folder:
        Path(folder, "in.csv").write_text("text\nThe convoy left on Monday.\n")
        score([f"{folder}/in.csv"], Path(folder, "out.parquet"), split=True)


if __name__ == "__main__":
    _warm_up()
    # Small enough that a short scoring has many parts.
    run.PART, stream.BLOCK = 20, 8  # type: ignore[misc]
    answer(_killing)
