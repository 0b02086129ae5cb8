"""A smaller vocabulary: the pieces of a multilingual tokenizer that our languages use.

Pieces are ranked by how often the words of each language need them (word frequencies: the wordfreq library,
Speer 2022), so that no text of the project decides what is kept. Works on Unigram tokenizers (XLM-R and its kin).
"""

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.errors import BaseModelError
from models.languages import LANGUAGES

WORDS_A_LANGUAGE = 120_000
SCRIPTS = ("LATIN", "CYRILLIC", "ARABIC", "DIGIT")


def kept_pieces(tokenizer: Path, size: int) -> list[int]:
    """Ids of the pieces to keep, in their old order.

    Kept are the special tokens, every single character of our scripts, every digit, sign and emoji, and then the
    pieces that words of our languages use most, by the language that uses each most.

    Args:
        tokenizer: a ``tokenizer.json`` with a Unigram model.
        size: how many pieces to keep at most.

    Raises:
        BaseModelError: the tokenizer has no Unigram model.
    """
    vocabulary = _unigram(json.loads(tokenizer.read_text(encoding="utf-8")))["vocab"]
    always = [index for index, (piece, _) in enumerate(vocabulary) if index < 4 or _is_basic(piece)]
    use = _use_by_language(Tokenizer.from_file(str(tokenizer)), len(vocabulary)).max(axis=0)
    use[always] = np.inf
    ranked = np.argsort(-use, kind="stable")[:size]
    return sorted(int(index) for index in ranked if use[index] > 0)


def trim_tokenizer(tokenizer: Path, keep: list[int]) -> dict[str, object]:
    """The content of a ``tokenizer.json`` that has only the kept pieces, numbered anew in the same order.

    Raises:
        BaseModelError: the tokenizer has no Unigram model, or a special token would be lost.
    """
    content = json.loads(tokenizer.read_text(encoding="utf-8"))
    model: dict[str, Any] = _unigram(content)
    new_id = {model["vocab"][old][0]: new for new, old in enumerate(keep)}
    model["vocab"] = [model["vocab"][old] for old in keep]
    model["unk_id"] = new_id["<unk>"]
    content["added_tokens"] = [
        token | {"id": new_id[token["content"]]} for token in content["added_tokens"] if token["content"] in new_id
    ]
    for token in content["post_processor"]["special_tokens"].values():
        missing = [piece for piece in token["tokens"] if piece not in new_id]
        if missing:
            raise BaseModelError(f"the trimmed vocabulary lacks {', '.join(missing)}; keep more pieces")
        token["ids"] = [new_id[piece] for piece in token["tokens"]]
    return content


def _unigram(content: dict[str, Any]) -> dict[str, Any]:
    model = content["model"]
    if not isinstance(model, dict) or model.get("type") != "Unigram":
        raise BaseModelError("only a Unigram vocabulary (XLM-R and its kin) can be trimmed; keep the full one")
    return model


def _is_basic(piece: str) -> bool:
    bare = piece.removeprefix("▁")
    if len(bare) > 1 and not all(unicodedata.category(letter)[0] in "SPNM" for letter in bare):
        return False
    return all(
        unicodedata.category(letter)[0] in "SPN" or unicodedata.name(letter, "").startswith(SCRIPTS) for letter in bare
    )


def _use_by_language(tokenizer: Tokenizer, size: int) -> NDArray[np.float64]:
    use = np.zeros((len(LANGUAGES), size))
    for row, language in zip(use, LANGUAGES, strict=True):
        for word, frequency in _words(language):
            row[tokenizer.encode(word, add_special_tokens=False).ids] += frequency
    return use


def _words(language: str) -> Iterator[tuple[str, float]]:
    """Words with their frequencies; at the start of a sentence and in headlines they are capitalised."""
    import wordfreq

    for rank, word in enumerate(wordfreq.top_n_list(language, WORDS_A_LANGUAGE)):
        frequency = wordfreq.word_frequency(word, language)
        yield word, frequency
        yield word.capitalize(), 0.2 * frequency
        if rank < WORDS_A_LANGUAGE // 6:
            yield word.upper(), 0.02 * frequency
