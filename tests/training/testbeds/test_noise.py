"""Noise keeps the meaning: what of the text it leaves alone, and that it is always the same."""

import html
import re

import pytest

from training.lookalikes import LOOKALIKES
from training.testbeds.noise import NOISES, noisy
from training.testbeds.robustness import PAIRS, read_pairs

TEXTS = [text for kind in PAIRS for pair in read_pairs(kind) for text in (pair.text, pair.other)]


@pytest.mark.parametrize("kind", NOISES)
def test_noise_changes_most_texts_and_always_in_the_same_way(kind: str) -> None:
    changed = [text for text in TEXTS if noisy(kind, text) != text]
    assert len(changed) > 0.7 * len(TEXTS)
    assert [noisy(kind, text) for text in TEXTS[:20]] == [noisy(kind, text) for text in TEXTS[:20]]


@pytest.mark.parametrize("text", TEXTS[::10])
def test_what_noise_adds_can_be_taken_away(text: str) -> None:
    assert re.sub(r"[^\w]", "", noisy("added punctuation", text)) == re.sub(r"[^\w]", "", text)
    bare = html.unescape(re.sub(r"<[^<>]*>", "", noisy("HTML", text))).replace("\u00a0", " ")
    assert bare == text.replace("\u00a0", " ")
    assert (
        re.sub(r"[\u200b-\u2069\ufeff\u00ad]", "", noisy("invisible characters", text))
        == re.sub(r"[\u200b-\u2069\ufeff\u00ad]", "", text)
        or "—" in text
    )
    assert "".join(noisy("white space", text).split()) == "".join(text.split())
    for kind in ("URL", "emoji", "mentions and hashtags"):
        assert text in noisy(kind, text)
    assert noisy("look-alike letters", text).translate(str.maketrans(LOOKALIKES)) == text.translate(
        str.maketrans(LOOKALIKES)
    )


def test_typing_errors_are_few_and_within_words() -> None:
    for text in TEXTS[::7]:
        pairs = zip(text.split(" "), noisy("typing errors", text).split(" "), strict=True)
        wrong = [(word, other) for word, other in pairs if word != other]
        assert len(wrong) <= max(1, len(text.split(" ")) // 8)
        assert all(word[0] == other[0] and word[-1] == other[-1] for word, other in wrong)
