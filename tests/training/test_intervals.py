"""The intervals are those of theory, and the same every time."""

import numpy as np
import pytest

from training.intervals import RESAMPLES, Estimate, percentiles, resampled_counts, resampled_indices, share


def test_wilson_interval_of_a_share() -> None:
    found = share(8, 10)
    assert found is not None
    # The worked example of Newcombe (1998) for method 3, rounded.
    assert (found.value, round(found.low, 3), round(found.high, 3)) == (0.8, 0.490, 0.943)


def test_a_share_of_no_rows_is_none() -> None:
    assert share(0, 0) is None


def test_a_perfect_share_still_has_an_interval() -> None:
    found = share(20, 20)
    assert found is not None
    assert found.high == pytest.approx(1)
    assert found.low < 0.9


def test_resampled_counts_keep_the_rows_and_are_the_same_every_time() -> None:
    counts = np.array([[5, 0, 1], [0, 7, 0], [2, 0, 9]])
    drawn = resampled_counts(counts)
    assert drawn.shape == (RESAMPLES, 3, 3)
    assert (drawn.sum(axis=(1, 2)) == counts.sum()).all()
    assert not drawn[:, counts == 0].any()
    assert drawn.mean(axis=0) == pytest.approx(counts, abs=0.3)
    assert (resampled_counts(counts) == drawn).all()


def test_resampled_indices_come_in_chunks_and_are_all_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.intervals._CHUNK_ROWS", 5000)
    chunks = list(resampled_indices(7))
    assert len(chunks) > 1
    drawn = np.concatenate(chunks)
    assert drawn.shape == (RESAMPLES, 7)
    assert set(np.unique(drawn)) == set(range(7))


def test_bootstrap_interval_of_a_mean_agrees_with_theory() -> None:
    values = np.random.default_rng(0).normal(size=400)
    resampled = np.concatenate([values[drawn].mean(axis=1) for drawn in resampled_indices(400)])
    found = percentiles(float(values.mean()), resampled)
    half = 1.96 * values.std() / 20
    assert found.high - found.value == pytest.approx(half, rel=0.1)
    assert found.value - found.low == pytest.approx(half, rel=0.1)


def test_estimate_is_rounded_for_json() -> None:
    assert Estimate(1 / 3, 0, 2 / 3).to_dict() == {"value": 0.3333, "low": 0, "high": 0.6667}
