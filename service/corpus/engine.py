"""Who runs the model: this machine, or another engine with the same interface."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Protocol, Self

from models.classifier import Classifier
from models.machine import usable_cores
from models.prediction import Prediction

# Texts that are given to an engine at a time: what is lost by a kill. Each is classified alone, so that the size of a
# block changes no score.
BLOCK: Final = 256
_BLOCKS: Final = 2
# Shares of a block that each thread gets: a share is done faster than its texts one by one, and with several of them no
# thread ends long after the others.
_SHARES: Final = 8


class Engine(Protocol):
    """Classifies blocks of texts. Use it in a ``with`` statement, which frees what it holds.

    The scores of a text are those of ``Classifier.load(model, prior=prior).classify([text])``, whatever the engine.

    Attributes:
        model: version of the model, as ``Classifier.info.version`` has it; known before the first block.
    """

    @property
    def model(self) -> str: ...

    def predict(self, blocks: Iterator[Sequence[str]]) -> Iterator[list[Prediction]]:
        """The predictions of each block, in the order of the blocks and of the texts in them.

        Args:
            blocks: checked texts (see :func:`models.encoding.checked`), about ``BLOCK`` at a time; a block may be
                empty, and is answered by an empty list. An engine may draw as many blocks ahead as it has workers
                for, and no more, since they are held in memory until they are answered.

        Raises:
            RuStanceError: the engine cannot go on.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class LocalEngine:
    """The model in this process, on several threads.

    Args:
        classifier: the loaded model, with one thread of its own; a text is scored with its default prior.
        threads: texts that are scored at the same time; one a usable core when left out.
    """

    def __init__(self, classifier: Classifier, threads: int | None = None) -> None:
        self._classifier = classifier
        number = threads or usable_cores()
        self._executor = ThreadPoolExecutor(number, thread_name_prefix="ru-stance-engine")
        self._share = max(1, BLOCK // (_SHARES * number))

    @property
    def model(self) -> str:
        """Version of the model."""
        return self._classifier.info.version

    def predict(self, blocks: Iterator[Sequence[str]]) -> Iterator[list[Prediction]]:
        """The predictions of each block, in order; two are begun at a time, so that no thread has to wait."""
        begun: deque[list[Future[list[Prediction]]]] = deque()
        for texts in blocks:
            begun.append(self._begun(texts))
            if len(begun) >= _BLOCKS:
                yield _ended(begun.popleft())
        while begun:
            yield _ended(begun.popleft())

    def _begun(self, texts: Sequence[str]) -> list[Future[list[Prediction]]]:
        shares = (texts[start : start + self._share] for start in range(0, len(texts), self._share))
        return [self._executor.submit(self._classifier.classify, share) for share in shares]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Give up what is under way."""
        self._executor.shutdown(cancel_futures=True)


def _ended(shares: Sequence[Future[list[Prediction]]]) -> list[Prediction]:
    return [prediction for share in shares for prediction in share.result()]
