"""Fit what turns logits into honest scores, on examples that training never saw: temperature, priors, thresholds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.calibration import Prior, fit_temperature, fit_thresholds, log_loss
from models.labels import LABEL2ID, LABELS
from training.dataset import WRITTEN, Example

COVERAGE: Final = 0.9
BALANCED: Final = "balanced"
MIXED: Final = "mixed"
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
    """The priors ``mixed``, ``news``, ``social`` and ``balanced``, each with class-conditional thresholds.

    The shift of ``news`` and of ``social`` is what, added to the logits, has the least log loss on examples of that
    kind; that of ``mixed`` has it for a text that is as likely news as social, however many rows there are of each. It
    is the default of a model. ``balanced`` has no shift: the labels are as common as in the loss of the training.

    Args:
        logits: after the temperature, of shape [n, 3].
        examples: the n examples that they belong to.
    """
    labels, kinds = _labels(examples), np.array([kind_of(example) for example in examples])
    weights = np.array([1 / np.count_nonzero(kinds == kind) for kind in kinds])
    shifts = {MIXED: fit_shift(logits, labels, weights), BALANCED: np.zeros(len(LABELS))}
    priors = {name: _with_thresholds(shift, logits, labels, weights) for name, shift in shifts.items()}
    for kind in ("news", "social"):
        rows = np.flatnonzero(kinds == kind)
        shift = fit_shift(logits[rows], labels[rows]) if len(rows) else np.zeros(len(LABELS))
        enough = len(rows) and min(np.bincount(labels[rows], minlength=len(LABELS))) >= ENOUGH
        chosen = rows if enough else np.arange(len(labels))
        priors[kind] = _with_thresholds(shift, logits[chosen], labels[chosen])
    return priors


def fit_shift(
    logits: NDArray[np.float32], labels: NDArray[np.int64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """The shift of the logits, summing to 0, with the least log loss (bias-only scaling, Alexandari et al. 2020).

    A small penalty on its size keeps it near 0 where there are few rows.

    Args:
        logits: of shape [n, 3].
        labels: ids of the true labels, of shape [n].
        weights: what each row counts, of shape [n]; alike when left out.
    """
    start = np.zeros(len(LABELS))

    def cost(shift: NDArray[np.float64]) -> float:
        return log_loss(logits + shift, labels, weights) + _RIDGE * float(shift @ shift)

    found: NDArray[np.float64] = minimize(cost, start).x
    return found - found.mean()


def kind_of(example: Example) -> str:
    """``social`` or ``news``: by its register for a written sentence, by its source for a real one."""
    if example.source == WRITTEN:
        return "social" if example.register in _SOCIAL else "news"
    return "social" if "tweet" in example.source else "news"


def described(priors: Mapping[str, Prior], examples: Sequence[Example]) -> dict[str, object]:
    """What ``calibration.json`` says of the priors, and of the examples that they were fitted on."""
    return {
        "default_prior": MIXED if MIXED in priors else BALANCED,
        "priors": {name: asdict(prior) for name, prior in priors.items()},
        "fitted_on": dict(Counter(example.source for example in examples)),
    }


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
