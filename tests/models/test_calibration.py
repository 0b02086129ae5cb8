"""Fitting finds what was put in, and sets cover as often as they promise."""

import numpy as np
import numpy.typing as npt
import pytest

from models.calibration import (
    Floats,
    Prior,
    fit_temperature,
    fit_thresholds,
    softmax,
)

EVEN = Prior((0, 0, 0), (0.5, 0.5, 0.5))


def drawn(
    count: int, seed: int, shares: tuple[float, float, float] = (0.2, 0.6, 0.2)
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Logits that are perfectly calibrated for labels of these shares, and the labels."""
    generator = np.random.default_rng(seed)
    labels = generator.choice(3, size=count, p=shares)
    # Features around one corner a label: by Bayes, the log posterior is linear in them.
    features = generator.normal(size=(count, 3)) + 1.5 * np.eye(3)[labels]
    return 1.5 * features + np.log(shares), labels


def test_softmax_of_huge_logits_is_finite() -> None:
    assert softmax([[1e4, 0.0, -1e4], [-1e4, -1e4, -1e4]]).tolist() == [[1, 0, 0], pytest.approx([1 / 3] * 3)]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_fit_temperature_finds_how_overconfident_logits_are(temperature: float) -> None:
    logits, labels = drawn(20_000, seed=1)
    assert fit_temperature(logits * temperature, labels) == pytest.approx(temperature, rel=0.05)


@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_prediction_sets_cover_every_label_as_promised(coverage: float) -> None:
    logits, labels = drawn(6_000, seed=3)
    thresholds = fit_thresholds(EVEN.scores(logits), labels, coverage)
    logits, labels = drawn(30_000, seed=4, shares=(0.3, 0.3, 0.4))  # other shares: coverage is by label
    logits += np.log((0.2, 0.6, 0.2)) - np.log((0.3, 0.3, 0.4))
    scores = EVEN.scores(logits)
    members = Prior((0, 0, 0), thresholds).members(scores)
    for label in range(3):
        by_threshold = 1 - scores[labels == label, label] <= thresholds[label]
        assert by_threshold.mean() == pytest.approx(coverage, abs=0.03)
        assert members[labels == label, label].mean() >= by_threshold.mean()  # the likeliest is in, too


def test_thresholds_have_the_finite_sample_correction() -> None:
    scores = np.column_stack([np.linspace(0.1, 0.9, 9), np.full(9, 0.05), np.full(9, 0.05)])
    # Nine rows: ceil(10 * 0.9) = 9, the largest of nine; ceil(10 * 0.95) = 10 is one too many.
    assert fit_thresholds(scores, np.zeros(9), 0.9) == pytest.approx((0.9, 1.0, 1.0))
    assert fit_thresholds(scores, np.zeros(9), 0.95)[0] == 1.0
    assert fit_thresholds(scores, np.zeros(9), 0.5)[0] == pytest.approx(0.5)


def test_a_row_that_weighs_three_times_counts_like_three_rows() -> None:
    logits, labels = drawn(8_000, seed=5)
    scores, weights = EVEN.scores(logits), np.where(np.arange(8_000) < 2_000, 3, 1)
    often = np.repeat(np.arange(8_000), weights)
    weighted = fit_thresholds(scores, labels, 0.9, weights)
    # The row that is yet to come is counted as the heaviest: a little more careful, never less.
    assert weighted == pytest.approx(fit_thresholds(scores[often], labels[often], 0.9), abs=0.02)
    assert all(np.array(weighted) >= fit_thresholds(scores[often], labels[often], 0.9))
    assert weighted != fit_thresholds(scores, labels, 0.9)
    assert fit_thresholds(scores, labels, 0.9, np.full(8_000, 7.0)) == fit_thresholds(scores, labels, 0.9)


def test_a_set_is_never_empty_and_has_the_likeliest_first() -> None:
    assert Prior((0, 0, 0), (0, 0, 0)).prediction_set(np.array([0.2, 0.3, 0.5])) == ("supportive",)
    assert Prior((0, 0, 0), (0.9, 0.9, 0.9)).prediction_set(np.array([0.2, 0.3, 0.5])) == (
        "supportive",
        "neutral",
        "critical",
    )


@pytest.mark.parametrize(
    ("logits", "labels"), [([], []), ([[0, 0, 0]], [0, 1]), ([[0, 0, 0]], [3]), ([[0, 0]], [0]), ([[0, 0, 0]], [-1])]
)
def test_what_cannot_be_fitted_is_refused(logits: list[list[int]], labels: list[int]) -> None:
    with pytest.raises(ValueError, match=r"row|Labels"):
        fit_temperature(logits, labels)
    with pytest.raises(ValueError, match=r"row|Labels"):
        fit_thresholds(logits, labels, 0.9)
