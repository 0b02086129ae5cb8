"""``ru-stance labels`` on a database: list, export, agreement, erase."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from models.errors import FormatError, InputError, SettingsError
from service.feedback.commands import labels
from service.feedback.database import Database
from service.feedback.store import LabelStore
from service.feedback.votes import Vote

RUNNER = CliRunner()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The data folder of the service, with a few labels."""
    monkeypatch.setenv("RU_STANCE_DATA", str(tmp_path))
    database = Database(tmp_path / "labels.sqlite3")
    said = [
        ("a b", "critical", "bob"),
        ("a b", "neutral", "cyd"),
        ("tied", "neutral", "ada"),
        ("tied", "critical", "bob"),
    ]
    votes = [Vote("a\nb", "critical", "ada", source="page"), *(Vote(*each) for each in said)]  # type: ignore[arg-type]
    LabelStore(database).give(votes)
    yield tmp_path
    database.close()


def run(*words: object, answer: str | None = None) -> Result:
    return RUNNER.invoke(labels, [*map(str, words)], input=answer)


@pytest.mark.usefixtures("data")
def test_list_has_a_line_a_label_the_latest_first() -> None:
    lines = [line.split("\t") for line in run("list").stdout.splitlines()]
    assert lines[0] == ["id", "label", "annotator", "source", "created", "text"]
    assert [line[-1] for line in lines[1:]] == ["tied", "tied", "a b", "a b", "a b"]
    assert len(run("list", "--annotator", "ada", "-n", 1).stdout.splitlines()) == 2
    assert run("list", "--since", "2999-01-01").stdout.count("\n") == 1


def test_list_gives_the_terminal_no_commands(data: Path) -> None:
    database = Database(data / "labels.sqlite3")
    LabelStore(database).give([Vote("\x1b[31mкрасный\u202e", "neutral", "e\x1bve", source="\x07")])
    database.close()
    line = run("list", "-n", 1).stdout.splitlines()[1].split("\t")
    assert line[2:4] == [r"e\x1bve", r"\x07"]
    assert line[-1] == r"\x1b[31mкрасный\u202e"


def test_majorities_are_written_to_train_on(data: Path) -> None:
    path = data / "train.jsonl"
    assert run("export", "--majority", "-o", path).exit_code == 0
    (row,) = map(json.loads, path.read_text("utf-8").splitlines())
    assert row.pop("id").startswith("label-")
    assert row == {
        "text": "a b", "label": "critical", "votes": {"critical": 2, "neutral": 1, "supportive": 0}, "source": None,
    }  # fmt: skip


def test_export_goes_where_it_is_asked_to(data: Path) -> None:
    assert run("export").stdout.count("\n") == 5
    assert run("export", "--format", "csv", "--label", "neutral").stdout.count("\n") == 3
    with pytest.raises(FormatError, match=r"\.csv"):
        RUNNER.invoke(labels, ["export", "-o", str(data / "out.xls")], catch_exceptions=False)
    with pytest.raises(InputError, match="--majority"):
        RUNNER.invoke(labels, ["export", "--majority", "--label", "neutral"], catch_exceptions=False)


@pytest.mark.usefixtures("data")
def test_agreement_is_told() -> None:
    told = dict(line.split("\t") for line in run("agreement").stdout.splitlines())
    assert (told["texts with a label"], told["labels"], told["annotators"]) == ("2", "5", "3")
    assert (told["texts mostly called critical"], told["texts without a majority"]) == ("1", "1")
    assert float(told["Krippendorff's alpha"]) < 0


@pytest.mark.usefixtures("data")
def test_erase_asks_and_takes_what_was_named() -> None:
    assert run("erase", "--annotator", "ada", answer="n\n").exit_code == 1
    assert run("list").stdout.count("\n") == 6
    assert run("erase", "--annotator", "ada", answer="y\n").stdout.endswith("Labels erased: 2\n")
    assert run("erase", "--text", "-", "--yes", answer="a b\n").stdout == "Labels erased: 2\n"
    assert run("erase", "--deleted", "--yes").stdout == "Labels erased: 0\n"
    assert run("list").stdout.count("\n") == 2


def test_what_cannot_be_done_is_an_error_that_names_the_remedy(data: Path) -> None:
    for words, error, remedy in (
        (["erase"], InputError, "--annotator"),
        (["erase", "--text", "-"], InputError, "--yes"),
        *(
            ([*words, "--database", str(data / "typo")], InputError, "no database .*typo.*imported into")
            for words in (["list"], ["export"], ["agreement"], ["erase", "--deleted", "--yes"])
        ),
        (["list", "--database", "mysql://h/d"], SettingsError, "sqlite:"),
        (["import", str(data / "none.csv"), "--map", "x"], InputError, "FAVOR=supportive"),
        (["import", str(data / "none.csv")], InputError, "cannot be read"),
    ):
        with pytest.raises(error, match=remedy):
            RUNNER.invoke(labels, words, catch_exceptions=False)
    assert not (data / "typo").exists()


def test_the_services_own_database_may_not_be_there_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RU_STANCE_DATA", str(tmp_path / "new"))
    assert run("list").stdout.count("\n") == 1
    assert run("erase", "--deleted", "--yes").stdout == "Labels erased: 0\n"
    assert not (tmp_path / "new").exists()
