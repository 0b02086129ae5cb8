"""The stream of a scoring: rows are read, cut into texts, scored once each, and come out in the order they went in."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from models.prediction import Prediction
from models.rows import Row
from models.sentences import Span, split
from service.corpus.engine import BLOCK, Engine
from service.corpus.memory import Memory, key_of
from service.corpus.reading import Item, Table


@dataclass(slots=True)
class Step:
    """One row on its way, or the end of a source.

    Attributes:
        source: number of the source.
        table: the source.
        item: what was read; None at the source's end.
        content: of the item, by which a changed source is told.
        position: how many bytes of the source were read before it.
        spans: the sentences of its text, where texts are split.
        predictions: of the text, or of its sentences; set when it comes out.
    """

    source: int
    table: Table
    item: Item | None
    content: bytes = b""
    position: int = 0
    spans: list[Span] | None = None
    predictions: list[Prediction] = field(default_factory=list)

    def texts(self) -> Sequence[str]:
        """What is to be scored."""
        if not isinstance(self.item, Row):
            return ()
        text = self.item.text
        return (text,) if self.spans is None else [text[start:end] for start, end in self.spans]


@dataclass(slots=True)
class _Block:
    steps: list[tuple[Step, list[bytes]]]
    known: dict[bytes, Prediction]
    fresh: dict[bytes, str]


class Scoring:
    """Scores steps by an engine.

    Args:
        engine: who runs the model.
        memory: what was scored already; what is scored is added to it.
        split_texts: score the sentences of a text.
    """

    def __init__(self, engine: Engine, memory: Memory, *, split_texts: bool) -> None:
        self._engine, self._memory, self._split = engine, memory, split_texts
        self._waiting: deque[_Block] = deque()
        # Texts that were given to the engine and are not answered: one that comes again is not given twice.
        self._pending: set[bytes] = set()

    def run(self, steps: Iterator[Step]) -> Iterator[Step]:
        """The same steps, scored.

        Raises:
            RuStanceError: a source cannot be read, or the engine cannot go on.
        """
        for predictions in self._engine.predict(self._blocks(steps)):
            block = self._waiting.popleft()
            fresh = dict(zip(block.fresh, predictions, strict=True))
            self._memory.add(fresh.items())
            self._pending -= fresh.keys()
            known = block.known | fresh
            known |= self._memory.get({key for _, keys in block.steps for key in keys} - known.keys())
            for step, keys in block.steps:
                step.predictions = [known[key] for key in keys]
                yield step

    def _blocks(self, steps: Iterator[Step]) -> Iterator[Sequence[str]]:
        while block := self._block(steps):
            self._waiting.append(block)
            yield list(block.fresh.values())

    def _block(self, steps: Iterator[Step]) -> _Block | None:
        taken: list[tuple[Step, list[bytes]]] = []
        texts: dict[bytes, str] = {}
        number = 0
        for step in steps:
            if self._split and isinstance(step.item, Row):
                step.spans = split(step.item.text)
            keys = []
            for text in step.texts():
                keys.append(key := key_of(text))
                texts[key] = text
            taken.append((step, keys))
            number += max(len(keys), 1)
            if number >= BLOCK:
                break
        if not taken:
            return None
        # Looked at once: an engine may draw blocks on another thread, while some texts are being answered.
        pending = texts.keys() & self._pending
        known = self._memory.get(texts.keys() - pending)
        fresh = {key: text for key, text in texts.items() if key not in known and key not in pending}
        self._pending |= fresh.keys()
        return _Block(taken, known, fresh)
