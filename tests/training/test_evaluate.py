"""An evaluation goes through the path that serves, and is told in figures and tables."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from models.classifier import Classifier
from models.errors import ColumnError, InputError, OutputError
from training.evaluate import Evaluation, evaluate, run_evaluation
from training.slices import LabelledRow
from training.tables import evaluation_tables

ROWS = [
    LabelledRow("We condemn the invasion of a peaceful neighbour", "critical", {"lang": "en", "kind": "[b]post"}),
    LabelledRow("They condemn the attack again", "critical", {"lang": "en", "kind": "news"}),
    LabelledRow("We praise the help that they bring", "supportive", {"lang": "en", "kind": "news"}),
    LabelledRow("They praise the new base in the north", "neutral", {"lang": "en", "kind": "news"}),
    LabelledRow("The ministers met on Tuesday in the capital to talk about grain", "neutral", {"lang": "en"}),
    LabelledRow("perhaps", "neutral", {"lang": "en", "kind": "news"}),
    LabelledRow("これは日本語で書かれた長い文章です。", "neutral", {"lang": "ja", "kind": "news"}),
]


@pytest.fixture(scope="module")
def evaluation(tiny_classifier: Classifier) -> Evaluation:
    return evaluate(tiny_classifier, ROWS, ["lang", "kind", "length"])


def test_overall_figures_are_those_of_the_predictions(evaluation: Evaluation, tiny_classifier: Classifier) -> None:
    predictions = tiny_classifier.classify([row.text for row in ROWS])
    right = sum(row.label == item.label for row, item in zip(ROWS, predictions, strict=True))
    held = sum(row.label in item.prediction_set for row, item in zip(ROWS, predictions, strict=True))
    overall = evaluation.overall
    assert (evaluation.model, evaluation.prior, evaluation.target_coverage) == ("tiny-1", "balanced", 0.9)
    assert 0 < right < len(ROWS)
    assert overall.accuracy.value == pytest.approx(right / len(ROWS))
    assert overall.coverage is not None
    assert overall.coverage.value == pytest.approx(held / len(ROWS))
    assert overall.doubtful is not None
    assert overall.doubtful.value == pytest.approx(sum(item.doubtful for item in predictions) / len(ROWS))
    assert overall.unsupported == 1


def test_slices_part_the_rows(evaluation: Evaluation) -> None:
    assert list(evaluation.by) == ["lang", "kind", "length"]
    for found in evaluation.by.values():
        assert sum(metrics.rows for metrics in found.values()) == len(ROWS)
    assert evaluation.by["lang"]["ja"].unsupported == 1
    assert evaluation.by["lang"]["ja"].macro_f1 is None


def test_the_prior_is_used(tiny_classifier: Classifier) -> None:
    shifted = evaluate(tiny_classifier, ROWS, prior="news")
    assert shifted.prior == "news"
    assert shifted.overall.labels["neutral"].predicted == len(ROWS)


def test_bad_requests(tiny_classifier: Classifier) -> None:
    with pytest.raises(ColumnError, match="no column 'year'"):
        evaluate(tiny_classifier, ROWS, ["year"])
    with pytest.raises(InputError, match="no prior 'war'"):
        evaluate(tiny_classifier, ROWS, prior="war")
    with pytest.raises(InputError, match="no rows"):
        evaluate(tiny_classifier, [])


def test_a_run_from_file_to_file(tiny_model: Path, tmp_path: Path, evaluation: Evaluation) -> None:
    data = tmp_path / "rows.jsonl"
    rows = ({"text": row.text, "label": row.label, **row.fields} for row in ROWS)
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    found = run_evaluation(data, tiny_model, tmp_path / "out.json", ["lang", "kind", "length"])
    assert json.loads((tmp_path / "out.json").read_text("utf-8")) == evaluation.to_dict() == found.to_dict()
    with pytest.raises(OutputError, match="cannot be written"):
        run_evaluation(data, tiny_model, tmp_path / "missing" / "out.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.json", "rows.jsonl"]


def test_tables_show_the_figures(evaluation: Evaluation) -> None:
    console = Console(file=io.StringIO(), width=200)
    console.print(evaluation_tables(evaluation))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    accuracy = evaluation.overall.accuracy
    assert f"{accuracy.value:.3f} [{accuracy.low:.3f}, {accuracy.high:.3f}]" in shown
    assert "[b]post" in shown
    assert "target 90%" in shown
    assert "only neutral occurs: there is no macro-F1" in shown
    for word in ("tiny-1", "balanced", "By length", "critical", "doubtful"):
        assert word in shown
