"""What to label next is unsure and diverse, and never what is labelled; wrong labels are found; torch is not needed."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.classifier import Classifier
from models.errors import InputError, OutputError
from models.formats.row import Row
from ru_stance import app
from training.review import choose, doubts, usable, write_candidates, write_doubts
from training.slices import LabelledRow

ROOT = Path(__file__).parents[2]
# The tiny model is unsure of nothing but "perhaps".
SURE = [f"we praise the {thing} of today" for thing in ("bread", "bridge", "school", "choir")]
UNSURE = [f"perhaps perhaps {thing}" for thing in ("grain prices", "grain price", "the grain price", "naval drills")]


def as_rows(texts: list[str]) -> list[Row]:
    return [Row(number, text, {"id": number, "text": text}) for number, text in enumerate(texts, start=1)]


def test_unsure_and_diverse_texts_come_first(tiny_classifier: Classifier) -> None:
    chosen = [each.row.text for each in choose(tiny_classifier, as_rows([*SURE * 3, *UNSURE]), 2)]
    assert set(chosen) <= set(UNSURE)
    assert "perhaps perhaps naval drills" in chosen


def test_repetitions_blanks_foreign_and_labelled_texts_are_left_out(tiny_classifier: Classifier) -> None:
    rows = as_rows(["", "  ", "これは日本語の文です。", UNSURE[0], UNSURE[0].upper() + "!", UNSURE[3], SURE[0]])
    chosen = choose(tiny_classifier, rows, 10, known=[f"{UNSURE[3]}."])
    assert [each.row.text for each in chosen] == [UNSURE[0], SURE[0]]
    with pytest.raises(InputError, match="no text to choose from"):
        choose(tiny_classifier, rows[:3], 10)


def test_the_choice_is_the_same_every_time(tiny_classifier: Classifier) -> None:
    rows = as_rows([f"{text} {number}" for number in range(20) for text in (*SURE, *UNSURE)])
    first, second = (choose(tiny_classifier, rows, 12) for _ in range(2))
    assert [each.row.line for each in first] == [each.row.line for each in second]
    assert len({each.row.line for each in first}) == 12


def test_labels_that_look_wrong_are_found(tiny_classifier: Classifier) -> None:
    right = [LabelledRow(f"condemn condemn {n}", "critical", {}) for n in range(5)]
    right += [LabelledRow(f"praise praise {n}", "supportive", {}) for n in range(5)]
    wrong = [LabelledRow("praise praise praise", "critical", {"id": "9"})]
    assert [each.row for each in doubts(tiny_classifier, [*right, *wrong])] == wrong
    assert doubts(tiny_classifier, right) == []


def test_a_file_that_somebody_may_have_labelled_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("text\nperhaps\n")
    labelled = tmp_path / "posts-review.csv"
    labelled.write_text("text,label\nperhaps,neutral\n")
    for words in ([], ["--audit"]):
        with pytest.raises(OutputError, match="--output"):
            CliRunner().invoke(app, ["review", str(tmp_path / "posts.csv"), *words], catch_exceptions=False)
    assert labelled.read_text() == "text,label\nperhaps,neutral\n"


@pytest.mark.parametrize("words", [("--count", "5"), ("--labels", "mine.csv")])
def test_options_that_an_audit_would_not_use_are_refused(words: tuple[str, str], tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["review", str(tmp_path / "posts.csv"), "--audit", *words])
    assert result.exit_code == 2
    assert "would do nothing" in result.output


def test_files_are_ready_for_labelling(tiny_classifier: Classifier, tmp_path: Path) -> None:
    chosen = choose(tiny_classifier, as_rows(UNSURE), 2)
    write_candidates(tmp_path / "todo.csv", chosen, "v1")
    with (tmp_path / "todo.csv").open(encoding="utf-8") as stream:
        table = list(csv.DictReader(stream))
    assert [(row["label"], row["suggestion"] in ("critical", "neutral", "supportive")) for row in table] == [
        ("", True)
    ] * 2
    write_candidates(tmp_path / "todo.json", chosen, "v1")
    tasks = json.loads((tmp_path / "todo.json").read_text("utf-8"))
    assert [task["data"]["text"] for task in tasks] == [row["text"] for row in table]
    (prediction,) = tasks[0]["predictions"]
    assert prediction["model_version"] == "v1"
    assert prediction["result"][0]["value"]["choices"] == [chosen[0].prediction.label]
    (result,) = prediction["result"]
    assert (result["from_name"], result["to_name"], result["type"]) == ("stance", "text", "choices")
    write_doubts(
        tmp_path / "wrong.jsonl",
        doubts(
            tiny_classifier,
            [LabelledRow("praise praise", "critical", {"id": "9"}), LabelledRow("praise it praise", "supportive", {})],
        ),
    )
    (line,) = (tmp_path / "wrong.jsonl").read_text("utf-8").splitlines()
    assert {"id": "9", "label": "critical", "suggestion": "supportive"}.items() <= json.loads(line).items()


def test_a_bad_row_is_told(tmp_path: Path) -> None:
    from models.errors import RowError
    from models.rows import read_rows

    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n{"text": 1}\n', "utf-8")
    with pytest.raises(RowError, match="line 2"):
        usable(read_rows(tmp_path / "a.jsonl"))


def test_torch_is_not_loaded() -> None:
    code = "import sys, training.review, training.compare, training.gate; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
