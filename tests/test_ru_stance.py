"""The command, run as a user runs it: a process, its files, its exit status."""

import csv
import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import ru_stance
from models.classifier import Classifier
from service.corpus.score import RESULT_COLUMNS
from tests.service.live import running
from training.settings import TrainingSettings

ROOT = Path(__file__).parents[1]
ARTICLE = """\
The delegation landed in Bamako on Monday and left the next day.

“We asked everybody,” said the mayor, Dr. A. Keïta. Only Moscow came to help us when all the others left! Wagner looted
the mine and left us the graves. Хлеб за неделю подорожал на десять процентов. 🌾 No. 7 was closed at 5 p.m.
- The occupiers have shelled our school again
- Talks went on
"""
CSV = "id,text,likes\n1,The delegation landed on Monday.,3\n2,They came to loot and not to protect.,\n"


def command(*words: object, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "ru_stance", *map(str, words)],
        input=stdin,
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def refused(done: subprocess.CompletedProcess[str], status: int = 1) -> str:
    """What a command that was refused says: a message, no traceback, and nothing on standard output."""
    assert done.returncode == status
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


def table(content: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(content.splitlines(), delimiter=delimiter))


def test_an_article_gets_the_same_labels_by_the_service_and_by_the_command(tmp_path: Path) -> None:
    file = tmp_path / "article.txt"
    file.write_text(ARTICLE, "utf-8")
    with running(Classifier.load(threads=2), threads=2) as server:
        served = server.post("/v1/document", {"text": ARTICLE}).json["sentences"]
    done = command("score", file, "--split", "-o", tmp_path / "out.jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"out\.jsonl: 8 rows .*; documents in .*out\.documents\.jsonl\n$", done.stdout)
    scored = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert len(served) >= 7
    assert len({each["label"] for each in served}) == 3
    for name in ("start", "end", "text", "label", "doubtful", "truncated", "unsupported"):
        assert [each[name] for each in scored] == [each[name] for each in served]
    for mine, theirs in zip(scored, served, strict=True):
        assert {label: mine[label] for label in theirs["scores"]} == theirs["scores"]
        assert ARTICLE[mine["start"] : mine["end"]] == mine["text"]


def test_a_table_goes_to_standard_output_with_all_of_its_columns(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(CSV, "utf-8")
    done = command("score", tmp_path / "in.csv", "--threads", 1)
    assert (done.returncode, done.stderr) == (0, "")
    rows = table(done.stdout)
    assert list(rows[0]) == ["id", "text", "likes", *RESULT_COLUMNS]
    assert [(row["id"], row["likes"], row["label"]) for row in rows] == [("1", "3", "neutral"), ("2", "", "critical")]


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_each_format_in_and_out(tmp_path: Path, ending: str) -> None:
    (tmp_path / "in.csv").write_text(CSV, "utf-8")
    first, second = tmp_path / f"first.{ending}", tmp_path / f"second.{ending}"
    assert command("score", tmp_path / "in.csv", "-o", first).returncode == 0
    assert command("score", first, "-o", second, "--prefix", "again_").returncode == 0
    if ending == "parquet":
        rows = pq.read_table(second).to_pylist()
    elif ending == "jsonl":
        rows = [json.loads(line) for line in second.read_text("utf-8").splitlines()]
    else:
        rows = table(second.read_text("utf-8"), "\t" if ending == "tsv" else ",")
    assert [row["text"] for row in rows] == [row["text"] for row in table(CSV)]
    assert all(row["label"] == row["again_label"] for row in rows)


def test_standard_input_is_text_unless_it_is_said_otherwise() -> None:
    plain = command("score", "-", stdin="The delegation landed on Monday.\n\nThey came to loot and not to protect.\n")
    assert [row["label"] for row in table(plain.stdout)] == ["neutral", "critical"]
    lines = command("score", "-", "--format", "jsonl", stdin='{"comment": "The delegation landed.", "text": 5}\n')
    assert "line 1: the column text must be a string" in lines.stderr
    named = command(
        "score", "-", "--format", "jsonl", "--text-column", "comment", stdin='{"comment": "The delegation landed."}\n'
    )
    assert json.loads(named.stdout)["label"] == "neutral"


def test_bad_rows_are_told_and_counted_and_the_rest_is_written(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(
        '{"text": "The delegation landed."}\nsecret words\n{"text": "half \\ud83d"}\n{"text": null}\n'
        '{"text": "nul \\u0000 مرحبا 🚀"}\n',
        "utf-8",
    )
    done = command("score", tmp_path / "in.jsonl", "-o", tmp_path / "out.jsonl")
    assert done.returncode == 1
    assert len((tmp_path / "out.jsonl").read_text("utf-8").splitlines()) == 2
    *told, count = done.stderr.splitlines()
    assert [line.partition(": ")[2].partition(": ")[0] for line in told] == [
        f"{tmp_path / 'in.jsonl'}, line {line}" for line in (2, 3, 4)
    ]
    assert count == "ru-stance: rows written: 2; rows that could not be used: 3."
    assert "secret" not in done.stderr


def test_what_cannot_be_scored_is_told_and_leaves_the_output_as_it_was(tmp_path: Path) -> None:
    files = {
        "no_column.csv": (b"id,words\n1,a\n", "no_column.csv has no column named text, .*It has: id, words"),
        "broken.parquet": (b"PAR1 broken PAR1", "broken.parquet cannot be read as parquet"),
        "old.csv": ("text\nПривет\n".encode("cp1251"), "old.csv is not UTF-8"),
        "empty.csv": (b"", "empty.csv has no header"),
        "table.xlsx": (b"PK", "table.xlsx: the format cannot be told"),
        "twice.csv": (b"text,label\na,neutral\n", "column label already.*--prefix"),
    }
    output = tmp_path / "out.csv"
    output.write_text("mine", "utf-8")
    for name, (content, message) in files.items():
        (tmp_path / name).write_bytes(content)
        assert re.search(message, refused(command("score", tmp_path / name, "-o", output)), re.DOTALL)
        assert output.read_text("utf-8") == "mine"
    assert "cannot be read: No such file" in refused(command("score", tmp_path / "none.csv"))
    assert "cannot be written" in refused(command("score", tmp_path / "no_column.csv", "-o", tmp_path / "no" / "o.csv"))
    (tmp_path / "self.csv").write_text(CSV, "utf-8")
    assert "is the input" in refused(command("score", tmp_path / "self.csv", "-o", tmp_path / "self.csv"))
    assert (tmp_path / "self.csv").read_text("utf-8") == CSV
    assert {path.name for path in tmp_path.iterdir()} == {*files, "out.csv", "self.csv"}


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("frobnicate",),
        ("score",),
        ("score", "-", "--format", "xls"),
        ("score", "-", "--threads", "0"),
        ("serve", "--port", "70000"),
        ("train",),
        ("evaluate",),
    ],
)
def test_wrong_usage_ends_with_status_2(words: tuple[str, ...]) -> None:
    assert "Usage: " in (done := command(*words)).stderr + done.stdout
    assert done.returncode == 2


def test_a_model_or_prior_that_there_is_not_is_told(tmp_path: Path) -> None:
    for words in (("score", "-"), ("serve", "--port", "0")):
        assert "There is no model directory" in refused(command(*words, "--model", tmp_path / "none"))
    assert "There is no model directory" in refused(command("score", "-", RU_STANCE_MODEL=str(tmp_path / "none")))
    assert "has no prior 'flat'" in refused(command("score", "-", "--prior", "flat", stdin="a"))


def test_the_service_is_not_opened_by_its_address_alone() -> None:
    assert "RU_STANCE_ALLOW_OPEN" in refused(command("serve", "--host", "0.0.0.0", "--port", "0"))


def test_evaluation_is_shown_and_written(tmp_path: Path) -> None:
    data, figures = tmp_path / "labelled.csv", tmp_path / "figures.json"
    data.write_text(
        "text,label,outlet\nThe delegation landed.,neutral,A\nThey came to loot.,critical,B\nTalks go on.,neutral,B\n",
        "utf-8",
    )
    done = command("evaluate", "--data", data, "--by", "outlet", "--by", "length", "--prior", "news", "--json", figures)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(figures.read_text("utf-8"))
    assert (found["prior"], found["overall"]["rows"], set(found["by"])) == ("news", 3, {"outlet", "length"})
    for word in ("accuracy", "macro-F1", "expected calibration error", "By outlet", "Confusion", "critical"):
        assert word in done.stdout
    data.write_text("text,label\nThe delegation landed.,neutral\nA secret.,nutral\n", "utf-8")
    told = refused(command("evaluate", "--data", data))
    assert "labelled.csv, line 3" in told
    assert "secret" not in told
    data.write_text("text,label\n", "utf-8")
    assert "labelled.csv has no rows" in refused(command("evaluate", "--data", data))


def test_training_takes_every_setting_and_its_errors_are_told(tmp_path: Path) -> None:
    several = {"language": "languages", "teacher": "teachers"}
    options = {several.get(name, name) for name in inspect.signature(ru_stance.train).parameters} - {"context"}
    assert options == {field.name for field in fields(TrainingSettings)}
    told = refused(command("train", "--output", tmp_path / "model", "--base", "nothing-here", "--seed", 1))
    assert "no base named 'nothing-here'" in told


def test_what_is_not_installed_is_told_by_the_extra_that_brings_it(tmp_path: Path) -> None:
    for missing in ("torch", "sklearn", "pyarrow"):
        (tmp_path / f"{missing}.py").write_text(f"raise ModuleNotFoundError('none', name='{missing}')\n", "utf-8")
    (tmp_path / "in.parquet").write_bytes(b"PAR1")
    (tmp_path / "in.csv").write_text("text,label\na,neutral\n", "utf-8")
    bare = {"PYTHONPATH": str(tmp_path)}
    assert "[train]" in refused(command("train", "--output", tmp_path / "model", **bare))
    assert "[train]" in refused(command("evaluate", "--data", tmp_path / "in.csv", **bare))
    assert "[corpus]" in refused(command("score", tmp_path / "in.parquet", **bare))


def test_serving_and_scoring_load_nothing_that_training_needs() -> None:
    code = (
        "import sys, ru_stance, service.app, service.process, service.server, service.corpus.score; print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "onnxruntime" in loaded
    assert not {"torch", "transformers", "pandas", "datasets", "sklearn", "scipy", "pyarrow"} & loaded


def test_the_package_installs_the_command() -> None:
    script = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]["ru-stance"]
    module, _, name = script.partition(":")
    assert getattr(import_module(module), name) is ru_stance.main
