"""What is measured of predictions against labels: how good the labels are, the scores, and the prediction sets."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix

from models.labels import LABELS, Label
from training.calibration_error import ReliabilityBin, calibration_error, reliability_bins
from training.intervals import Estimate, percentiles, resampled_counts, resampled_indices, share

# Below it a score is taken for it, so that one score of zero does not make the log loss infinite.
LEAST_SCORE: Final = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class LabelMetrics:
    """One label's figures.

    Attributes:
        support: rows that have the label.
        predicted: rows that the model gives it.
        precision, recall: None where no row is predicted so, or has it.
        f1: None where the label occurs in neither.
        coverage: share of its rows whose prediction set holds it; None without rows or without sets.
    """

    support: int
    predicted: int
    precision: Estimate | None
    recall: Estimate | None
    f1: Estimate | None
    coverage: Estimate | None

    def to_dict(self) -> dict[str, object]:
        """JSON-able; estimates as ``{"value", "low", "high"}``, or None."""
        estimates = {name: _plain(getattr(self, name)) for name in ("precision", "recall", "f1", "coverage")}
        return {"support": self.support, "predicted": self.predicted, **estimates}


@dataclass(frozen=True, slots=True)
class Metrics:
    """The figures of one set of rows.

    Attributes:
        rows: how many.
        accuracy: share of right labels.
        macro_f1: mean F1 of the labels that occur among the rows; None where fewer than two do.
        labels: figures of each label.
        confusion: rows by true label and, within it, by predicted label; ``[3, 3]`` in the order of LABELS.
        calibration_error: debiased expected calibration error; see :mod:`training.calibration_error`.
        log_loss: mean negative logarithm of the true label's score, in nats.
        reliability: confidence and accuracy in bins of like confidence.
        coverage: share of rows whose prediction set holds the true label; None without sets.
        set_size: mean number of labels in a prediction set; None without sets.
        doubtful: share of rows whose set has more than one label; None without sets.
        unsupported, truncated: rows that the model flagged so.
        notes: what a reader must know to read the figures right.
    """

    rows: int
    accuracy: Estimate
    macro_f1: Estimate | None
    labels: dict[Label, LabelMetrics]
    confusion: tuple[tuple[int, ...], ...]
    calibration_error: Estimate
    log_loss: Estimate
    reliability: tuple[ReliabilityBin, ...]
    coverage: Estimate | None
    set_size: Estimate | None
    doubtful: Estimate | None
    unsupported: int
    truncated: int
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """JSON-able; estimates as ``{"value", "low", "high"}`` rounded to four places, or None."""
        names = ("accuracy", "macro_f1", "calibration_error", "log_loss", "coverage", "set_size", "doubtful")
        return {
            "rows": self.rows,
            **{name: _plain(getattr(self, name)) for name in names},
            "labels": {label: figures.to_dict() for label, figures in self.labels.items()},
            "confusion": [list(row) for row in self.confusion],
            "reliability": [
                {"rows": place.rows, "confidence": round(place.confidence, 4), "accuracy": round(place.accuracy, 4)}
                for place in self.reliability
            ],
            "unsupported": self.unsupported,
            "truncated": self.truncated,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Labels, and what a model made of their texts; row i of every array is text i.

    Attributes:
        truth: ids of the true labels, ``[rows]``.
        predicted: ids of the predicted labels, ``[rows]``.
        scores: probability of each label, ``[rows, 3]``.
        sets: which labels the prediction sets hold, ``[rows, 3]``; None for a model that gives no sets.
        unsupported, truncated: the model's flags, ``[rows]``.
    """

    truth: NDArray[np.int64]
    predicted: NDArray[np.int64]
    scores: NDArray[np.float64]
    sets: NDArray[np.bool_] | None
    unsupported: NDArray[np.bool_]
    truncated: NDArray[np.bool_]

    def take(self, rows: NDArray[np.int64]) -> "Outcomes":
        """The outcomes of some of the rows, by their numbers."""
        return Outcomes(
            truth=self.truth[rows],
            predicted=self.predicted[rows],
            scores=self.scores[rows],
            sets=None if self.sets is None else self.sets[rows],
            unsupported=self.unsupported[rows],
            truncated=self.truncated[rows],
        )


