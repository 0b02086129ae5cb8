"""The figures agree with other libraries, and say where there is none."""

import json

import numpy as np
import pytest
from numpy.typing import ArrayLike
from sklearn.metrics import accuracy_score, f1_score, log_loss, precision_recall_fscore_support

from training.metrics import Outcomes, measure


def outcomes(truth: ArrayLike, scores: ArrayLike, sets: ArrayLike | None = None) -> Outcomes:
    scores = np.asarray(scores, dtype=np.float64)
    nothing = np.zeros(len(scores), dtype=bool)
    members = None if sets is None else np.asarray(sets, dtype=bool)
    return Outcomes(np.asarray(truth), scores.argmax(axis=1), scores, members, nothing, nothing)


def random_outcomes(rows: int, seed: int = 0) -> Outcomes:
    generator = np.random.default_rng(seed)
    truth = generator.choice(3, rows, p=[0.2, 0.6, 0.2])
    scores = generator.dirichlet((1, 1, 1), rows)
    scores[np.arange(rows), truth] += 0.5
    scores /= scores.sum(axis=1, keepdims=True)
    return outcomes(truth, scores, scores > 0.25)


def test_figures_agree_with_scikit_learn() -> None:
    given = random_outcomes(500)
    found = measure(given)
    precision, recall, f1, support = precision_recall_fscore_support(given.truth, given.predicted)
    assert found.accuracy.value == pytest.approx(accuracy_score(given.truth, given.predicted))
    assert found.macro_f1 is not None
    assert found.macro_f1.value == pytest.approx(f1_score(given.truth, given.predicted, average="macro"))
    assert found.log_loss.value == pytest.approx(log_loss(given.truth, given.scores))
    for index, item in enumerate(found.labels.values()):
        assert item.precision is not None
        assert item.recall is not None
        assert item.f1 is not None
        got = (item.precision.value, item.recall.value, item.f1.value, item.support)
        assert got == pytest.approx((precision[index], recall[index], f1[index], support[index]))


def test_macro_f1_interval_is_that_of_resampled_rows() -> None:
    given = random_outcomes(300)
    found = measure(given).macro_f1
    assert found is not None
    generator = np.random.default_rng(1)
    drawn = [generator.integers(0, 300, 300) for _ in range(200)]
    reached = [f1_score(given.truth[rows], given.predicted[rows], average="macro") for rows in drawn]
    assert (found.low, found.high) == pytest.approx(np.percentile(reached, (2.5, 97.5)), abs=0.02)


def test_sets() -> None:
    sets = [[1, 0, 0], [1, 1, 0], [1, 1, 1], [1, 0, 0]]
    found = measure(outcomes([0, 1, 2, 2], [[0.8, 0.1, 0.1]] * 4, sets))
    assert found.coverage is not None
    assert found.set_size is not None
    assert found.doubtful is not None
    assert (found.coverage.value, found.set_size.value, found.doubtful.value) == (0.75, 1.75, 0.5)
    by_label = [item.coverage.value if item.coverage else None for item in found.labels.values()]
    assert by_label == [1, 1, 0.5]


def test_a_model_without_sets_has_no_figures_of_sets() -> None:
    found = measure(outcomes([0, 1, 2], np.eye(3)))
    assert (found.coverage, found.set_size, found.doubtful) == (None, None, None)
    assert all(item.coverage is None for item in found.labels.values())


def test_a_label_that_does_not_occur_is_left_out_and_told() -> None:
    found = measure(outcomes([0, 0, 1, 1], np.eye(3)[[0, 2, 1, 1]]))
    assert found.macro_f1 is not None
    assert found.macro_f1.value == pytest.approx((2 / 3 + 1) / 2)
    assert found.notes == ("supportive does not occur: macro-F1 is the mean of critical and neutral",)
    assert found.labels["supportive"].recall is None
    assert found.labels["supportive"].f1 is not None
    assert found.labels["supportive"].f1.value == 0


def test_one_label_alone_has_no_macro_f1() -> None:
    found = measure(outcomes([1, 1], [[0.2, 0.6, 0.2]] * 2))
    assert found.macro_f1 is None
    assert found.accuracy.value == 1
    assert found.notes[0] == "only neutral occurs: there is no macro-F1"
    assert found.labels["critical"].f1 is None


def test_an_interval_without_width_is_told() -> None:
    found = measure(outcomes([0, 1, 2] * 4, np.eye(3)[[0, 1, 2] * 4]))
    assert found.macro_f1 is not None
    assert found.macro_f1.low == found.macro_f1.high == 1
    assert found.accuracy.low < 0.8
    assert any("interval of accuracy" in note for note in found.notes)
    assert not measure(outcomes([0, 1, 2], np.eye(3)[[0, 1, 1]])).notes


def test_a_score_of_zero_for_the_true_label_has_a_finite_log_loss() -> None:
    assert 10 < measure(outcomes([0, 1], [[0, 1, 0], [0, 1, 0]])).log_loss.value < 40


def test_the_predicted_label_counts_where_scores_tie() -> None:
    flags = np.array([True])
    given = Outcomes(np.array([1]), np.array([1]), np.full((1, 3), 1 / 3), np.ones((1, 3), dtype=bool), flags, ~flags)
    found = measure(given)
    assert found.accuracy.value == 1
    assert (found.unsupported, found.truncated) == (1, 0)


def test_taking_rows() -> None:
    given = random_outcomes(40)
    rows = np.flatnonzero(given.truth != 2)
    taken = measure(given.take(rows))
    assert taken.rows == len(rows)
    assert taken.labels["supportive"].support == 0


def test_no_rows() -> None:
    with pytest.raises(ValueError, match="no rows"):
        measure(random_outcomes(4).take(np.array([], dtype=np.int64)))


def test_to_dict_is_json_and_seeded() -> None:
    first, second = (json.dumps(measure(random_outcomes(100)).to_dict(), allow_nan=False) for _ in range(2))
    assert first == second
    content = json.loads(first)
    assert content["rows"] == sum(map(sum, content["confusion"]))
    assert content["rows"] == sum(place["rows"] for place in content["reliability"])
    assert set(content["labels"]["critical"]) == {"support", "predicted", "precision", "recall", "f1", "coverage"}
