"""Words of all our scripts, and what leaving them out does."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.labels import LABELS
from models.occlusion import attributions, without, words
from models.prediction import Prediction


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Moscow lies.", ["Moscow", "lies"]),
        ("Kremlin-backed, so-called “aid”", ["Kremlin-backed", "so-called", "aid"]),
        ("L'armée russe n’aide pas", ["L'armée", "russe", "n’aide", "pas"]),
        ("об'єднання - зло", ["об'єднання", "зло"]),
        ("«Вагнер» — зло", ["Вагнер", "зло"]),
        ("كِتَابٌ، جيد", ["كِتَابٌ", "جيد"]),
        ("Rubbish 🔥👩‍👩‍👧 #Mali", ["Rubbish", "🔥👩‍👩‍👧", "Mali"]),
        ("word—word 24/7", ["word", "word", "24", "7"]),
        ("'quoted' end-", ["quoted", "end"]),
        ("cafe\u0301 au lait", ["cafe\u0301", "au", "lait"]),
        (" \n\t… --", []),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in words(text)] == expected


@given(st.text())
def test_every_letter_is_in_one_word_and_no_space_in_any(text: str) -> None:
    found = words(text)
    assert all(first.end <= second.start for first, second in pairwise(found))
    inside = {index for word in found for index in range(word.start, word.end)}
    assert all((index in inside) for index, character in enumerate(text) if character.isalpha())
    assert not any(text[index].isspace() for index in inside)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one two three", ["two three", "one three", "one two "]),
        ("«one», two", ["«», two", "«one», "]),
        ("one", [""]),
    ],
)
def test_without_leaves_no_double_space(text: str, expected: list[str]) -> None:
    assert [without(text, word) for word in words(text)] == expected


def test_attributions_are_what_the_scores_lose() -> None:
    def prediction(*scores: float) -> Prediction:
        return Prediction("critical", dict(zip(LABELS, scores, strict=True)), ("critical",), margin=0.5)

    (first, second) = attributions(prediction(0.75, 0.25, 0), [prediction(0.25, 0.5, 0.25), prediction(0.75, 0.25, 0)])
    assert first == {"critical": 0.5, "neutral": -0.25, "supportive": -0.25}
    assert second == dict.fromkeys(LABELS, 0)
