"""Two models on the same frozen rows: which is better, and is the difference more than chance?

The difference of macro-F1 has a paired bootstrap interval over rows (Efron & Tibshirani 1993; for two systems on one
test set: Berg-Kirkpatrick, Burkett & Klein 2012, "An empirical investigation of statistical significance in NLP"). On
the rows that only one of them gets right, McNemar's exact test (McNemar 1947; a binomial test, through scipy) tells
whether they are equally often right.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from models.classifier import Classifier
from models.errors import InputError
from models.labels import LABELS
from training.dataset import CORPUS, read_corpus
from training.evaluate import outcomes_of
from training.intervals import Estimate, percentiles, resampled_indices
from training.metrics import Outcomes, f1_scores, macro_f1, measure
from training.slices import LabelledRow, from_examples, read_labelled, slices, usable_columns

Verdict = Literal["better", "no worse", "worse"]
# What the shipped test split is called where a file of rows is asked for.
SHIPPED_TEST: Final = "shipped-test"
_SLICES: Final = ("lang", "register", "source")


@dataclass(frozen=True, slots=True)
class Difference:
    """Model B less model A on one group of rows.

    Attributes:
        rows: how many.
        a, b: macro-F1 of each; of a single label its F1. None where fewer than two labels occur.
        difference: b - a, with its 95% interval; None where there is no a and b.
    """

    rows: int
    a: float | None
    b: float | None
    difference: Estimate | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on one set.

    Attributes:
        name: of the set.
        versions: of A and of B.
        verdict: what B is: ``better`` where the interval of the difference lies above 0, ``worse`` where it lies below,
            or where B is right significantly less often by McNemar's test at 5%; else ``no worse``.
        overall: macro-F1 on all rows.
        only_a, only_b: rows on which A alone, and B alone, is right.
        p: of McNemar's exact test.
        accuracy, coverage, calibration_error: of A and of B.
        by: F1 of each label under ``label``, and macro-F1 of the slices by other columns.
    """

    name: str
    versions: tuple[str, str]
    verdict: Verdict
    overall: Difference
    only_a: int
    only_b: int
    p: float
    accuracy: tuple[float, float]
    coverage: tuple[float | None, float | None]
    calibration_error: tuple[float, float]
    by: dict[str, dict[str, Difference]]

    def to_dict(self) -> dict[str, object]:
        """JSON-able, the attributes under their names."""
        return asdict(self)


def compare(a: Classifier, b: Classifier, rows: Sequence[LabelledRow], name: str) -> Comparison:
    """Compare two models on labelled rows.

    Args:
        a: the model that is there.
        b: the one that may take its place.
        rows: what neither was trained on.
        name: of the set of rows.

    Raises:
        InputError: there are no rows.
    """
    if not rows:
        raise InputError(f"{name} has no rows to compare on: give at least one text with its label.")
    texts = [row.text for row in rows]
    first, second = (outcomes_of(rows, model.classify(texts)) for model in (a, b))
    right_a, right_b = (found.predicted == found.truth for found in (first, second))
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    p = float(binomtest(only_b, only_a + only_b).pvalue) if only_a + only_b else 1.0
    overall = macro_difference(first, second)
    figures_a, figures_b = measure(first), measure(second)
    by: dict[str, dict[str, Difference]] = {"label": _by_label(first, second)}
    for column in usable_columns(rows, _SLICES):
        with_values = slices(rows, column)
        by[column] = {
            value: macro_difference(first.take(np.array(numbers)), second.take(np.array(numbers)))
            for value, numbers in with_values.items()
        }
    return Comparison(
        name=name,
        versions=(a.info.version, b.info.version),
        verdict=_verdict(overall.difference, only_a, only_b, p),
        overall=overall,
        only_a=only_a,
        only_b=only_b,
        p=p,
        accuracy=(figures_a.accuracy.value, figures_b.accuracy.value),
        coverage=(_value(figures_a.coverage), _value(figures_b.coverage)),
        calibration_error=(figures_a.calibration_error.value, figures_b.calibration_error.value),
        by=by,
    )


def frozen_rows(data: str | Path) -> list[LabelledRow]:
    """Rows of a file, or of the written corpus' test split where :data:`SHIPPED_TEST` is asked for.

    Raises:
        InputError: the file cannot be used.
    """
    if str(data) == SHIPPED_TEST:
        return from_examples(item for item in read_corpus(CORPUS) if item.split == "test")
    return read_labelled(data)


def _verdict(difference: Estimate | None, only_a: int, only_b: int, p: float) -> Verdict:
    if (difference is not None and difference.high < 0) or (p < 0.05 and only_a > only_b):
        return "worse"
    return "better" if difference is not None and difference.low > 0 else "no worse"


def macro_difference(first: Outcomes, second: Outcomes) -> Difference:
    """Macro-F1 of the second outcomes less that of the first, of the same rows; paired bootstrap over rows."""
    rows = len(first.truth)
    if len(np.unique(first.truth)) < 2:
        return Difference(rows, None, None, None)
    a, b = (macro_f1(_confusion(found.truth[None], found.predicted[None])) for found in (first, second))
    pairs = _resampled(first, second)
    resampled = np.concatenate([macro_f1(two) - macro_f1(one) for one, two in pairs])
    return Difference(rows, float(a[0]), float(b[0]), percentiles(float(b[0] - a[0]), resampled))


def _by_label(first: Outcomes, second: Outcomes) -> dict[str, Difference]:
    a, b = (f1_scores(_confusion(found.truth[None], found.predicted[None]))[0] for found in (first, second))
    resampled = np.concatenate([f1_scores(two) - f1_scores(one) for one, two in _resampled(first, second)])
    found: dict[str, Difference] = {}
    for number, label in enumerate(LABELS):
        support = int((first.truth == number).sum())
        known = support > 0 and not np.isnan(resampled[:, number]).all()
        found[label] = Difference(
            support,
            float(a[number]) if known else None,
            float(b[number]) if known else None,
            percentiles(float(b[number] - a[number]), resampled[:, number]) if known else None,
        )
    return found


def _resampled(first: Outcomes, second: Outcomes) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Confusion counts of both models on the same resamples of the rows, in chunks ``[resamples, 3, 3]``."""
    return [
        (
            _confusion(first.truth[drawn], first.predicted[drawn]),
            _confusion(second.truth[drawn], second.predicted[drawn]),
        )
        for drawn in resampled_indices(len(first.truth))
    ]


def _confusion(truth: NDArray[np.int64], predicted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts ``[resamples, 3, 3]`` by true and predicted label, of ids ``[resamples, rows]``."""
    size = len(LABELS)
    cells = truth * size + predicted + size * size * np.arange(len(truth))[:, None]
    return np.bincount(cells.ravel(), minlength=size * size * len(truth)).reshape(-1, size, size)


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.value
