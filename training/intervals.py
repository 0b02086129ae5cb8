"""95% intervals of what is measured: Wilson's for shares, the percentile bootstrap (Efron 1979) for the rest."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

RESAMPLES: Final = 2000
SEED: Final = 13
# Resampled rows held in memory at once.
_CHUNK_ROWS: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured value with its 95% interval ``[low, high]``."""

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """``{"value", "low", "high"}``, rounded to four places."""
        return {"value": round(self.value, 4), "low": round(self.low, 4), "high": round(self.high, 4)}


def share(hits: int, rows: int) -> Estimate | None:
    """A share of independent rows with the interval of Wilson (1927); None of no rows."""
    if rows == 0:
        return None
    interval = binomtest(hits, rows).proportion_ci(method="wilson")
    return Estimate(hits / rows, float(interval.low), float(interval.high))


def percentiles(value: float, resampled: NDArray[np.float64]) -> Estimate:
    """The value with the 2.5 and 97.5 percentiles of its bootstrap resamples; NaN stands for one that has no value."""
    low, high = np.nanpercentile(resampled, (2.5, 97.5))
    return Estimate(value, float(low), float(high))


def resampled_counts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts of bootstrap resamples.

    Drawing rows with replacement and counting them is one multinomial draw over the counts, whatever the number of
    rows.

    Args:
        counts: how often each outcome occurs; any shape.

    Returns:
        ``[RESAMPLES, *counts.shape]``.
    """
    rows = int(counts.sum())
    draws = np.random.default_rng(SEED).multinomial(rows, counts.ravel() / rows, size=RESAMPLES)
    return draws.reshape(RESAMPLES, *counts.shape)


def resampled_indices(rows: int) -> Iterator[NDArray[np.int64]]:
    """Row numbers of bootstrap resamples, in chunks of shape ``[resamples, rows]``, RESAMPLES of them in all."""
    generator = np.random.default_rng(SEED)
    step = max(1, _CHUNK_ROWS // rows)
    for start in range(0, RESAMPLES, step):
        yield generator.integers(0, rows, size=(min(step, RESAMPLES - start), rows))
