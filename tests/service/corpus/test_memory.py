"""What was scored already: given back to the last bit, and never scored twice."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from models.classifier import Classifier
from models.prediction import Prediction
from models.rows import Row
from service.corpus import stream
from service.corpus.memory import Memory, key_of
from service.corpus.plan import Source
from service.corpus.reading import Table
from service.corpus.stream import Scoring, Step
from tests.service.corpus.killing import HashEngine, prediction_of


def memory() -> Memory:
    return Memory(sqlite3.connect("", check_same_thread=False))


def test_predictions_are_given_back_to_the_last_bit(classifier: Classifier) -> None:
    texts = [
        "They came to loot.",
        " ",
        "ვალუტის კურსი დღეს არ შეცვლილა.",
        "The convoy left. " * 99,
        "Перемовини тривають.",
    ]
    known, found = memory(), classifier.classify(texts)
    known.add((key_of(text), prediction) for text, prediction in zip(texts, found, strict=True))
    given = known.get([*map(key_of, texts), key_of("unknown")])
    assert given == {key_of(text): prediction for text, prediction in zip(texts, found, strict=True)}


def test_many_texts_are_asked_for_at_once() -> None:
    known, texts = memory(), [f"t{number}" for number in range(2500)]
    known.add((key_of(text), prediction_of(text)) for text in texts)
    assert len(known.get(map(key_of, texts))) == 2500


def test_what_is_kept_outlives_the_connection(tmp_path: Path) -> None:
    for _ in range(2):
        database = sqlite3.connect(tmp_path / "m.sqlite3")
        Memory(database).add([(key_of("a"), prediction_of("a"))])
        database.close()
    assert Memory(sqlite3.connect(tmp_path / "m.sqlite3")).get([key_of("a")])


class _Ahead(HashEngine):
    """Draws three blocks before it answers the first, as an engine with many workers does."""

    def predict(self, blocks: Iterator[Sequence[str]]) -> Iterator[list[Prediction]]:
        drawn: list[Sequence[str]] = []
        for texts in blocks:
            drawn.append(texts)
            if len(drawn) == 3:
                yield next(super().predict(iter([drawn.pop(0)])))
        for texts in drawn:
            yield next(super().predict(iter([texts])))


def test_a_text_is_scored_once_also_while_it_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BLOCK", 4)
    texts = [f"t{number % 5}" for number in range(40)]
    table, engine = Table(Source("in.txt", "in.txt", "txt")), _Ahead()
    steps = [Step(0, table, Row(line, text, {"text": text})) for line, text in enumerate(texts)]
    done = list(Scoring(engine, memory(), split_texts=False).run(iter(steps)))
    assert done == steps
    assert [step.predictions for step in done] == [[prediction_of(text)] for text in texts]
    assert sorted(engine.texts) == sorted(set(texts))
