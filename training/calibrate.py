"""Fit what turns logits into honest scores, on examples that training never saw: temperature, priors, thresholds."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.calibration import Prior, fit_temperature, fit_thresholds, prior_shift
from models.labels import LABEL2ID, LABELS
from training.dataset import Example

COVERAGE: Final = 0.9
# What share of each label (critical, neutral, supportive) a text of that kind is expected to hold; the model is trained
# to equal shares. News and headlines: about nine in ten sentences take no side. Social: posts on the subject.
EXPECTED: Final[dict[str, tuple[float, float, float]]] = {
    "balanced": (1 / 3, 1 / 3, 1 / 3),
    "news": (0.05, 0.88, 0.07),
    "social": (0.36, 0.46, 0.18),
}


def temperature_of(logits: NDArray[np.float32], examples: Sequence[Example]) -> float:
    """The temperature with the least log loss when every source and label counts the same.

    Args:
        logits: uncalibrated, of shape [n, 3].
        examples: the n examples that they belong to.
    """
    rows = _balanced_rows(examples)
    return fit_temperature(logits[rows], _labels(examples)[rows])


def fit_priors(logits: NDArray[np.float32], examples: Sequence[Example]) -> dict[str, Prior]:
    """Shift and class-conditional thresholds of every prior.

    Args:
        logits: after the temperature, of shape [n, 3].
        examples: the n examples that they belong to.
    """
    labels = _labels(examples)
    priors = {}
    for name, expected in EXPECTED.items():
        shift = prior_shift(EXPECTED["balanced"], expected)
        scores = Prior(shift, (1.0, 1.0, 1.0)).scores(logits)
        priors[name] = Prior(shift, fit_thresholds(scores, labels, COVERAGE))
    return priors


def _labels(examples: Sequence[Example]) -> NDArray[np.int64]:
    return np.array([LABEL2ID[example.label] for example in examples])


def _balanced_rows(examples: Sequence[Example]) -> NDArray[np.int64]:
    """Row numbers, repeated so that every label holds about the same share."""
    labels = _labels(examples)
    counts = np.bincount(labels, minlength=len(LABELS))
    repeats = np.maximum(1, np.rint(counts.max() / np.maximum(counts[labels], 1))).astype(np.int64)
    return np.repeat(np.arange(len(labels)), repeats)
