"""Paragraphs longer than the window that the library gets."""

import time

import pytest

from models.sentences import split


def test_sentences_are_whole_across_windows() -> None:
    text = "The convoy crossed the border on Tuesday. " * 2000
    sentences = {text[span.start : span.end] for span in split(text)}
    assert sentences == {"The convoy crossed the border on Tuesday."}
    assert len(split(text)) == 2000


@pytest.mark.parametrize("text", ["a" * 50_000, "« " * 20_000, "мир " * 10_000 + "конец. Да! " * 10])
def test_nothing_is_lost_across_windows(text: str) -> None:
    parts = [text[span.start : span.end] for span in split(text)]
    assert "".join("".join(part.split()) for part in parts) == "".join(text.split())
    assert all(part == part.strip() for part in parts)


def test_a_paragraph_of_quotation_marks_takes_no_time_of_note() -> None:
    before = time.process_time()
    split("«" * 200_000)
    assert time.process_time() - before < 4, "without windows it takes about ten seconds of CPU"
