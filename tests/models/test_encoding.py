"""Token ids: what is read of a text that is too long, held to the library's own truncation."""

import random

import pytest
from tokenizers import Tokenizer

from models.directory import RELEASED, TOKENIZER
from models.encoding import Encoder, TruncationSide

WORDS = ("Moscow", "sent", "convoy;", "Россия", "пришла", "помощь,", "2026", "🚚", "<s>", "</s>", "<unk>", "المساعدة")


@pytest.mark.parametrize("side", ["left", "right"])
def test_either_end_is_cut_off_as_by_the_library(side: TruncationSide) -> None:
    chance = random.Random(7)
    encoder = Encoder(RELEASED / TOKENIZER, 20)
    library = Tokenizer.from_file(str(RELEASED / TOKENIZER))
    library.no_padding()
    library.enable_truncation(20, direction=side)
    for length in (*range(1, 30), 100, 300):
        text = " ".join(chance.choices(WORDS, k=length))
        found, expected = encoder.encode(text, side), library.encode(text)
        assert found.ids.tolist() == expected.ids
        assert found.truncated == bool(expected.overflowing)


def test_of_a_book_only_the_end_that_is_read_is_tokenised() -> None:
    encoder = Encoder(RELEASED / TOKENIZER, 20)
    ending = " It ends in Bamako on Tuesday, after the talks that nobody had expected to last so long."
    book = encoder.encode("word " * 100_000 + ending, "left")
    assert book.truncated
    assert book.ids.tolist() == encoder.encode("word " * 100 + ending, "left").ids.tolist()