def measure(outcomes: Outcomes) -> Metrics:
    """Measure outcomes; intervals are 95%, seeded, and take rows as independent of each other.

    Shares have Wilson's interval; F1, log loss and set size the percentile bootstrap over rows.

    Raises:
        ValueError: there are no rows.
    """
    rows = len(outcomes.truth)
    if rows == 0:
        raise ValueError("there are no rows to measure")
    confusion = confusion_matrix(outcomes.truth, outcomes.predicted, labels=range(len(LABELS))).astype(np.int64)
    occurring = confusion.sum(axis=1) > 0
    resampled = resampled_counts(confusion)
    f1, resampled_f1 = f1_scores(confusion), f1_scores(resampled)
    macro = None
    if occurring.sum() > 1:
        macro = percentiles(float(_macro(confusion, f1)), _macro(resampled, resampled_f1))
    confidence = outcomes.scores[np.arange(rows), outcomes.predicted]
    right = outcomes.truth == outcomes.predicted
    true_scores = outcomes.scores[np.arange(rows), outcomes.truth]
    covered = None if outcomes.sets is None else outcomes.sets[np.arange(rows), outcomes.truth]
    sizes = None if outcomes.sets is None else outcomes.sets.sum(axis=1)
    accuracy = share(int(right.sum()), rows)
    assert accuracy is not None
    labels = {
        label: LabelMetrics(
            support=int(confusion[index].sum()),
            predicted=int(confusion[:, index].sum()),
            precision=share(int(confusion[index, index]), int(confusion[:, index].sum())),
            recall=share(int(confusion[index, index]), int(confusion[index].sum())),
            f1=percentiles(float(f1[index]), resampled_f1[:, index])
            if confusion[index].sum() + confusion[:, index].sum()
            else None,
            coverage=None
            if covered is None
            else share(int(covered[outcomes.truth == index].sum()), int(confusion[index].sum())),
        )
        for index, label in enumerate(LABELS)
    }
    return Metrics(
        rows=rows,
        accuracy=accuracy,
        macro_f1=macro,
        labels=labels,
        confusion=tuple(tuple(int(count) for count in line) for line in confusion),
        calibration_error=calibration_error(confidence, right),
        log_loss=_mean(-np.log(np.clip(true_scores, LEAST_SCORE, 1))),
        reliability=tuple(reliability_bins(confidence, right)),
        coverage=None if covered is None else share(int(covered.sum()), rows),
        set_size=None if sizes is None else _mean(sizes.astype(np.float64)),
        doubtful=None if sizes is None else share(int((sizes > 1).sum()), rows),
        unsupported=int(outcomes.unsupported.sum()),
        truncated=int(outcomes.truncated.sum()),
        notes=_notes(occurring, bool(right.all())),
    )


def f1_scores(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """F1 of each label, ``[..., 3]``, of confusion counts ``[..., 3, 3]``; NaN where a label occurs in neither."""
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    either = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    return np.where(either > 0, 2 * right / np.maximum(either, 1), np.nan)


def macro_f1(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Macro-F1, ``[...]``, of confusion counts ``[..., 3, 3]``: the mean over the labels that rows have."""
    return _macro(confusion, f1_scores(confusion))


def _macro(confusion: NDArray[np.int64], f1: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean F1, ``[...]``, of the labels that rows have; a resample may lack one that occurs among all rows."""
    occurring = confusion.sum(axis=-1) > 0
    return np.asarray(np.where(occurring, f1, 0).sum(axis=-1) / occurring.sum(axis=-1), dtype=np.float64)


def _mean(values: NDArray[np.float64]) -> Estimate:
    resampled = np.concatenate([values[drawn].mean(axis=1) for drawn in resampled_indices(len(values))])
    return percentiles(float(values.mean()), resampled)


def _notes(occurring: NDArray[np.bool_], perfect: bool) -> tuple[str, ...]:
    present = [label for label, occurs in zip(LABELS, occurring, strict=True) if occurs]
    notes = []
    if len(present) == 1:
        notes.append(f"only {present[0]} occurs: there is no macro-F1")
    elif len(present) < len(LABELS):
        missing = next(label for label in LABELS if label not in present)
        notes.append(f"{missing} does not occur: macro-F1 is the mean of {' and '.join(present)}")
    if perfect:
        notes.append(
            "no label is wrong: a bootstrap of F1 then has no width, and the interval of accuracy is to be read"
        )
    return tuple(notes)


def _plain(estimate: Estimate | None) -> dict[str, float] | None:
    return None if estimate is None else estimate.to_dict()
