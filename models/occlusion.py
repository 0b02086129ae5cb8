"""Which words a prediction hangs on, by occlusion: what the scores lose when a word is left out.

Zeiler & Fergus 2014, "Visualizing and understanding convolutional networks", occlude parts of an image; Li, Monroe &
Jurafsky 2016, "Understanding neural networks through representation erasure", do so with words. Words are left out
one at a time, so that what two words only say together is told of neither or of both.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Final

from models.labels import LABELS, Label
from models.prediction import Prediction
from models.sentences import Span

# Between two letters they are part of a word: Kremlin-backed, l'armée, об'єднання.
_JOINERS: Final = frozenset("-‐‑'’ʼ")


def words(text: str) -> list[Span]:
    """The words of a text, in order, ``text[start:end]`` each: runs of letters, digits, their marks, and symbols.

    Symbols are emoji above all, which carry a stance of their own. White space and punctuation belong to no word, but
    for a hyphen or an apostrophe within one.
    """
    found: list[Span] = []
    start: int | None = None
    for index, character in enumerate(text):
        joins = (
            character in _JOINERS
            and start is not None
            and index + 1 < len(text)
            and _is_of_a_word(text[index - 1])
            and _is_of_a_word(text[index + 1])
        )
        if joins or _is_of_a_word(character):
            start = index if start is None else start
        elif start is not None:
            found.append(Span(start, index))
            start = None
    if start is not None:
        found.append(Span(start, len(text)))
    return found


def without(text: str, word: Span) -> str:
    """The text without one word, and without the space that would then stand double."""
    before, after = text[: word.start], text[word.end :]
    doubled = (not before or before[-1].isspace()) and after[:1].isspace()
    return before + (after[1:] if doubled else after)


def attributions(whole: Prediction, occluded: Sequence[Prediction]) -> list[dict[Label, float]]:
    """What each word adds to the score of each label.

    Args:
        whole: the prediction for the text.
        occluded: the predictions for the text without each word.

    Returns:
        One number a label, in [-1, 1], for each word: the score with the word minus the score without it. Above 0,
        the word speaks for the label. The three sum to 0.
    """
    return [{label: whole.scores[label] - each.scores[label] for label in LABELS} for each in occluded]


@cache
def _is_of_a_word(character: str) -> bool:
    # Letters, marks (Arabic vowels, accents), numbers, symbols, and the joiners of emoji.
    return unicodedata.category(character)[0] in "LMNS" or character in "\u200c\u200d"
