"""A scoring that was killed, at whatever moment, goes on and gives the same bytes as one that was not."""

import json
import random
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from models.errors import OutputError
from service.corpus import run, stream
from service.corpus.journal import Journal
from tests.forks import Ask, asking
from tests.service.corpus.killing import score

KILLS = 20


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Have a scoring done in a process of its own, which may be killed."""
    with asking("tests.service.corpus.killing") as told:
        yield lambda inputs, output, kill=None, **options: told(
            {"inputs": [str(path) for path in inputs], "output": str(output), "kill": kill, **options}
        )


def corpus(folder: Path) -> list[Path]:
    """Two files of texts of which some come again, with rows that cannot be used."""
    folder.mkdir()
    texts = [f"The convoy of {number % 31} lorries left. It came back on day {number}." for number in range(50)]
    (folder / "a.csv").write_text("id,text\n" + "".join(f"{n},{text}\n" for n, text in enumerate(texts)) + "50\n")
    lines = [json.dumps({"text": text, "n": n}) for n, text in enumerate(reversed(texts))]
    (folder / "b.jsonl").write_text("\n".join([*lines[:30], "no json", *lines[30:]]) + "\n")
    return [folder / "a.csv", folder / "b.jsonl"]


def contents(folder: Path) -> dict[str, bytes]:
    """All files under a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


SCORINGS = [
    pytest.param(1, "out.csv", {"split": True}, id="csv"),
    pytest.param(1, "out.parquet", {}, id="parquet"),
    pytest.param(1, "out.jsonl.gz", {}, id="packed"),
    pytest.param(2, "out", {"split": True}, id="folder"),
    pytest.param(2, "out", {"partition_rows": 35}, id="partitions"),
]


@pytest.mark.parametrize(("files", "output", "options"), SCORINGS)
def test_killed_at_any_moment_and_started_again(
    ask: Ask, tmp_path: Path, files: int, output: str, options: dict[str, Any]
) -> None:
    inputs = corpus(tmp_path / "in")[:files]
    (tmp_path / "whole").mkdir()
    whole = ask(inputs, tmp_path / "whole" / output, **options)
    expected = contents(tmp_path / "whole")
    assert not whole["killed"]
    assert any(name.endswith(".rejects.jsonl") for name in expected)
    renames = [number for number, name in enumerate(whole["points"], 1) if f"replace joined.tmp {output}" in name]
    writes = [number for number, name in enumerate(whole["points"], 1) if name == "write"]
    generator = random.Random(output)
    moments = [
        *renames,
        *generator.sample(writes, min(5, len(writes))),
        *generator.sample(range(1, len(whole["points"]) + 1), KILLS),
    ]
    for number, moment in enumerate(moments):
        folder = tmp_path / f"killed{number}"
        folder.mkdir()
        assert ask(inputs, folder / output, moment, **options)["killed"], whole["points"][moment - 1]
        if number % 3 == 0:
            ask(inputs, folder / output, generator.randrange(1, len(whole["points"])), **options)
        assert not ask(inputs, folder / output, **options)["killed"]
        assert contents(folder) == expected, whole["points"][moment - 1]


def test_what_was_scored_before_the_kill_is_not_scored_again(ask: Ask, tmp_path: Path) -> None:
    inputs = corpus(tmp_path / "in")[:1]
    whole = ask(inputs, tmp_path / "whole.csv")
    before_join = next(number for number, name in enumerate(whole["points"], 1) if "joined.tmp" in name)
    assert ask(inputs, tmp_path / "out.csv", before_join)["killed"]
    assert whole["texts"] == 50
    assert ask(inputs, tmp_path / "out.csv")["texts"] == 0


def test_a_full_disk_is_told_and_what_was_scored_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PART", 100)
    (tmp_path / "in.csv").write_text("text\n" + "".join(f"The convoy of {n} lorries left.\n" for n in range(1000)))
    score([str(tmp_path / "in.csv")], tmp_path / "whole.csv")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (90_000, usual[1]))
    try:
        with pytest.raises(OutputError, match=r"out\.csv cannot be written: "):
            score([str(tmp_path / "in.csv")], tmp_path / "out.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert not (tmp_path / "out.csv").exists()
    assert len(score([str(tmp_path / "in.csv")], tmp_path / "out.csv").texts) < 1000
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


@pytest.fixture
def stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The input of a scoring to out.csv that was stopped after some parts."""
    monkeypatch.setattr(run, "PART", 20)
    monkeypatch.setattr(stream, "BLOCK", 8)
    path = corpus(tmp_path / "in")[0]
    with monkeypatch.context() as patched:
        patched.setattr(run._Run, "_publish", lambda *_: pytest.exit)
        patched.setattr(run.Publisher, "rejects", _stop)
        with pytest.raises(KeyboardInterrupt):
            score([str(path)], tmp_path / "out.csv")
    assert (tmp_path / ".out.csv.ru-stance").is_dir()
    return path


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_changed_input_or_other_settings_are_refused(stopped: Path, tmp_path: Path) -> None:
    output, content = tmp_path / "out.csv", stopped.read_text()
    with pytest.raises(OutputError, match=r"begun with another --prefix, and is not finished.*--restart"):
        score([str(stopped)], output, prefix="our_")
    stopped.write_text(content.replace("lorries", "trucks"))
    with pytest.raises(OutputError, match=r"a\.csv has changed.*--restart"):
        score([str(stopped)], output)
    stopped.write_text(content + "51,One more.\n")
    with pytest.raises(OutputError, match=r"a\.csv has changed"):
        score([str(stopped)], output)
    assert not output.exists()
    stopped.write_text(content)
    with closing(sqlite3.connect(tmp_path / ".out.csv.ru-stance" / "journal.sqlite3")) as other:
        other.execute("BEGIN EXCLUSIVE")
        for restart in (False, True):
            with pytest.raises(OutputError, match=r"out\.csv is being written by another run"):
                Journal(output, {}, restart=restart)
    assert score([str(stopped)], output).texts == []
    assert output.exists()
    assert not (tmp_path / ".out.csv.ru-stance").exists()
