"""Distinct texts of real length, made from the written corpus, the same ones every time."""

import random

from training.dataset import read_corpus

WORDS = range(5, 61)
_SEED = 20261122


def distinct_texts(count: int) -> list[str]:
    """So many different texts of 5 to 60 words: the corpus's own sentences, and then pairs of them."""
    chance = random.Random(_SEED)
    sentences = sorted({item.text for item in read_corpus()})
    chance.shuffle(sentences)
    found = dict.fromkeys(text for text in sentences if len(text.split()) in WORDS)
    while len(found) < count:
        pair = " ".join(chance.sample(sentences, 2))
        if len(pair.split()) in WORDS:
            found[pair] = None
    return list(found)[:count]
