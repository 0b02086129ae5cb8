"""Counts the tokens of corpus sentences under the full vocabulary of the base; run it again when the corpus changes.

The shipped vocabulary was trimmed by word frequencies alone, so that all of the corpus is text it was not trimmed on.

    python -m tests.models.full_vocabulary
"""

import json
from pathlib import Path

from tokenizers import Tokenizer

from training.bases import fetch_base
from training.dataset import read_corpus

COUNTS = Path(__file__).with_suffix(".json")
SENTENCES = 200


def main() -> None:
    """Write ``full_vocabulary.json``: the tokens of the sample, by language."""
    full = Tokenizer.from_file(str(fetch_base("multilingual-e5-small") / "tokenizer.json"))
    counts = {language: sum(len(full.encode(text).tokens) for text in texts) for language, texts in sample().items()}
    COUNTS.write_text(json.dumps(counts, indent=1) + "\n", "utf-8")


def sample() -> dict[str, list[str]]:
    """The first sentences of each language, in the order of the corpus; pictographs that the base lacks left out."""
    texts: dict[str, list[str]] = {}
    for example in read_corpus():
        of_language = texts.setdefault(example.lang, [])
        if len(of_language) < SENTENCES and all(ord(letter) < 0x1F000 for letter in example.text):
            of_language.append(example.text)
    return dict(sorted(texts.items()))


if __name__ == "__main__":
    main()
