"""The written rows of the test beds: labels, numbers, languages, and nothing near to what is trained on."""

from collections import Counter
from pathlib import Path

import pytest

from models.labels import LABELS
from models.languages import LANGUAGES
from training.dataset import CORPUS
from training.duplicates import near_duplicates
from training.slices import read_labelled
from training.testbeds.bias import COLUMNS, read_neutral
from training.testbeds.robustness import PAIRS, ROWS, read_pairs

LEAST = {"paraphrases": 60, "theatre_swaps": 60, "name_swaps": 80, "negations": 60, "attributions": 60}


def test_rows_are_not_where_training_reads() -> None:
    assert not ROWS.is_relative_to(CORPUS)
    assert {path.stem for path in ROWS.iterdir()} == {*PAIRS, "neutral"}


@pytest.mark.parametrize("kind", PAIRS)
def test_pairs_are_whole(kind: str) -> None:
    pairs = read_pairs(kind)
    assert len(pairs) >= LEAST[kind]
    assert {pair.lang for pair in pairs} == set(LANGUAGES)
    assert {label for pair in pairs for label in (pair.label, pair.other_label)} <= set(LABELS)
    assert all(pair.text != pair.other and (pair.label == pair.other_label) == PAIRS[kind] for pair in pairs)


def test_neutral_rows_tell_the_same_in_every_language() -> None:
    rows = read_neutral()
    for column in COLUMNS:
        assert min(Counter(row[column] for row in rows).values()) >= 25, column
    assert set(Counter(row["lang"] for row in rows).values()) == {len(rows) // len(LANGUAGES)}


def test_no_row_is_near_to_a_sentence_of_the_corpus() -> None:
    ours = [text for kind in PAIRS for pair in read_pairs(kind) for text in (pair.text, pair.other)]
    ours += [row["text"] for row in read_neutral()]
    corpus = [row.text for path in _corpus() for row in read_labelled(path)]
    near = [(left, right) for left, right in near_duplicates([*corpus, *ours]) if left < len(corpus) <= right]
    assert [ours[right - len(corpus)] for _, right in near] == []


def _corpus() -> list[Path]:
    return sorted(CORPUS.glob("*.jsonl"))
