"""The calibration error finds what was put into the data, and its interval covers it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.calibration_error import MOST_BINS, calibration_error, reliability_bins


def sample(rows: int, sharpness: float, seed: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Confidences and outcomes; the confidences are right where sharpness is 1, too high above it."""
    generator = np.random.default_rng(seed)
    logits = np.abs(generator.normal(1.2, 1, rows))
    return 1 / (1 + np.exp(-sharpness * logits)), generator.random(rows) < 1 / (1 + np.exp(-logits))


def plugin(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    bins = reliability_bins(confidence, right)
    return sum(place.rows * abs(place.confidence - place.accuracy) for place in bins) / len(right)


def test_bins_hold_every_row_once_and_rise() -> None:
    confidence, right = sample(900, 1, 0)
    bins = reliability_bins(confidence, right)
    assert len(bins) == MOST_BINS
    assert sum(place.rows for place in bins) == 900
    assert sum(place.rows * place.accuracy for place in bins) == pytest.approx(right.sum())
    assert [place.confidence for place in bins] == sorted(place.confidence for place in bins)
    assert {place.rows for place in bins} == {60}


def test_equal_confidences_share_one_bin() -> None:
    bins = reliability_bins(np.full(200, 0.8), np.arange(200) % 4 > 0)
    assert [(place.rows, place.confidence, place.accuracy) for place in bins] == [(200, pytest.approx(0.8), 0.75)]


def test_overconfidence_is_measured() -> None:
    confidence, right = np.full(400, 0.9), np.arange(400) % 2 == 0
    found = calibration_error(confidence, right)
    assert found.value == pytest.approx(0.4, abs=0.002)
    assert 0.33 < found.low < 0.4 < found.high < 0.47


def test_debiasing_takes_off_what_chance_adds() -> None:
    samples = [sample(300, 1, seed) for seed in range(20)]
    plain = np.mean([plugin(*each) for each in samples])
    debiased = np.mean([calibration_error(*each).value for each in samples])
    assert debiased < 0.75 * plain


def test_interval_covers_the_true_error() -> None:
    confidence, _ = sample(200_000, 1.7, 99)
    logits = np.log(confidence / (1 - confidence)) / 1.7
    truth = np.abs(confidence - 1 / (1 + np.exp(-logits))).mean()
    intervals = [calibration_error(*sample(400, 1.7, seed)) for seed in range(30)]
    assert sum(found.low <= truth <= found.high for found in intervals) >= 26


@pytest.mark.parametrize("rows", [1, 2, 25])
def test_few_rows(rows: int) -> None:
    found = calibration_error(np.full(rows, 0.6), np.ones(rows, dtype=bool))
    assert found.value == pytest.approx(0.4)
    assert 0 <= found.low <= found.high <= 1
