"""Fit what turns logits into honest scores, on examples that training never saw: temperature, priors, thresholds."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.calibration import Prior, fit_temperature, fit_thresholds, log_loss
from models.labels import LABEL2ID, LABELS
from training.dataset import WRITTEN, Example

COVERAGE: Final = 0.9
BALANCED: Final = "balanced"
# Registers of the corpus in which people speak for themselves; the rest is press, in the widest sense.
_SOCIAL: Final = frozenset(("tweet", "reply", "comment", "telegram", "forum", "chat", "forward"))
# Rows of each label that thresholds of a prior's own need; with fewer, all rows are used.
ENOUGH: Final = 20
# Weight of the squared shift beside the mean log loss: some tens of rows must not move the scores far.
_RIDGE: Final = 0.02


def temperature_of(logits: NDArray[np.float32], examples: Sequence[Example]) -> float:
    """The temperature with the least log loss.

    Args:
        logits: uncalibrated, of shape [n, 3].
        examples: the n examples that they belong to.
    """
    return fit_temperature(logits, _labels(examples))


def fit_priors(logits: NDArray[np.float32], examples: Sequence[Example]) -> dict[str, Prior]:
    """The priors ``balanced`` (no shift), ``news`` and ``social``, each with class-conditional thresholds.

    Those of ``balanced`` are for a text that is as likely news as social, however many rows there are of each.

    The shift of news and social is what, added to the logits, has the least log loss on examples of that kind.

    Args:
        logits: after the temperature, of shape [n, 3].
        examples: the n examples that they belong to.
    """
    labels, kinds = _labels(examples), np.array([kind_of(example) for example in examples])
    weights = np.array([1 / np.count_nonzero(kinds == kind) for kind in kinds])
    priors = {BALANCED: _with_thresholds(np.zeros(len(LABELS)), logits, labels, weights)}
    for kind in ("news", "social"):
        rows = np.flatnonzero(kinds == kind)
        shift = fit_shift(logits[rows], labels[rows]) if len(rows) else np.zeros(len(LABELS))
        enough = len(rows) and min(np.bincount(labels[rows], minlength=len(LABELS))) >= ENOUGH
        chosen = rows if enough else np.arange(len(labels))
        priors[kind] = _with_thresholds(shift, logits[chosen], labels[chosen])
    return priors


def fit_shift(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """The shift of the logits, summing to 0, with the least log loss (bias-only scaling, Alexandari et al. 2020).

    A small penalty on its size keeps it near 0 where there are few rows.

    Args:
        logits: of shape [n, 3].
        labels: ids of the true labels, of shape [n].
    """
    start = np.zeros(len(LABELS))

    def cost(shift: NDArray[np.float64]) -> float:
        return log_loss(logits + shift, labels) + _RIDGE * float(shift @ shift)

    found: NDArray[np.float64] = minimize(cost, start).x
    return found - found.mean()


def kind_of(example: Example) -> str:
    """``social`` or ``news``: by its register for a written sentence, by its source for a real one."""
    if example.source == WRITTEN:
        return "social" if example.register in _SOCIAL else "news"
    return "social" if "tweet" in example.source else "news"


def fitted_on(examples: Sequence[Example]) -> dict[str, int]:
    """Number of examples by source, for the model card."""
    return dict(Counter(example.source for example in examples))


def _labels(examples: Sequence[Example]) -> NDArray[np.int64]:
    return np.array([LABEL2ID[example.label] for example in examples])


def _with_thresholds(
    shift: NDArray[np.float64],
    logits: NDArray[np.float32],
    labels: NDArray[np.int64],
    weights: NDArray[np.float64] | None = None,
) -> Prior:
    critical, neutral, supportive = (round(float(value), 6) for value in shift)
    bare = Prior((critical, neutral, supportive), (1.0, 1.0, 1.0))
    return Prior(bare.shift, fit_thresholds(bare.scores(logits), labels, COVERAGE, weights))
