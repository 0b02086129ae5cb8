"""Capitals as prose has them: a shout, a post without capitals, and all that must stay as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.casing import cased


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("RUSSIA MUST LEAVE KYIV NOW, says Bob", "Russia must leave Kyiv now, says bob"),
        ("РОССИЯ ДОЛЖНА УЙТИ ИЗ УКРАИНЫ", "Россия должна уйти из Украины"),
        ("«ПУТИН СНОВА ЛЖЁТ О ВОЙНЕ»", "«Путин снова лжёт о войне»"),
        ("russians left moscow, putin told nato", "Russians left Moscow, Putin told NATO"),
        ("россия в украине, сша против", "Россия в Украине, США против"),
        ("I love RUSSIA", "I love Russia"),
    ],
)
def test_capitals_are_mended(text: str, read: str) -> None:
    assert cased(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "NATO, EU, OSCE",
        "Russia left Kyiv.",
        "un mot de Paul",
        "eu quero",
        "prussian blue",
        "كتب أحد السكان",
        "",
        "İ" * 20,
    ],
)
def test_other_texts_stay(text: str) -> None:
    assert cased(text) == text


@given(st.text())
def test_offsets_stay_and_twice_is_once(text: str) -> None:
    once = cased(text)
    assert len(once) == len(text)
    assert cased(once) == once
