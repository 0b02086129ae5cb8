"""Which texts to label next, and which labels look wrong.

Next are texts on which the model is unsure and which differ from each other: k-means++ seeds (Arthur & Vassilvitskii
2007) among gradient embeddings, as in BADGE (Ash, Zhang, Krishnamurthy, Langford & Agarwal 2020, "Deep batch active
learning by diverse, uncertain gradient lower bounds"). The graph that serves gives no hidden states, so that a text's
embedding is its TF-IDF over character n-grams, which holds for all languages and needs no torch.

Labels that look wrong are the off-diagonal of the confident joint (Northcutt, Jiang & Chuang 2021, "Confident learning:
estimating uncertainty in dataset labels"). The library of that method is under the AGPL, which ours is not.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import hstack
from sklearn.cluster import kmeans_plusplus
from sklearn.feature_extraction.text import TfidfVectorizer

from models.atomic import replacing
from models.classifier import Classifier
from models.errors import InputError
from models.formats.row import Row
from models.labels import LABEL2ID, LABELS
from models.prediction import Prediction
from models.rows import write_rows
from training.duplicates import plain
from training.slices import LabelledRow

SEED: Final = 13
# Of more texts than these, those of the smallest margins are chosen among: the rest would hardly be chosen.
MOST: Final = 20_000
_CLASSIFIED_AT_ONCE: Final = 1000
# What Label Studio's labelling interface calls its control and its object; as in docs/labels.md.
_CONTROL, _OBJECT = "stance", "text"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that is worth a label.

    Attributes:
        row: the row that it comes from.
        prediction: what the model makes of it.
    """

    row: Row
    prediction: Prediction


@dataclass(frozen=True, slots=True)
class Doubt:
    """A label that looks wrong.

    Attributes:
        row: the labelled row.
        prediction: what the model makes of its text.
    """

    row: LabelledRow
    prediction: Prediction


def choose(classifier: Classifier, rows: Sequence[Row], count: int, known: Sequence[str] = ()) -> list[Candidate]:
    """The texts to label next, those of the smallest margin first.

    Blank texts, texts in languages that the model does not know, and repetitions are left out.

    Args:
        classifier: the model.
        rows: what to choose from.
        count: how many.
        known: texts that have a label already.

    Raises:
        InputError: there is nothing to choose from.
    """
    seen, fresh = {plain(text) for text in known}, []
    for row in rows:
        if (bare := plain(row.text)) and bare not in seen:
            seen.add(bare)
            fresh.append(row)
    predictions = _predictions(classifier, [row.text for row in fresh])
    found = [Candidate(row, each) for row, each in zip(fresh, predictions, strict=True) if not each.unsupported]
    if not found:
        raise InputError("There is no text to choose from: all are blank, repeated, labelled or in other languages.")
    found = sorted(found, key=lambda each: each.prediction.margin)[:MOST]
    if len(found) <= count:
        return found
    chosen = _seeds([each.row.text for each in found], _scores([each.prediction for each in found]), count)
    return [found[index] for index in sorted(chosen)]


def doubts(classifier: Classifier, rows: Sequence[LabelledRow]) -> list[Doubt]:
    """Labels that look wrong, the least likely first.

    A label is among them if the model gives another label a score at least as high as it gives, on average, to texts
    that bear that other label. A model that was trained on these very labels believes them: ask one that was not.

    Args:
        classifier: the model.
        rows: texts with their labels.
    """
    predictions = _predictions(classifier, [row.text for row in rows])
    scores, given = _scores(predictions), np.array([LABEL2ID[row.label] for row in rows])
    # A label that occurs nowhere has no average, and nothing is found to be of it.
    usual = np.array([scores[given == k, k].mean() if (given == k).any() else np.inf for k in range(len(LABELS))])
    confident = np.where(scores >= usual, scores, -1.0)
    wrong = np.flatnonzero((confident.max(axis=1) >= 0) & (confident.argmax(axis=1) != given))
    own = scores[np.arange(len(rows)), given]
    return [Doubt(rows[index], predictions[index]) for index in wrong[np.argsort(own[wrong], kind="stable")]]


def write_candidates(path: Path, candidates: Sequence[Candidate], version: str) -> None:
    """Write texts to be labelled: a ``.json`` file for Label Studio, else a table with an empty column ``label``.

    Raises:
        OutputError: the file cannot be written.
        FormatError: its name ends in nothing that is known.
    """
    if path.suffix.lower() == ".json":
        with replacing(path) as temporary:
            tasks = [_task(each, version) for each in candidates]
            temporary.write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", "utf-8")
        return
    write_rows(path, (_fields(each.row, each.prediction) | {"text": each.row.text, "label": ""} for each in candidates))


def write_doubts(path: Path, found: Sequence[Doubt]) -> None:
    """Write labels that look wrong: the row, its label, and what the model suggests.

    Raises:
        OutputError: the file cannot be written.
        FormatError: its name ends in nothing that is known.
    """
    columns = dict.fromkeys(name for each in found for name in each.row.fields)
    write_rows(
        path,
        (
            {name: each.row.fields.get(name, "") for name in columns}
            | {"text": each.row.text, "label": each.row.label, **_suggestion(each.prediction)}
            for each in found
        ),
    )


def _seeds(texts: Sequence[str], scores: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=1, sublinear_tf=True).fit_transform(texts)
    # The gradient of the loss in the last layer, were the likeliest label the right one: (score - 1 there) x embedding.
    residual = scores - np.eye(len(LABELS))[scores.argmax(axis=1)]
    gradients = hstack([vectors.multiply(residual[:, [k]]) for k in range(len(LABELS))]).tocsr()
    # Unweighted, the first seed would be any text, also one that the model is sure of.
    weights = np.abs(residual).sum(axis=1) + np.finfo(np.float64).tiny
    _, chosen = kmeans_plusplus(gradients, count, sample_weight=weights, random_state=SEED)
    return np.asarray(chosen, dtype=np.int64)


def _predictions(classifier: Classifier, texts: Sequence[str]) -> list[Prediction]:
    found: list[Prediction] = []
    for start in range(0, len(texts), _CLASSIFIED_AT_ONCE):
        found += classifier.classify(texts[start : start + _CLASSIFIED_AT_ONCE])
    return found


def _scores(predictions: Sequence[Prediction]) -> NDArray[np.float64]:
    return np.array([[each.scores[label] for label in LABELS] for each in predictions]).reshape(-1, len(LABELS))


def _suggestion(prediction: Prediction) -> dict[str, Any]:
    return {"suggestion": prediction.label, "confidence": round(prediction.confidence, 4)}


def _fields(row: Row, prediction: Prediction) -> dict[str, Any]:
    return {**row.fields, **_suggestion(prediction)}


def _task(candidate: Candidate, version: str) -> dict[str, Any]:
    """A task of Label Studio, with the model's label as a prediction that a person confirms or corrects."""
    choice = {
        "from_name": _CONTROL,
        "to_name": _OBJECT,
        "type": "choices",
        "value": {"choices": [candidate.prediction.label]},
    }
    score = round(candidate.prediction.confidence, 4)
    return {
        "data": {**candidate.row.fields, "text": candidate.row.text},
        "predictions": [{"model_version": version, "score": score, "result": [choice]}],
    }


def usable(rows: Iterator[Any]) -> list[Row]:
    """The rows of a file.

    Raises:
        RowError: one cannot be read.
    """
    found = []
    for row in rows:
        if isinstance(row, Exception):
            raise row
        found.append(row)
    return found
