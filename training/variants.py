"""Texts without a label, made of real ones: only teachers judge them, so that a small model learns what they know.

Teachers have learned the labels of the training split nearly by heart; of a text that they have not seen they tell what
they would guess, and how surely. Such texts are made as in Tang et al. 2019, "Distilling task-specific knowledge from
BERT into simple neural networks", section 3.2 (words left out, runs of words), and in two ways of our own: halves of
two texts in one, and the sides of the war exchanged, which asks who does what to whom.
"""

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from training.dataset import WRITTEN, Example

# What stands in a variant's register.
VARIANT: Final = "variant"

_LEFT_OUT: Final = 0.15
_SHORTEST_RUN: Final = 0.5
_FEWEST_WORDS: Final = 6
_EXCHANGED: Final = {
    first: second
    for one, other in (
        ("Russia", "Ukraine"),
        ("Russian", "Ukrainian"),
        ("Russians", "Ukrainians"),
        ("Putin", "Zelensky"),
        ("Moscow", "Kyiv"),
    )
    for first, second in ((one, other), (other, one))
} | {"Kiev": "Moscow", "Zelenskyy": "Putin", "Zelenskiy": "Putin"}
_SIDES: Final = re.compile(rf"\b(?:{'|'.join(_EXCHANGED)})\b")


def variants(examples: Sequence[Example], each: int, seed: int) -> list[Example]:
    """Variants of the real examples. Their label is that of the text they were made of, and need not be true.

    Args:
        examples: the training split.
        each: variants of one real example; fewer where its text is too short for them.
        seed: of all choices.
    """
    chooser = random.Random(seed)
    real = [item for item in examples if item.source != WRITTEN]
    others = defaultdict(list)
    for item in real:
        others[item.source, item.lang].append(item.text)
    made = {}
    for item in real:
        for _ in range(each):
            text = _varied(item.text, chooser.choice(others[item.source, item.lang]), chooser)
            if text is not None:
                made[text] = replace(item, text=text, register=VARIANT)
    for item in real:
        made.pop(item.text, None)
    return list(made.values())


def _varied(text: str, other: str, chooser: random.Random) -> str | None:
    words = text.split()
    if len(words) < _FEWEST_WORDS:
        return None
    kind = chooser.randrange(4)
    if kind == 0 and _SIDES.search(text):
        return _SIDES.sub(lambda found: _EXCHANGED[found[0]], text)
    if kind == 1:
        end = other.split()
        return " ".join(words[: len(words) // 2] + end[len(end) // 2 :])
    if kind == 2:
        return " ".join(word for word in words if chooser.random() >= _LEFT_OUT)
    length = chooser.randint(max(_FEWEST_WORDS, int(_SHORTEST_RUN * len(words))), len(words))
    start = chooser.randint(0, len(words) - length)
    return " ".join(words[start : start + length])
