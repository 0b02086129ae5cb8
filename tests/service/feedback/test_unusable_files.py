"""Files of labels that cannot be used: told in words that name what to do, with nothing written."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from models.errors import RuStanceError
from service.feedback.commands import labels

CHOICES = [{"from_name": "stance", "value": {"choices": ["critical"]}}]


def refused(path: Path, *words: str) -> str:
    """What the import says of a file, all of which it refuses."""
    database = path.parent / "labels.sqlite3"
    done = CliRunner().invoke(labels, ["import", str(path), *words, "--database", str(database)])
    assert done.exit_code == 1
    return str(done.exception) if isinstance(done.exception, RuStanceError) else done.output


def task(text: Any, results: Any) -> dict[str, Any]:
    return {"data": {"text": text}, "annotations": [{"result": results}]}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "is no JSON (JSONDecodeError); lines of JSON are to be named .jsonl"),
        ('{"text": "a", "label": "neutral"}', "must hold a list of JSON objects"),
        ("[1, 2]", "must hold a list of JSON objects"),
        ('[{"text": 5, "label": "neutral"}]', "line 1: has no string in text"),
        ('[{"text": "a", "mood": "neutral"}]', "mood"),
        (r'[{"text": "\ud800", "label": "neutral"}]', "line 1: the text has half a character"),
        (r'[{"text": "a", "label": "neutral", "note": "\ud800"}]', "line 1: the note has half a character"),
    ],
)
def test_a_json_file_that_is_none(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "labels.json"
    path.write_text(content, "utf-8")
    assert told in " ".join(refused(path).split())


@pytest.mark.parametrize(
    ("tasks", "words", "told"),
    [
        ([task("a", CHOICES), {"text": "b"}], (), "line 2: is no task of Label Studio"),
        ([task(5, CHOICES)], (), "line 1: has no string as its text"),
        ([task("a", CHOICES * 2)], (), "line 1: has an annotation with 2 choices; a label is one"),
        ([task("a", CHOICES)], ("--label", "mood"), "has no choices named mood; it has: stance"),
        ([task("a", [])], (), "must have choices of one name, or --label names which; it has: none"),
        ([task("a", [*CHOICES, {**CHOICES[0], "from_name": "mood"}])], (), "it has: mood, stance"),
    ],
)
def test_an_export_of_label_studio_that_cannot_be_read(
    tmp_path: Path, tasks: list[dict[str, Any]], words: tuple[str, ...], told: str
) -> None:
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps(tasks), "utf-8")
    assert told in " ".join(refused(path, *words).split())


def test_a_file_that_is_not_there_or_has_no_labels(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "none.json")
    path = tmp_path / "header.csv"
    path.write_text("text,mood\n", "utf-8")
    assert "mood" in refused(path)
    (tmp_path / "wide.csv").write_bytes("text,label\nа,neutral\n".encode("utf-16-be"))
    assert "wide.csv" in refused(tmp_path / "wide.csv", "--encoding", "utf-8")


@pytest.mark.parametrize("name", ["labels.txt", "labels.xlsx", "labels"])
def test_a_file_of_another_kind_is_told_which_there_are(tmp_path: Path, name: str) -> None:
    told = refused(tmp_path / name)
    assert all(ending in told for ending in (name, ".csv", ".tsv", ".jsonl", ".parquet", ".json;"))


def test_a_json_file_in_another_encoding_is_to_be_told_which(tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_bytes('[{"text": "Танки", "label": "neutral"}]'.encode("cp1251"))
    assert "--encoding" in refused(tmp_path / "labels.json")


def test_a_label_cannot_stand_for_two(tmp_path: Path) -> None:
    words = ("--map", "FAVOR=supportive", "--map", "favor=critical")
    assert "stands for two labels" in refused(tmp_path / "none.csv", *words)


def test_tasks_that_nobody_labelled_are_told(tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps([task("a", CHOICES), {"data": {"text": "b"}, "annotations": []}]), "utf-8")
    done = CliRunner().invoke(labels, ["import", str(path), "--database", str(tmp_path / "labels.sqlite3")])
    assert done.exit_code == 0
    assert "nobody labelled 1 of its tasks" in " ".join(done.output.split())
    assert "Labels written: 1" in done.output
