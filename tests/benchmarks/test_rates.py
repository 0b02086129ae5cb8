"""Rates and ratios are what was counted, and their intervals hold them."""

import pytest

from benchmarks.rates import paired_ratio, rate, ratio


def test_a_rate_is_of_the_whole_and_not_the_mean_of_the_runs() -> None:
    found = rate([100, 300], [1, 1.5])
    assert found.value == pytest.approx(160)
    assert 100 <= found.low <= 160 <= found.high <= 200


def test_a_way_that_always_takes_twice_as_long_is_twice_as_slow_without_doubt() -> None:
    found = paired_ratio([1.0, 5.0, 2.0], [2.0, 10.0, 4.0])
    assert (found.value, found.low, found.high) == pytest.approx((2, 2, 2))


def test_a_ratio_of_rates_is_ours_over_theirs() -> None:
    found = ratio(([90, 110, 100], [1, 1, 1]), ([20, 30], [0.5, 0.5]))
    assert found.value == pytest.approx(2)
    assert found.low < 2 < found.high
