"""How far the scores are from the shares in which they come true: the debiased expected calibration error.

Top-label calibration error in equal-mass bins, with the L1 debiasing and the bootstrap interval of Kumar, Liang & Ma
(2019), "Verified Uncertainty Calibration", NeurIPS. The plain ("plug-in") error is biased upwards: within a bin, the
share of right answers differs from the mean score by chance alone. Debiasing takes off nearly all of that where the
scores are wrong, but only four tenths of it where they are right: a well calibrated model is told a little too badly.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from training.intervals import Estimate, resampled_indices

MOST_BINS: Final = 15
# With fewer rows a bin, chance swamps what is measured.
ROWS_A_BIN: Final = 20

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Rows of like confidence: how many, their mean confidence, and the share whose label is right."""

    rows: int
    confidence: float
    accuracy: float


def reliability_bins(confidence: Floats, right: NDArray[np.bool_]) -> list[ReliabilityBin]:
    """Equal-mass bins by confidence, the lowest first; at most 15, of about 20 rows or more each.

    Args:
        confidence: score of each row's label, ``[rows]``, in [0, 1].
        right: whether each row's label is right, ``[rows]``.
    """
    place, bins = _place(confidence)
    rows, confidences, hits = _sums(place[None], bins, confidence[None], right[None])
    return [
        ReliabilityBin(int(n), float(total / n), float(hit / n))
        for n, total, hit in zip(rows[0], confidences[0], hits[0], strict=True)
    ]


def calibration_error(confidence: Floats, right: NDArray[np.bool_]) -> Estimate:
    """Debiased expected calibration error with its 95% interval, all in [0, 1].

    The interval is the pivotal one of the paper's library: a resample's true error is the plug-in error of the rows
    that it is drawn from, so that difference moves the percentiles.

    Args:
        confidence: score of each row's label, ``[rows]``, in [0, 1].
        right: whether each row's label is right, ``[rows]``.
    """
    place, bins = _place(confidence)
    plugin, value = _errors(place[None], bins, confidence[None], right[None])
    resampled = np.concatenate(
        [_errors(place[drawn], bins, confidence[drawn], right[drawn])[1] for drawn in resampled_indices(len(place))]
    )
    low, high = plugin[0] + value[0] - np.percentile(resampled, (97.5, 2.5))
    return Estimate(*(float(np.clip(number, 0, 1)) for number in (value[0], low, high)))


def _place(confidence: Floats) -> tuple[NDArray[np.int64], int]:
    """The bin of every row, and the number of bins; equal confidences share a bin, and no bin is empty."""
    wanted = int(np.clip(len(confidence) // ROWS_A_BIN, 1, MOST_BINS))
    edges = np.quantile(confidence, np.arange(1, wanted) / wanted)
    _, place = np.unique(np.searchsorted(edges, confidence, side="left"), return_inverse=True)
    return place.astype(np.int64), int(place.max()) + 1


def _sums(
    place: NDArray[np.int64], bins: int, confidence: Floats, right: NDArray[np.bool_]
) -> tuple[Floats, Floats, Floats]:
    """Rows, summed confidence and right answers, each ``[samples, bins]``, of ``[samples, rows]``."""
    samples = len(place)
    flat = (place + bins * np.arange(samples)[:, None]).ravel()
    weights = (None, confidence.ravel(), right.ravel())
    rows, confidences, hits = (
        np.bincount(flat, weight, samples * bins).reshape(samples, bins).astype(np.float64) for weight in weights
    )
    return rows, confidences, hits


def _errors(place: NDArray[np.int64], bins: int, confidence: Floats, right: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Plug-in and debiased error, each ``[samples]``.

    The debiased one takes off what chance adds: were the share of right answers in a bin normal about the one seen,
    with its standard error, the mean plug-in error would be a sum of folded normals; the paper draws it, here it is
    computed.
    """
    rows, confidences, hits = _sums(place, bins, confidence, right)
    filled = np.maximum(rows, 1)
    accuracy = hits / filled
    gap = np.abs(confidences / filled - accuracy)
    spread = np.maximum(np.sqrt(accuracy * (1 - accuracy) / filled), 1e-12)
    by_chance = spread * np.sqrt(2 / np.pi) * np.exp(-((gap / spread) ** 2) / 2) + gap * (1 - 2 * ndtr(-gap / spread))
    weight = rows / rows.sum(axis=1, keepdims=True)
    plugin = (weight * gap).sum(axis=1)
    return plugin, 2 * plugin - (weight * by_chance).sum(axis=1)
