"""Offsets always hold, whatever the text; and the splits are those a reader would make."""

from itertools import pairwise
from typing import Any

import pytest
import sentencex
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import TextError
from models.sentences import split

ALPHABET = st.sampled_from(
    [*'abC.!?…:;,"«»“”()[]-–*•1 2\n\r\t\u2028\u00a0\u200b\0', *"ЖїслФم؟。😀🇺🇦é", "\u0301", "Mr. ", "г. "]
)


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in split(text)]


@settings(max_examples=300, deadline=None)
@given(st.lists(ALPHABET, max_size=60).map("".join))
def test_nothing_is_lost_and_nothing_overlaps(text: str) -> None:
    spans = split(text)
    assert [span.start for span in spans] == sorted(span.start for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans if "\0" not in text[start:end])
    covered = {index for start, end in spans for index in range(start, end)}
    assert all(index in covered for index, letter in enumerate(text) if not letter.isspace() and letter != "\0")


@pytest.mark.parametrize(
    "expected",
    [
        ["Gen. Smith met Mr. Putin on Jan. 5.", "It went on."],
        ["The U.S. Army left.", "Nobody knows why."],
        ["They lied!", "Again?", "Yes… again."],
        ["M. Macron et Mme. Dupont sont venus hier soir à Paris.", "MM. Jean et Paul aussi."],
        ["Am 24. Februar begann der Krieg, sagte Dr. Müller.", "Seitdem z. B. nichts."],
        ["W 2022 r. zaczęła się wojna, mówi gen. Nowak.", "Dr. Nowak milczy."],
        ["По словам ген. Иванова и В. Петрова, в 2014 г. началась война.", "Это 5 млн. руб. в день.", "Да."],
        ["У 2014 р. В. Зеленський ще не був президентом України.", "Ген. Залужний мовчав."],
        ["La Sra. Gómez y el Sr. Pérez no vinieron ayer a Madrid.", "¿Por qué?", "¡No lo sé!"],
        ["O Sr. Silva e a Dra. Costa chegaram ontem à noite a Lisboa.", "Fim."],
        ["Il sig. Rossi e il gen. Neri sono arrivati ieri sera a Roma.", "Fine."],
        ["روسيا دولة كبيرة، وقد هاجمت أوكرانيا.", "متى تنتهي الحرب؟", "لا أحد يعلم!"],
        ["He said “We left.”", "Then he left. 😀🇺🇦"],
        ["1. The first point is this.", "2. The second is that."],
    ],
)
def test_sentences_of_one_line(expected: list[str]) -> None:
    assert parts(" ".join(expected)) == expected


def test_lines_paragraphs_and_lists() -> None:
    text = (
        "A headline without a full stop\r\nBy Someone\r\n\r\n"
        "  First paragraph here. With two sentences.\n \t\n"
        "- the first point\n- the second point. And more\n\n***\n\n"
        "قال الرئيس نعم. ثم غادر.\u2028Слава Україні! Героям слава!\n"
    )
    assert parts(text) == [
        "A headline without a full stop", "By Someone", "First paragraph here.", "With two sentences.",
        "- the first point", "- the second point.", "And more", "***",
        "قال الرئيس نعم.", "ثم غادر.", "Слава Україні!", "Героям слава!",
    ]  # fmt: skip


def test_lines_broken_to_fit_a_page_are_put_together() -> None:
    text = (
        "The minister said on Tuesday that the troops had left the\n"
        "town, and that nobody in it would return before the end of\n"
        "March. A spokesman for the other side denied it, and said\n"
        "Moscow would answer soon.\n"
    )
    assert parts(text) == [
        text[: text.index(" A spokesman")],
        text[text.index("A spokesman") : -1],
    ]


def test_short_lines_in_small_letters_are_sentences_of_their_own() -> None:
    assert parts("they lie\nagain and again\nslava ukraini") == ["they lie", "again and again", "slava ukraini"]


def test_lone_surrogates_are_refused() -> None:
    with pytest.raises(TextError, match="surrogate"):
        split("one. \ud83d two.")


@pytest.mark.parametrize(
    "unit",
    ["A. ", "1. ", "😀. ", "a\n", "word ", ".", "(", "*** ", "x" * 60 + "\n", "Так. Ні!\n\n", "«", "« ", "A.", "a!b"],
)
def test_the_library_reads_a_text_about_once_and_in_short_windows(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def spy(language: str, text: str) -> list[dict[str, Any]]:
        read.append(len(text))
        return boundaries(language, text)

    boundaries = sentencex.get_sentence_boundaries
    monkeypatch.setattr(sentencex, "get_sentence_boundaries", spy)
    text = (unit * (100_000 // len(unit) + 1))[:100_000]
    split(text)
    assert max(read, default=0) <= 10_000
    assert sum(read) <= 2 * len(text)


def test_a_paragraph_longer_than_the_library_gets_at_once_is_split_as_a_short_one() -> None:
    sentences = ["The convoy crossed the border on Tuesday.", "“Nobody saw it,” said Mr. Smith."] * 1000
    assert parts(" ".join(sentences)) == sentences
    assert "".join(parts("a" * 50_000)) == "a" * 50_000


def test_rows_of_full_stops_are_not_split_by_the_slow_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def spy(language: str, text: str) -> list[dict[str, Any]]:
        asked.append(language)
        return boundaries(language, text)

    boundaries = sentencex.get_sentence_boundaries
    monkeypatch.setattr(sentencex, "get_sentence_boundaries", spy)
    prose = "Il presidente ha detto che la delegazione è arrivata lunedì. "
    split(prose * 20)
    split(prose + "A." * 3000)
    assert asked == ["it", "en"]


@pytest.mark.parametrize("text", ["A\u00a0." * 1000, ".A\u00a0\t" * 300, "J.\u202fB. Smith came. He left."])
def test_spaces_of_several_bytes_do_not_bring_the_library_down(text: str) -> None:
    assert "".join("".join(parts(text)).split()) == "".join(text.split())


def test_a_text_that_the_library_fails_on_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        """As pyo3's, whose class cannot be imported."""

    def panic(*_: object) -> None:
        raise PanicException

    monkeypatch.setattr(sentencex, "get_sentence_boundaries", panic)
    assert parts("One. Two.\n\nThree.") == ["One. Two.", "Three."]


def test_a_stop_of_the_program_is_no_failure_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sentencex, "get_sentence_boundaries", stop)
    with pytest.raises(KeyboardInterrupt):
        split("One. Two.")
