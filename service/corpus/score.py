"""Scoring a stream of rows: rows in, the same rows with the model's answer out, in constant memory."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final

from models.classifier import Classifier
from models.errors import ColumnError, RowError
from models.formats.row import find_text_column
from models.labels import LABELS
from models.prediction import Prediction
from models.rows import Row
from models.sentences import split
from service.schemas import fields_of

# Where a sentence stands: the row that it is from, and its offsets in that row's text.
PLACE_COLUMNS: Final = ("line", "start", "end")
RESULT_COLUMNS: Final = ("label", "confidence", *LABELS, "prediction_set", "doubtful", "truncated", "unsupported")
# Texts that are in memory at a time. Each is classified alone, so that the size of a block changes no score.
BLOCK: Final = 1024

Fields = dict[str, Any]


def score_rows(
    classifier: Classifier,
    rows: Iterable[Row],
    *,
    split_text: bool = False,
    text_column: str | None = None,
    prefix: str = "",
) -> Iterator[Fields]:
    """Classify rows, and give each back with all of its columns and ``RESULT_COLUMNS`` after them.

    Args:
        classifier: the model.
        rows: the rows; read as they are needed.
        split_text: give one row a sentence. Its text is the sentence, and ``PLACE_COLUMNS`` tell where it stood.
        text_column: the column of the text if :func:`models.rows.read_rows` was told one.
        prefix: put before the names of the columns that are added.

    Raises:
        ColumnError: a row has a column of the name of one that is to be added.
    """
    units = _sentences(rows, text_column, prefix) if split_text else ((row.text, row.fields) for row in rows)
    added = {prefix + name for name in RESULT_COLUMNS}
    while block := list(islice(units, BLOCK)):
        for (_, fields), prediction in zip(block, classifier.classify([text for text, _ in block]), strict=True):
            yield _joined(fields, {prefix + name: value for name, value in _result(prediction).items()}, added)


def usable(rows: Iterable[Row | RowError], report: Callable[[RowError], None]) -> Iterator[Row]:
    """The rows that can be used; the others are reported, and the rest goes on."""
    for row in rows:
        if isinstance(row, RowError):
            report(row)
        else:
            yield row


def _sentences(rows: Iterable[Row], text_column: str | None, prefix: str) -> Iterator[tuple[str, Fields]]:
    names = [prefix + name for name in PLACE_COLUMNS]
    column = None
    for row in rows:
        column = column or find_text_column(list(row.fields), text_column, "the input")
        for start, end in split(row.text):
            sentence = row.text[start:end]
            place = dict(zip(names, (row.line, start, end), strict=True))
            yield sentence, _joined(row.fields | {column: sentence}, place, set(names))


def _result(prediction: Prediction) -> Fields:
    told = fields_of(prediction)
    scores = told["scores"]
    return {
        "label": told["label"],
        "confidence": scores[told["label"]],
        **scores,
        "prediction_set": "|".join(told["prediction_set"]),
        **{name: told[name] for name in ("doubtful", "truncated", "unsupported")},
    }


def _joined(fields: Fields, new: Fields, names: set[str]) -> Fields:
    if taken := names & fields.keys():
        raise ColumnError(
            f"The input has a column {', '.join(sorted(taken))} already, which would be written over. Rename it, or "
            "have another name for the added columns: --prefix stance_"
        )
    return fields | new
