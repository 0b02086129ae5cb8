"""From logits to calibrated scores and prediction sets: how the parameters are fitted, and how they are applied.

Fitted by training, on sentences that the model was not trained on:

- temperature: one number that the logits are divided by (Guo, Pleiss, Sun & Weinberger 2017, "On calibration of
  modern neural networks"). It is folded into the exported graph, so that nothing here applies it;
- prior shift: added to the logits where the labels are spread otherwise than in training; fitted on texts of that
  kind (Alexandari, Kundaje & Shrikumar 2020, "Maximum likelihood with bias-corrected calibration is hard-to-beat at
  label shift adaptation");
- thresholds of class-conditional split-conformal prediction sets (Vovk 2012, "Conditional validity of inductive
  conformal predictors"; Sadinle, Lei & Wasserman 2019, "Least ambiguous set-valued classifiers with bounded error
  levels"), with the finite-sample correction as in Angelopoulos & Bates 2021, "A gentle introduction to conformal
  prediction", and weights as in Tibshirani, Foygel Barber, Candès & Ramdas 2019, "Conformal prediction under
  covariate shift".

Arrays have one row a text and one column a label, in the order of :data:`models.labels.LABELS`.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from models.labels import LABELS, Label

Floats = npt.NDArray[np.float64]

_TEMPERATURES: Final = (0.05, 20.0)
_GOLDEN: Final = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True)
class Prior:
    """How the scores are made under one assumption about how often each label occurs.

    Attributes:
        shift: what is added to the logits, one number a label.
        thresholds: label k is in the prediction set if 1 minus its score is at most ``thresholds[k]``.
    """

    shift: tuple[float, float, float]
    thresholds: tuple[float, float, float]

    def scores(self, logits: npt.ArrayLike) -> Floats:
        """Calibrated probabilities.

        Args:
            logits: of shape [..., 3], from the model.

        Returns:
            Of the same shape; the last axis sums to 1.
        """
        return softmax(self.shifted(logits))

    def shifted(self, logits: npt.ArrayLike) -> Floats:
        """What the scores are the softmax of: the logits with the shift added, of the same shape."""
        return np.asarray(np.asarray(logits, dtype=np.float64) + self.shift)

    def members(self, scores: Floats) -> npt.NDArray[np.bool_]:
        """Which labels are in the prediction set; the likeliest always is.

        Args:
            scores: of shape [..., 3], from :meth:`scores`.

        Returns:
            Of the same shape.
        """
        likeliest = scores == scores.max(axis=-1, keepdims=True)
        return np.asarray(likeliest | (1 - scores <= self.thresholds))

    def prediction_set(self, scores: Floats) -> tuple[Label, ...]:
        """The prediction set of one text, the likeliest label first.

        Args:
            scores: of shape [3], from :meth:`scores`.
        """
        inside = self.members(scores)
        return tuple(LABELS[index] for index in np.argsort(-scores, kind="stable") if inside[index])


def softmax(logits: npt.ArrayLike) -> Floats:
    """Softmax over the last axis, for logits of any finite size."""
    values = np.asarray(logits, dtype=np.float64)
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def log_loss(logits: npt.ArrayLike, labels: npt.ArrayLike, weights: npt.NDArray[np.float64] | None = None) -> float:
    """Mean negative log-likelihood, in nats.

    Args:
        logits: of shape [n, 3].
        labels: indices of the right labels, of shape [n].
        weights: what each row counts, of shape [n]; alike when left out.
    """
    values, right = np.asarray(logits, dtype=np.float64), np.asarray(labels, dtype=np.intp)
    shifted = values - values.max(axis=1, keepdims=True)
    normaliser = np.log(np.exp(shifted).sum(axis=1))
    return float(np.average(normaliser - shifted[np.arange(len(right)), right], weights=weights))


def fit_temperature(logits: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """The temperature with the least log loss, by golden-section search (the loss has one minimum in it).

    Args:
        logits: uncalibrated, of shape [n, 3].
        labels: indices of the right labels, of shape [n].

    Returns:
        What to divide the logits by, between 0.05 and 20.

    Raises:
        ValueError: there are no rows, or not one label a row.
    """
    values, right = _checked(logits, labels)
    low, high = (math.log(bound) for bound in _TEMPERATURES)
    while high - low > 1e-6:
        step = _GOLDEN * (high - low)
        left, other = high - step, low + step
        if log_loss(values / math.exp(left), right) < log_loss(values / math.exp(other), right):
            high = other
        else:
            low = left
    return math.exp((low + high) / 2)


def fit_thresholds(
    scores: npt.ArrayLike, labels: npt.ArrayLike, coverage: float, weights: npt.ArrayLike | None = None
) -> tuple[float, float, float]:
    """Thresholds by which each label, where it is the right one, is in the set with probability >= ``coverage``.

    For each label, over the rows of which it is the right one: the smallest 1 - score up to which the rows have the
    share ``coverage`` of the weight, that of one more row, as heavy as the heaviest, counted in. Where there are too
    few for that, the threshold is 1 and the label in every set. The guarantee is for rows exchangeable with these, or
    drawn from sources as often as the weights say; it holds whatever share of them each label has.

    Args:
        scores: calibrated probabilities, of shape [n, 3], from :meth:`Prior.scores`.
        labels: indices of the right labels, of shape [n].
        coverage: in (0, 1).
        weights: how much each row counts, of shape [n] and positive; all the same when left out.

    Raises:
        ValueError: there are no rows, not one label a row, or the coverage is out of range.
    """
    values, right = _checked(scores, labels)
    heavy = np.ones(len(right)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not 0 < coverage < 1:
        raise ValueError("The coverage must lie between 0 and 1.")
    critical, neutral, supportive = (
        _quantile(1 - values[right == index, index], heavy[right == index], coverage) for index in range(len(LABELS))
    )
    return critical, neutral, supportive


def _quantile(nonconformity: Floats, weights: Floats, coverage: float) -> float:
    order = np.argsort(nonconformity, kind="stable")
    reached = np.cumsum(weights[order])
    # Without the tolerance, 0.9 * 10 in floating point may be a hair above 9 and ask for the tenth.
    wanted = coverage * (weights.sum() + weights.max(initial=0)) * (1 - 1e-9)
    rank = int(np.searchsorted(reached, wanted))
    return 1.0 if rank >= len(order) else float(nonconformity[order[rank]])


def _checked(values: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[Floats, npt.NDArray[np.intp]]:
    rows, right = np.asarray(values, dtype=np.float64), np.asarray(labels, dtype=np.intp)
    if rows.ndim != 2 or rows.shape[1] != len(LABELS) or right.shape != rows.shape[:1] or not len(rows):
        raise ValueError(f"Give at least one row of {len(LABELS)} numbers, and one label a row.")
    if right.min() < 0 or right.max() >= len(LABELS):
        raise ValueError(f"Labels are indices from 0 to {len(LABELS) - 1}.")
    return rows, right
