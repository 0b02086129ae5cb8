"""Near-duplicate sentences, found by MinHash (Broder 1997) through the datasketch library."""

from collections.abc import Sequence
from typing import Final

from datasketch import MinHash, MinHashLSH

SHINGLE: Final = 5
PERMUTATIONS: Final = 64
# Jaccard similarity of character 5-grams from which two sentences count as the same one, retold.
THRESHOLD: Final = 0.7
# Of a false and of a missed candidate: the overlap of candidates is computed, so that a miss costs more.
_WEIGHTS: Final = (0.1, 0.9)


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


def plain(text: str) -> str:
    """The text in lower case, its letters and digits only, with single spaces between the words."""
    return " ".join("".join(letter if letter.isalnum() else " " for letter in text.casefold()).split())


def _shingles(text: str) -> frozenset[bytes]:
    bare = plain(text)
    return frozenset(
        bare[at : at + SHINGLE].encode("utf-8", "replace") for at in range(max(1, len(bare) - SHINGLE + 1))
    )
