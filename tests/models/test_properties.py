"""What holds for every input: rows come back as written, encodings keep within bounds, calibration is sound."""

import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import Prior, softmax
from models.directory import RELEASED, TOKENIZER
from models.encoding import Encoder
from models.errors import TextError
from models.rows import Row, read_rows, write_rows
from models.text import checked

# All that a file can hold: no half characters. NUL is a character like another here.
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
AWKWARD = st.lists(
    st.sampled_from([*'a,;\t"\n\r \0=', "ж", "🌾", "\u2028", "\x85", "\x1c", "\ufeff"]), max_size=12
).map("".join)
CELLS = st.one_of(TEXTS, AWKWARD)
ENCODER = Encoder(RELEASED / TOKENIZER, 24)


@pytest.mark.parametrize("format", ["csv", "tsv", "jsonl", "parquet"])
def test_rows_come_back_as_they_were_written(format: str) -> None:
    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(st.lists(st.fixed_dictionaries({"text": CELLS, "note, 1": CELLS}), min_size=1, max_size=4))
    def come_back(rows: list[dict[str, str]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"rows.{format}"
            assert write_rows(path, rows) == len(rows)
            assert [row.fields for row in read_rows(path) if isinstance(row, Row)] == rows

    come_back()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=40))
def test_a_checked_text_keeps_its_offsets_and_is_checked_once(text: str) -> None:
    try:
        found = checked(text)
    except TextError:
        assert any("\ud800" <= character <= "\udfff" for character in text)
        return
    assert len(found) == len(text)
    assert checked(found) == found
    assert all(after == before or (before, after) == ("\0", " ") for before, after in zip(text, found, strict=True))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.one_of(
        TEXTS, st.lists(st.sampled_from(["Moscow ", "Россия", "🌾", "<s>", "</s>", ",", "ﷺ"]), max_size=60).map("".join)
    )
)
def test_no_encoding_is_longer_than_the_model_reads(text: str) -> None:
    for side in ("right", "left"):
        found = ENCODER.encode(checked(text), side)
        assert 2 <= len(found.ids) <= 24
        assert (found.ids[0], found.ids[-1]) == tuple(ENCODER.encode("").ids)
        assert not found.truncated or len(found.ids) == 24
    if not found.truncated:
        assert ENCODER.encode(text, "right").ids.tolist() == found.ids.tolist()


LOGITS = st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3)
SHIFTS = st.tuples(*[st.floats(-5, 5)] * 3)
THRESHOLDS = st.tuples(*[st.floats(0, 1)] * 3)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(LOGITS, SHIFTS, THRESHOLDS, st.floats(-1e3, 1e3))
def test_scores_are_probabilities_and_a_set_has_the_likeliest(
    logits: list[float], shift: tuple[float, float, float], thresholds: tuple[float, float, float], more: float
) -> None:
    prior = Prior(shift, thresholds)
    scores = prior.scores(np.array([logits]))[0]
    assert math.isclose(scores.sum(), 1, abs_tol=1e-9)
    assert (scores >= 0).all()
    assert np.allclose(softmax([logits]), softmax([[each + more for each in logits]]), atol=1e-6)
    labels = prior.prediction_set(scores)
    by_label = dict(zip(("critical", "neutral", "supportive"), scores, strict=True))
    assert by_label[labels[0]] == scores.max()
    assert [by_label[label] for label in labels] == sorted((by_label[label] for label in labels), reverse=True)
    wider = Prior(shift, tuple(min(1.0, each + 0.2) for each in thresholds)).prediction_set(scores)
    assert set(labels) <= set(wider)
