"""Rates and ratios of rates with 95% intervals, by the bootstrap over repeated runs (Efron 1979)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.intervals import RESAMPLES, SEED, Estimate, percentiles


def rate(amounts: Sequence[float], seconds: Sequence[float]) -> Estimate:
    """Amount a second over several runs.

    Args:
        amounts: what each run did, such as sentences.
        seconds: how long each took; as many.
    """
    return percentiles(sum(amounts) / sum(seconds), _resampled(amounts, seconds))


def paired_ratio(faster: Sequence[float], slower: Sequence[float]) -> Estimate:
    """How many times faster one way is, both having run the same pieces of work in turn.

    Args:
        faster: seconds of each piece.
        slower: seconds of the same pieces the other way.
    """
    rows = np.random.default_rng(SEED).integers(0, len(faster), size=(RESAMPLES, len(faster)))
    quick, slow = np.asarray(faster), np.asarray(slower)
    return percentiles(float(slow.sum() / quick.sum()), slow[rows].sum(axis=1) / quick[rows].sum(axis=1))


def ratio(ours: tuple[Sequence[float], Sequence[float]], theirs: tuple[Sequence[float], Sequence[float]]) -> Estimate:
    """Ratio of two rates that were measured apart.

    Args:
        ours: amounts and seconds of each run.
        theirs: the same of what it is held against.
    """
    value = (sum(ours[0]) / sum(ours[1])) / (sum(theirs[0]) / sum(theirs[1]))
    return percentiles(value, _resampled(*ours, 0) / _resampled(*theirs, 1))


def _resampled(amounts: Sequence[float], seconds: Sequence[float], seed: int = 0) -> NDArray[np.float64]:
    rows = np.random.default_rng(SEED + seed).integers(0, len(amounts), size=(RESAMPLES, len(amounts)))
    resampled: NDArray[np.float64] = np.asarray(amounts)[rows].sum(axis=1) / np.asarray(seconds)[rows].sum(axis=1)
    return resampled
