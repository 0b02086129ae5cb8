"""How good a model is on labelled rows, as a whole and by slice, through the same path that serves."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.classifier import Classifier
from models.errors import InputError
from models.labels import LABEL2ID, LABELS
from models.prediction import Prediction
from training.metrics import Metrics, Outcomes, measure
from training.record import write_json
from training.slices import LabelledRow, read_labelled, slices


@dataclass(frozen=True)
class Evaluation:
    """The figures of one model on one set of rows.

    Attributes:
        model: version of the model.
        prior: the prior that its scores were shifted to.
        target_coverage: share of true labels that its prediction sets are made to hold.
        overall: figures of all rows.
        by: figures of the rows with each value, by column and value.
    """

    model: str
    prior: str
    target_coverage: float
    overall: Metrics
    by: dict[str, dict[str, Metrics]]

    def to_dict(self) -> dict[str, object]:
        """JSON-able: the attributes under their names, figures as in :meth:`training.metrics.Metrics.to_dict`."""
        by = {column: {value: item.to_dict() for value, item in found.items()} for column, found in self.by.items()}
        facts = {"model": self.model, "prior": self.prior, "target_coverage": self.target_coverage}
        return {**facts, "overall": self.overall.to_dict(), "by": by}


def evaluate(
    classifier: Classifier, rows: Sequence[LabelledRow], by: Sequence[str] = (), *, prior: str | None = None
) -> Evaluation:
    """Classify the rows' texts and measure the predictions.

    Args:
        classifier: the model, as it serves.
        rows: labelled texts; see :func:`training.slices.read_labelled` and :func:`training.slices.from_examples`.
        by: columns to slice by; each on its own. ``length`` is always one.
        prior: one of the model's priors; its default one by default.

    Raises:
        ColumnError: a column to slice by is not there, or has too many values.
        InputError: the model has no such prior, or there are no rows.
        TextError: a text cannot be classified.
    """
    places = {column: slices(rows, column) for column in by}
    if not rows:
        raise InputError("there are no rows to evaluate on: give at least one text with its label")
    prior = prior or classifier.info.default_prior
    outcomes = outcomes_of(rows, classifier.classify([row.text for row in rows], prior=prior))
    return Evaluation(
        model=classifier.info.version,
        prior=prior,
        target_coverage=classifier.info.coverage,
        overall=measure(outcomes),
        by={
            column: {value: measure(outcomes.take(np.array(numbers))) for value, numbers in found.items()}
            for column, found in places.items()
        },
    )


def outcomes_of(rows: Sequence[LabelledRow], predictions: Sequence[Prediction]) -> Outcomes:
    """Labels and predictions of the same texts, as arrays."""
    return Outcomes(
        truth=np.array([LABEL2ID[row.label] for row in rows]),
        predicted=np.array([LABEL2ID[item.label] for item in predictions]),
        scores=np.array([[item.scores[label] for label in LABELS] for item in predictions], dtype=np.float64),
        sets=np.array([[label in item.prediction_set for label in LABELS] for item in predictions]),
        unsupported=np.array([item.unsupported for item in predictions]),
        truncated=np.array([item.truncated for item in predictions]),
    )


def run_evaluation(
    data: str | Path,
    model: str | Path | None = None,
    json_path: str | Path | None = None,
    by: Sequence[str] = (),
    prior: str | None = None,
) -> Evaluation:
    """Evaluate a model directory on a file of labelled rows: what ``ru-stance evaluate`` does.

    Args:
        data: csv, tsv, jsonl or parquet file with a text column and a ``label`` column.
        model: model directory; the shipped one by default.
        json_path: where to write :meth:`Evaluation.to_dict`, if anywhere.
        by: columns to slice by.
        prior: one of the model's priors; its default one by default.

    Raises:
        InputError: the file cannot be read, lacks a column, or has a bad row.
        ModelError: the model directory cannot be used.
        OutputError: the JSON file cannot be written.
    """
    rows = read_labelled(data)
    evaluation = evaluate(Classifier.load(model), rows, by, prior=prior)
    if json_path is not None:
        write_json(json_path, evaluation.to_dict())
    return evaluation
