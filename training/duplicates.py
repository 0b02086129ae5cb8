"""Near-duplicate sentences, found by MinHash (Broder 1997) through the datasketch library."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from datasketch import MinHash, MinHashLSH
from sklearn.feature_extraction.text import CountVectorizer

SHINGLE: Final = 5
PERMUTATIONS: Final = 64
# Jaccard similarity of character 5-grams from which two sentences count as the same one, retold.
THRESHOLD: Final = 0.7
# Share of the shorter sentence's 5-grams that the longer one has, from which it is a quotation of it; below the least
# number of them such an overlap may be a common phrase.
CONTAINED: Final = 0.8
LEAST_CONTAINED: Final = 30
# Of a false and of a missed candidate: the overlap of candidates is computed, so that a miss costs more.
_WEIGHTS: Final = (0.1, 0.9)
# Sentences of one side that are compared with all of the other at once.
_BLOCK: Final = 2000


def near_duplicates(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs ``(i, j)``, ``i < j``, of texts whose character 5-grams overlap by about 0.7 (Jaccard) or more."""
    index: MinHashLSH = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, weights=_WEIGHTS)
    shingles = [_shingles(text) for text in texts]
    pairs = []
    for number, signature in enumerate(MinHash.generator([list(s) for s in shingles], num_perm=PERMUTATIONS)):
        for other in index.query(signature):
            overlap = len(shingles[number] & shingles[other]) / len(shingles[number] | shingles[other])
            if overlap >= THRESHOLD:
                pairs.append((int(other), number))
        index.insert(number, signature)
    return sorted(pairs)


def shared_sentences(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs ``(i, j)`` of ``left[i]`` and ``right[j]`` that are near-duplicates, or of which one quotes the other.

    Every pair is compared, so that none is missed. A post that quotes another has the most of its words, and yet a
    small overlap by Jaccard; so the share of the shorter one counts as well, where that has 30 5-grams or more.
    """
    if not left or not right:
        return []
    grams = CountVectorizer(analyzer=_shingles, binary=True, dtype=np.int32).fit_transform([*left, *right])
    ours, theirs = grams[: len(left)], grams[len(left) :]
    lengths = np.asarray(theirs.sum(axis=1)).ravel()
    pairs = []
    for start in range(0, len(left), _BLOCK):
        block = ours[start : start + _BLOCK]
        common = (block @ theirs.T).tocoo()
        first, second = np.asarray(block.sum(axis=1)).ravel()[common.row], lengths[common.col]
        shorter = np.minimum(first, second)
        near = common.data >= THRESHOLD * (first + second - common.data)
        quoted = (common.data >= CONTAINED * shorter) & (shorter >= LEAST_CONTAINED)
        found = np.flatnonzero(near | quoted)
        pairs += [(start + int(common.row[at]), int(common.col[at])) for at in found]
    return sorted(pairs)


def plain(text: str) -> str:
    """The text in lower case, its letters and digits only, with single spaces between the words."""
    return " ".join("".join(letter if letter.isalnum() else " " for letter in text.casefold()).split())


def _shingles(text: str) -> frozenset[bytes]:
    bare = plain(text)
    return frozenset(
        bare[at : at + SHINGLE].encode("utf-8", "replace") for at in range(max(1, len(bare) - SHINGLE + 1))
    )
