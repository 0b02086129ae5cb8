"""The gate's test: what is better, no worse and worse; it agrees with figures that were reckoned otherwise."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.metrics import f1_score

from models.errors import InputError
from models.labels import LABEL2ID, LABELS, Label
from models.prediction import Prediction
from training.compare import SHIPPED_TEST, compare, frozen_rows
from training.comparison_tables import comparison_tables
from training.slices import LabelledRow


class Told:
    """A model that gives the labels that it is told, whatever the texts."""

    def __init__(self, version: str, labels: Sequence[Label]) -> None:
        self.info: Any = type("Info", (), {"version": version})
        self.labels = labels

    def classify(self, _: Sequence[str]) -> list[Prediction]:
        return [
            Prediction(label, {each: 0.8 if each == label else 0.1 for each in LABELS}, (label,), margin=0.7)
            for label in self.labels
        ]


def rows(truth: Sequence[Label]) -> list[LabelledRow]:
    return [
        LabelledRow(f"text {number}", label, {"lang": ("en", "fr")[number % 2]}) for number, label in enumerate(truth)
    ]


def guesses(truth: Sequence[Label], right: float, seed: int) -> list[Label]:
    draw = np.random.default_rng(seed)
    return [label if draw.random() < right else LABELS[draw.integers(3)] for label in truth]


TRUTH: list[Label] = [LABELS[number % 3] for number in range(300)]


def verdict(right_a: float, right_b: float) -> str:
    a, b = guesses(TRUTH, right_a, 1), guesses(TRUTH, right_b, 2)
    found = compare(Told("a", a), Told("b", b), rows(TRUTH), "set")  # type: ignore[arg-type]
    return found.verdict


def test_verdicts() -> None:
    assert verdict(0.5, 0.8) == "better"
    assert verdict(0.8, 0.5) == "worse"
    assert verdict(0.6, 0.6) == "no worse"


def test_figures_agree_with_the_libraries() -> None:
    a, b = guesses(TRUTH, 0.6, 1), guesses(TRUTH, 0.7, 2)
    found = compare(Told("a", a), Told("b", b), rows(TRUTH), "set")  # type: ignore[arg-type]
    for told, labels in ((found.overall.a, a), (found.overall.b, b)):
        assert told == pytest.approx(f1_score(TRUTH, labels, average="macro"))
    assert found.overall.difference is not None
    low, high = found.overall.difference.low, found.overall.difference.high
    assert low < found.overall.difference.value < high
    draw = np.random.default_rng(5).integers(0, 300, (1000, 300))
    truth, first, second = (np.array([LABEL2ID[label] for label in labels]) for labels in (TRUTH, a, b))
    resampled = [
        f1_score(truth[i], second[i], average="macro") - f1_score(truth[i], first[i], average="macro") for i in draw
    ]
    assert (low, high) == pytest.approx(tuple(np.percentile(resampled, (2.5, 97.5))), abs=0.01)
    only_a = sum(x == t != y for t, x, y in zip(TRUTH, a, b, strict=True))
    only_b = sum(y == t != x for t, x, y in zip(TRUTH, a, b, strict=True))
    assert (found.only_a, found.only_b) == (only_a, only_b)
    assert found.p == pytest.approx(min(1, 2 * binom.cdf(min(only_a, only_b), only_a + only_b, 0.5)))
    for label in LABELS:
        assert found.by["label"][label].b == pytest.approx(f1_score(TRUTH, b, labels=[label], average="macro"))
    assert set(found.by) == {"label", "lang", "length"}
    assert {name: each.rows for name, each in found.by["lang"].items()} == {"en": 150, "fr": 150}


def test_equal_models_are_no_worse_and_differ_by_nothing() -> None:
    told = Told("a", guesses(TRUTH, 0.6, 1))
    found = compare(told, told, rows(TRUTH), "set")  # type: ignore[arg-type]
    assert (found.verdict, found.p, found.only_a, found.only_b) == ("no worse", 1.0, 0, 0)
    assert found.overall.difference is not None
    assert found.overall.difference.to_dict() == {"value": 0, "low": 0, "high": 0}


def test_rows_of_one_label_have_no_macro_f1_but_a_verdict() -> None:
    truth: list[Label] = ["neutral"] * 40
    right, wrong = Told("a", truth), Told("b", ["critical"] * 40)
    assert compare(right, wrong, rows(truth), "set").verdict == "worse"  # type: ignore[arg-type]
    found = compare(wrong, right, rows(truth), "set")  # type: ignore[arg-type]
    assert (found.overall.a, found.overall.difference) == (None, None)
    assert comparison_tables(found)


def test_rows_that_each_have_a_source_of_their_own_are_compared_all_the_same() -> None:
    told = Told("a", TRUTH)
    each = [LabelledRow(row.text, row.label, {"source": row.text}) for row in rows(TRUTH)]
    assert set(compare(told, told, each, "set").by) == {"label", "length"}  # type: ignore[arg-type]


def test_no_rows_are_refused() -> None:
    with pytest.raises(InputError, match="no rows"):
        compare(Told("a", []), Told("b", []), [], "set")  # type: ignore[arg-type]


def test_the_shipped_test_split_is_at_hand() -> None:
    found = frozen_rows(SHIPPED_TEST)
    assert len(found) > 1000
    assert {row.label for row in found} == set(LABELS)
