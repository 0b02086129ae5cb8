"""Files of labels in and out again: every format, every encoding, and what is wrong told before anything is written."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from models.errors import ColumnError
from models.labels import LABELS
from service.feedback.commands import labels
from service.feedback.database import Database
from service.feedback.schemas import LONGEST_NAME
from service.feedback.store import Filter, LabelStore
from service.feedback.votes import Vote, sha256_of

RUNNER = CliRunner()
# What a file can hold: no half characters, and no NUL, which is kept as a space.
LETTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
WORDS = st.text(LETTERS, min_size=1, max_size=30)
VOTES = st.builds(
    Vote,
    WORDS.filter(lambda text: bool(text.strip())),
    st.sampled_from(LABELS),
    st.one_of(st.just(""), st.text(LETTERS, min_size=1, max_size=LONGEST_NAME)),
    st.one_of(st.none(), WORDS),
    st.one_of(st.none(), WORDS),
)


@contextmanager
def opened(path: Path) -> Iterator[LabelStore]:
    database = Database(path)
    try:
        yield LabelStore(database)
    finally:
        database.close()


def run(folder: Path, *words: object, answer: str | None = None) -> Result:
    return RUNNER.invoke(labels, [*map(str, words), "--database", str(folder / "labels.sqlite3")], input=answer)


def kept(folder: Path) -> list[Vote]:
    with opened(folder / "labels.sqlite3") as store:
        return [Vote(row.text, row.label, row.annotator, row.note, row.source) for row in store.all()]


def written(folder: Path) -> list[tuple[str, str]]:
    return sorted((vote.text, vote.label) for vote in kept(folder))


def csv_of(folder: Path, rows: Sequence[str], header: str = "text,label", name: str = "labels.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows, ""]), "utf-8", newline="")
    return path


@settings(deadline=None, max_examples=15)
@given(
    st.lists(VOTES, min_size=1, max_size=8, unique_by=lambda vote: (sha256_of(vote.text), vote.annotator)),
    st.sampled_from(["csv", "jsonl", "json"]),
)
def test_what_is_exported_is_imported_as_it_was(votes: list[Vote], ending: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with opened(folder / "first.sqlite3") as store:
            store.give(votes)
        out = folder / f"out.{ending}"
        done = RUNNER.invoke(labels, ["export", "-o", str(out), "--database", str(folder / "first.sqlite3")])
        assert done.exit_code == 0, done.output
        done = run(folder, "import", out)
        assert done.exit_code == 0, done.output
        assert sorted(kept(folder), key=repr) == sorted(votes, key=repr)


def test_a_file_of_any_columns_labels_and_encoding(tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    rows = "Tweet,Stance 1,Stance 2\n“俄罗斯”来了,FAVOR,NONE\nThey came to loot…,against ,FAVOR\nTalks,NONE,NONE\n"
    path.write_bytes(rows.encode("gbk"))
    words = ("--encoding", "gbk", "--text", "Tweet", "--label", "Stance 1")
    maps = ("--map", "FAVOR=supportive", "--map", "AGAINST=critical", "--map", "NONE=neutral")
    done = run(tmp_path, "import", path, *words, *maps, "--annotator", "them", "--source", "tweets")
    assert (done.exit_code, done.stdout.partition(";")[0]) == (0, "Labels written: 3")
    expected = [("“俄罗斯”来了", "supportive"), ("They came to loot…", "critical"), ("Talks", "neutral")]
    assert written(tmp_path) == sorted(expected)
    assert {(vote.annotator, vote.source) for vote in kept(tmp_path)} == {("them", "tweets")}


def test_parquet_tsv_and_a_list_of_objects(tmp_path: Path) -> None:
    pq.write_table(pa.table({"body": ["a"], "class": ["critical"], "who": ["ada"]}), tmp_path / "a.parquet")
    (tmp_path / "b.tsv").write_text("text\tlabel\nb\tNeutral\n")
    (tmp_path / "c.json").write_text(json.dumps([{"text": "c", "sentiment": 1, "annotator": 7}]))
    assert run(tmp_path, "import", tmp_path / "a.parquet", "--annotator-column", "who").exit_code == 0
    assert run(tmp_path, "import", tmp_path / "b.tsv").exit_code == 0
    words = ("--label", "sentiment", "--map", "1=supportive")
    assert run(tmp_path, "import", tmp_path / "c.json", *words).exit_code == 0
    found = {(vote.text, vote.label, vote.annotator) for vote in kept(tmp_path)}
    assert found == {("a", "critical", "ada"), ("b", "neutral", ""), ("c", "supportive", "7")}


def task(text: str, *annotations: dict[str, Any]) -> dict[str, Any]:
    return {"id": 1, "data": {"text": text, "url": "x"}, "annotations": list(annotations)}


def label(choice: str, **others: Any) -> dict[str, Any]:
    result = {"from_name": "lean", "to_name": "text", "type": "choices", "value": {"choices": [choice]}}
    return {"result": [result], "was_cancelled": False, **others}


def test_an_export_of_label_studio(tmp_path: Path) -> None:
    path = tmp_path / "project.json"
    tasks = [
        task("a", label("Critical", completed_by=3), label("Neutral", completed_by={"email": "x@y.z", "id": 4})),
        task("b", label("Neutral", completed_by=3, was_cancelled=True)),
        task("c"),
    ]
    path.write_text(json.dumps(tasks), "utf-8")
    done = run(tmp_path, "import", path)
    assert done.exit_code == 0, done.output
    assert "nobody labelled 2 of its tasks" in done.stderr
    assert {(vote.text, vote.label, vote.annotator) for vote in kept(tmp_path)} == {
        ("a", "critical", "user-3"), ("a", "neutral", "x@y.z"),
    }  # fmt: skip


def test_annotators_come_back_from_label_studio_which_says_that_whoever_imported_them_is_each(tmp_path: Path) -> None:
    votes = [Vote("a", "critical", "ada", "why"), Vote("a", "neutral", "bob"), Vote("a", "neutral")]
    with opened(tmp_path / "first.sqlite3") as store:
        store.give(votes)
    path = tmp_path / "tasks.json"
    RUNNER.invoke(labels, ["export", "-o", str(path), "--database", str(tmp_path / "first.sqlite3")])
    tasks = json.loads(path.read_text("utf-8"))
    tasks[0]["annotations"] = [each | {"completed_by": 1} for each in tasks[0]["annotations"]]
    path.write_text(json.dumps([*tasks, task("b", label("Neutral", completed_by=1))]), "utf-8")
    done = run(tmp_path, "import", path, "--label", "stance", "--skip-bad")
    assert done.exit_code == 0, done.output
    assert sorted(kept(tmp_path), key=repr) == sorted(votes, key=repr)


@pytest.mark.parametrize("name", ["min.json", "min.jsonl"])
def test_an_object_may_lack_what_nobody_filled_in(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    lines = [json.dumps(each) for each in ({"text": "a"}, {"text": "b", "label": "neutral", "who": "ada"})]
    path.write_text("\n".join(lines) if name == "min.jsonl" else f"[{','.join(lines)}]", "utf-8")
    words = ("import", path, "--annotator-column", "who")
    assert "line 1: there is no label" in run(tmp_path, *words).stderr
    assert run(tmp_path, *words, "--skip-bad").exit_code == 0
    assert kept(tmp_path) == [Vote("b", "neutral", "ada")]
    with pytest.raises(ColumnError, match="no column mood; it has: text, label, who"):
        RUNNER.invoke(labels, ["import", str(path), "--label", "mood"], catch_exceptions=False)


def test_nul_is_kept_as_a_space_also_beside_the_text(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text(json.dumps([{"text": "a", "label": "neutral", "annotator": "a\0d", "note": "\0"}]), "utf-8")
    assert run(tmp_path, "import", path).exit_code == 0
    assert kept(tmp_path) == [Vote("a", "neutral", "a d", " ")]


def test_what_is_wrong_is_told_by_line_and_nothing_is_written(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path, ["a,neutral", " ,critical", "b,good", "c,", "d,good", f"{'x' * 10_001},neutral", "e,critical"]
    )
    done = run(tmp_path, "import", path)
    assert (done.exit_code, done.stdout) == (1, "")
    for line, told in ((3, "the text is empty"), (5, "no label"), (7, "10001 characters")):
        assert f"line {line}: " in done.stderr
        assert told in done.stderr
    assert "'good' is not known: lines 4, 6." in done.stderr
    assert not (tmp_path / "labels.sqlite3").exists()
    done = run(tmp_path, "import", path, "--skip-bad")
    assert "rows left out: 5" in done.stdout
    assert written(tmp_path) == [("a", "neutral"), ("e", "critical")]


CONFLICTS = ["a,neutral", "a,critical", "a,critical", "b,neutral", "b,critical", "c,neutral", "c,neutral"]


@pytest.mark.parametrize(
    ("choice", "answer", "expected"),
    [
        ("majority", None, [("a", "critical"), ("c", "neutral")]),
        ("drop", None, [("c", "neutral")]),
        ("ask", "what\nneutral\ndrop\n", [("a", "neutral"), ("c", "neutral")]),
    ],
)
def test_conflicts_are_settled_as_asked(
    tmp_path: Path, choice: str, answer: str | None, expected: list[tuple[str, str]]
) -> None:
    path = csv_of(tmp_path, CONFLICTS)
    told = run(tmp_path, "import", path)
    assert told.exit_code == 1
    assert "neutral in line 2; critical in lines 3, 4" in told.stderr
    assert "Duplicates, of which the first is taken: lines 4, 8." in told.stderr
    assert not (tmp_path / "labels.sqlite3").exists()
    done = run(tmp_path, "import", path, "--on-conflict", choice, answer=answer)
    assert done.exit_code == 0, done.output
    assert written(tmp_path) == expected


def test_two_annotators_who_disagree_are_no_conflict(tmp_path: Path) -> None:
    path = csv_of(tmp_path, ["a,neutral,ada", "a,critical,bob"], "text,label,annotator")
    assert run(tmp_path, "import", path).exit_code == 0
    assert len(kept(tmp_path)) == 2


def test_questions_that_nobody_answers_write_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, "import", csv_of(tmp_path, CONFLICTS), "--on-conflict", "ask", answer="").exit_code == 1
    assert not (tmp_path / "labels.sqlite3").exists()


def test_importing_again_keeps_what_is_the_same_and_replaces_the_rest(tmp_path: Path) -> None:
    run(tmp_path, "import", csv_of(tmp_path, ["a,neutral", "b,neutral"]))
    changed = csv_of(tmp_path, ["a,neutral", "b,critical", "c,neutral"], name="changed.csv")
    dry = run(tmp_path, "import", changed, "--dry-run")
    assert "would be written: 2; kept already: 1" in dry.stdout
    assert "replace another one of the same annotator: line 3." in dry.stderr
    assert written(tmp_path) == [("a", "neutral"), ("b", "neutral")]
    assert "written: 2; kept already: 1" in run(tmp_path, "import", changed).stdout
    assert written(tmp_path) == [("a", "neutral"), ("b", "critical"), ("c", "neutral")]
    with opened(tmp_path / "labels.sqlite3") as store:
        assert len(store.latest(Filter(deleted=True))) == 4


def test_long_lists_are_cut_unless_all_lines_are_asked_for(tmp_path: Path) -> None:
    path = csv_of(tmp_path, ["a,good"] * 30)
    assert "and 10 more" in run(tmp_path, "import", path).stderr
    assert "29, 30, 31." in run(tmp_path, "import", path, "--every-line").stderr
    path = csv_of(tmp_path, [f"a,good {number}" for number in range(30)])
    assert "and 10 more labels that are not known" in run(tmp_path, "import", path).stderr
    assert "'good 29' is not known" in run(tmp_path, "import", path, "--every-line").stderr


def test_what_a_file_says_gives_the_terminal_no_commands(tmp_path: Path) -> None:
    path = csv_of(tmp_path, ["\x1b[31mred,neutral", "\x1b[31mred,critical", "b,don't\x1b[31m"])
    done = run(tmp_path, "import", path, "--on-conflict", "ask", "--skip-bad", answer="neutral\n")
    assert done.exit_code == 0, done.output
    assert "\x1b" not in done.output
    assert r"\x1b[31mred" in done.stderr
