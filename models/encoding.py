"""From text to token ids, the same for training and serving: all but capitals is mended inside ``tokenizer.json``."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import tokenizers
from tokenizers import Tokenizer

from models.casing import cased
from models.errors import ModelBroken

# Which end of a text that is too long is not read.
TruncationSide = Literal["left", "right"]

# Far more than any token has; a book would else be tokenised whole for its first page.
_LONGEST_TOKEN: Final = 100


@dataclass(frozen=True, slots=True)
class Encoding:
    """One text as the model reads it.

    Attributes:
        ids: token ids with the special tokens, int64, of shape [length], length <= ``max_length``.
        truncated: the text was longer; its end, or its beginning, is not in ``ids``.
    """

    ids: npt.NDArray[np.int64]
    truncated: bool


class Encoder:
    """Turns texts into token ids. Safe to use from several threads.

    Args:
        tokenizer: a ``tokenizer.json``.
        max_length: tokens that the model reads of a text, the special ones included.
        prepare: what is done to a text before the tokenizer reads it.

    Raises:
        ModelBroken: the file is no tokenizer.
    """

    def __init__(self, tokenizer: Path, max_length: int, prepare: Callable[[str], str] = cased) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
        except Exception as error:  # the library raises nothing narrower
            raise ModelBroken(
                f"{tokenizer} is no tokenizer of the tokenizers library; export the model again."
            ) from error
        self._prepare = prepare
        self._longest_text = _LONGEST_TOKEN * max_length
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length)

    def encode(self, text: str, truncation_side: TruncationSide = "right") -> Encoding:
        """Token ids of one text (see :func:`models.text.checked`), without its end, or beginning, if it is too long."""
        left = truncation_side == "left"
        read = text[-self._longest_text :] if left else text[: self._longest_text]
        encoding = self._tokenizer.encode(self._prepare(read))
        truncated = bool(encoding.overflowing) or len(text) > self._longest_text
        ids = _last(encoding) if left and encoding.overflowing else encoding.ids
        return Encoding(np.array(ids, dtype=np.int64), truncated)


def _last(encoding: tokenizers.Encoding) -> list[int]:
    """The ids of the last tokens of a text that was cut, with the special tokens of its first piece around them."""
    room = [place for place, special in enumerate(encoding.special_tokens_mask) if not special]
    pieces = (encoding, *encoding.overflowing)
    content = [
        number
        for piece in pieces
        for number, special in zip(piece.ids, piece.special_tokens_mask, strict=True)
        if not special
    ]
    ids: list[int] = encoding.ids
    ids[room[0] : room[-1] + 1] = content[-len(room) :]
    return ids
