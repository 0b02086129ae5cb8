"""From text to token ids, the same for training and serving: everything else is inside ``tokenizer.json``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from models.errors import ModelBroken, TextError

# Far more than any token has; a book would else be tokenised whole for its first page.
_LONGEST_TOKEN: Final = 100


@dataclass(frozen=True, slots=True)
class Encoding:
    """One text as the model reads it.

    Attributes:
        ids: token ids with the special tokens, int64, of shape [length], length <= ``max_length``.
        truncated: the text was longer; its end is not in ``ids``.
    """

    ids: npt.NDArray[np.int64]
    truncated: bool


class Encoder:
    """Turns texts into token ids. Safe to use from several threads.

    Args:
        tokenizer: a ``tokenizer.json``.
        max_length: tokens that the model reads of a text, the special ones included.

    Raises:
        ModelBroken: the file is no tokenizer.
    """

    def __init__(self, tokenizer: Path, max_length: int) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
        except Exception as error:  # the library raises nothing narrower
            raise ModelBroken(
                f"{tokenizer} is no tokenizer of the tokenizers library; export the model again."
            ) from error
        self._longest_text = _LONGEST_TOKEN * max_length
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length)

    def encode(self, text: str) -> Encoding:
        """Token ids of one checked text (see :func:`checked`)."""
        encoding = self._tokenizer.encode(text[: self._longest_text])
        truncated = bool(encoding.overflowing) or len(text) > self._longest_text
        return Encoding(np.array(encoding.ids, dtype=np.int64), truncated)


def checked(text: object, index: int = 0) -> str:
    """The text, with every NUL turned into a space (some tools read it as the end), so that offsets stay.

    Args:
        text: what the caller sent.
        index: its position in the caller's list, for the error.

    Raises:
        TextError: it is not a string, or has lone surrogates, which are no characters.
    """
    if not isinstance(text, str):
        raise TextError(f"Text {index} is of type {type(text).__name__}; give a string.", index)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise TextError(
            f"Text {index} has a lone surrogate at character {error.start}; decode it from its bytes with "
            'errors="replace".',
            index,
        ) from None
    return text.replace("\0", " ")
