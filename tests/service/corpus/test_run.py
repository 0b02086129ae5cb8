"""Scorings of files to files: every row comes out with its columns and their types, or is told with the reason."""

import csv
import gzip
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd

from models.errors import ColumnError, FormatError, InputError, OutputError
from service.corpus import run, tables
from service.corpus.plan import Options, Outcome, Plan
from service.corpus.score import RESULT_COLUMNS
from service.corpus.sources import is_folder, sources_of
from service.corpus.standard import score_to
from service.corpus.targets import Outputs, target_of
from tests.service.corpus.killing import HashEngine

Fields = dict[str, Any]


class Scored:
    """A scoring by an engine that takes no time, and what it told."""

    def __init__(self, inputs: list[Path], output: str | Path | None, **options: Any) -> None:
        words = [str(path) for path in inputs]
        sources = sources_of(words)
        several = len(sources) > 1 or any(map(is_folder, words))
        format, size = options.pop("format", None), options.get("partition_rows")
        target = target_of(output, sources, folder=several, format=format, partitions=size is not None)
        plan = Plan(sources, target, Options(**options), with_file=several and target.layout != "folder")
        self.notices: list[str] = []
        self.bad: list[str] = []
        self.engine = HashEngine()
        self.stream = io.StringIO(newline="")
        told: Fields = {"notice": self.notices.append, "bad": self.bad.append, "advance": lambda _: None}
        self.outcome: Outcome
        if output is None:
            self.outcome = score_to(self.stream, plan, self.engine, **told)
        else:
            Outputs(plan).require_apart()
            self.outcome = run.score(plan, self.engine, **told)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def lines(content: str) -> list[Fields]:
    return [json.loads(line) for line in content.splitlines()]


def test_packed_files_are_read_and_written(tmp_path: Path) -> None:
    content = b'{"text": "one", "n": 1}\n{"text": "two", "n": 2.5}\n'
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress(content) + gzip.compress(content))
    (tmp_path / "in.jsonl.zst").write_bytes(zstd.compress(content) + zstd.compress(content))
    for ending in ("gz", "zst"):
        output = tmp_path / f"out.jsonl.{ending}"
        Scored([tmp_path / f"in.jsonl.{ending}"], output)
        data = output.read_bytes()
        found = lines((gzip.decompress(data) if ending == "gz" else zstd.decompress(data)).decode())
        assert [(row["text"], row["n"]) for row in found] == [("one", 1), ("two", 2.5)] * 2
        assert type(found[0]["n"]) is int


@pytest.mark.parametrize("name", ["in.jsonl.gz", "in.jsonl.zst"])
def test_a_packed_file_that_is_cut_off_or_none_is_told(tmp_path: Path, name: str) -> None:
    content = b'{"text": "one"}\n' * 1000
    packed = gzip.compress(content) if name.endswith("gz") else zstd.compress(content)
    for data in (packed[:-3], content):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(FormatError, match=f"{name} is (cut off|damaged), or packed otherwise"):
            Scored([tmp_path / name], tmp_path / "out.csv")
        assert not (tmp_path / "out.csv").exists()


def test_a_header_without_rows_gives_a_header(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,text\n")
    assert Scored([tmp_path / "in.csv"], tmp_path / "out.csv").outcome.rows == 0
    assert (tmp_path / "out.csv").read_text() == ",".join(["id", "text", *RESULT_COLUMNS]) + "\n"
    Scored([tmp_path / "in.csv"], tmp_path / "out.parquet", split=True)
    assert pq.read_schema(tmp_path / "out.parquet").names[:5] == ["id", "text", "line", "start", "end"]
    assert "lean" in pq.read_schema(tmp_path / "out.documents.parquet").names
    (tmp_path / "none.jsonl").write_text("")
    Scored([tmp_path / "none.jsonl"], tmp_path / "none.csv")
    assert (tmp_path / "none.csv").read_text() == ",".join(RESULT_COLUMNS) + "\n"
    Scored([tmp_path / "none.jsonl"], tmp_path / "none.parquet")
    assert pq.read_schema(tmp_path / "none.parquet").names == list(RESULT_COLUMNS)


def test_parquet_keeps_its_types_over_many_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PART", 7)
    types = {"text": pa.large_string(), "n": pa.int16(), "at": pa.timestamp("ms", "UTC"), "of": pa.list_(pa.string())}
    rows = [{"text": f"t{n}", "n": n, "at": datetime(2022, 2, 24, n), "of": [str(n), None]} for n in range(20)]
    given = pa.Table.from_pylist(rows, schema=pa.schema(types))
    pq.write_table(given, tmp_path / "in.parquet")
    Scored([tmp_path / "in.parquet"], tmp_path / "out.parquet")
    written = pq.read_table(tmp_path / "out.parquet")
    assert written.select(list(types)).equals(given)
    assert written.schema.field("critical").type == pa.float64()
    assert written.schema.field("doubtful").type == pa.bool_()


def test_the_types_of_a_file_are_looked_up_once_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PART", 7)
    looked: list[Path] = []
    monkeypatch.setattr(tables, "schema_in", lambda path: looked.append(path) or pq.read_schema(path))
    (tmp_path / "in.csv").write_text("text\n" + "".join(f"t{n}\n" for n in range(35)))
    Scored([tmp_path / "in.csv"], tmp_path / "out.parquet")
    # Of the parts but the first, of the end, and of the file.
    assert len(looked) == 4 + 1 + 1


def test_rows_that_do_not_fit_the_table_are_rejected_and_no_others(tmp_path: Path) -> None:
    rows: list[Fields] = [{"text": f"t{n}", "n": n} for n in range(10)]
    rows[6] = {"text": "six", "n": "many"}
    rows[8] = {"text": "eight", "n": 8, "new": 1}
    rows[9] = {"text": "nine", "label": "mine"}
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    scored = Scored([tmp_path / "in.jsonl"], tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet")["n"].to_pylist() == [0, 1, 2, 3, 4, 5, 7]
    told = lines((tmp_path / "out.parquet.rejects.jsonl").read_text())
    assert [(each["line"], each["reason"].split(";")[0]) for each in sorted(told, key=lambda each: each["line"])] == [
        (7, "has a value in n that is no int64, as that column is"),
        (9, "has the column new, which the first row lacks"),
        (10, "has a column label, which would be written over"),
    ]
    assert {each["file"] for each in told} == {str(tmp_path / "in.jsonl")}
    assert (scored.outcome.rows, scored.outcome.rejected, sum(scored.outcome.counts.values())) == (7, 3, 7)
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows[:6])))
    assert Scored([tmp_path / "in.jsonl"], tmp_path / "out.parquet").outcome.rejects is None
    assert not (tmp_path / "out.parquet.rejects.jsonl").exists()


def test_a_folder_gives_the_same_folder_and_a_broken_file_stops_none(tmp_path: Path) -> None:
    files = {
        "a.csv": b"id,text\n1,one\n",
        "sub/b.jsonl.gz": gzip.compress(b'{"text": "two"}\n'),
        "sub/c.txt": b"three\n",
        "sub/d.tsv": b"no\tcolumn\n",
        "e.parquet": b"PAR1 broken",
        ".hidden.csv": b"text\nfour\n",
        "taken.csv": b"text,label\nfour,mine\n",
        "taken.jsonl": b'no json\n{"text": "five", "label": "mine"}\n',
        "notes.md": b"five",
        "f.csv": b"text\n" + "шесть\n".encode() * 20 + b"\xff\n",
    }
    for name, content in files.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(content)
    scored = Scored([tmp_path / "in"], tmp_path / "out", split=True)
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert found == {"a.csv", "f.csv", "sub/b.jsonl.gz", "sub/c.txt.csv"}
    assert found == {
        path.relative_to(tmp_path / "out.documents").as_posix()
        for path in (tmp_path / "out.documents").rglob("*")
        if path.is_file()
    }
    assert table(tmp_path / "out" / "a.csv")[0]["id"] == "1"
    told = lines((tmp_path / "out.rejects.jsonl").read_text())
    assert {(Path(each["file"]).name, each["line"]) for each in told} == {
        ("d.tsv", None), ("e.parquet", None), ("f.csv", 22), ("taken.csv", None), ("taken.jsonl", None),
        ("taken.jsonl", 1),
    }  # fmt: skip
    assert (scored.outcome.rows, scored.outcome.rejected) == (23, 6)
    assert len(scored.bad) == 6


def test_several_files_make_one_table_that_tells_where_rows_are_from(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1,one\n")
    (tmp_path / "b.csv").write_text("text,id\ntwo,2\n")
    Scored([tmp_path / "*.csv"], tmp_path / "out.tsv")
    assert (tmp_path / "out.tsv").read_text().startswith("id\ttext\tfile\tline\tlabel")
    Scored([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "all.jsonl")
    found = lines((tmp_path / "all.jsonl").read_text())
    assert [(row["id"], row["text"], row["file"], row["line"]) for row in found] == [
        ("1", "one", str(tmp_path / "a.csv"), 2),
        ("2", "two", str(tmp_path / "b.csv"), 2),
    ]
    standard = Scored([tmp_path / "a.csv", tmp_path / "b.csv"], None)
    assert [row["id"] for row in csv.DictReader(io.StringIO(standard.stream.getvalue()))] == ["1", "2"]


@pytest.mark.parametrize(("rows", "sizes"), [(7, [3, 3, 1]), (6, [3, 3]), (2, [2]), (0, [0])])
def test_partitions_have_their_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, sizes: list[int]
) -> None:
    monkeypatch.setattr(run, "PART", 2)
    (tmp_path / "in.csv").write_text("text\n" + "".join(f"t{n}\n" for n in range(rows)))
    outcome = Scored([tmp_path / "in.csv"], tmp_path / "out", partition_rows=3).outcome
    assert [path.name for path in outcome.outputs] == [f"part-{number:05}.csv" for number in range(len(sizes))]
    assert [len(table(path)) for path in outcome.outputs] == sizes
    assert [row["text"] for path in outcome.outputs for row in table(path)] == [f"t{n}" for n in range(rows)]
    assert sorted(outcome.outputs) == sorted((tmp_path / "out").iterdir())


def test_a_guessed_column_is_told_and_a_plain_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Title,Tweet\nx,one\n")
    scored = Scored([tmp_path / "a.csv"], tmp_path / "out.csv")
    assert scored.engine.texts == ["one"]
    assert [notice.partition(": ")[2] for notice in scored.notices] == [
        "the texts are taken from the column Tweet; name another with --text-column."
    ]
    assert Scored([tmp_path / "a.csv"], tmp_path / "out.csv", text_column="Title").notices == []
    (tmp_path / "a.csv").write_text("id,text\nx,one\n")
    assert Scored([tmp_path / "a.csv"], tmp_path / "out.csv").notices == []


def test_what_cannot_be_done_is_told_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(InputError, match="holds no file that can be read"):
        Scored([tmp_path / "in"], tmp_path / "out")
    with pytest.raises(InputError, match=r"none\.csv cannot be read: No such file"):
        Scored([tmp_path / "none.csv"], tmp_path / "out.csv")
    (tmp_path / "a.csv").write_text("text,label\none,mine\n")
    for name, message in (("out", "format cannot be told"), ("out.txt", "no columns"), ("out.parquet.gz", "inside")):
        with pytest.raises(FormatError, match=message):
            Scored([tmp_path / "a.csv"], tmp_path / name)
    with pytest.raises(OutputError, match="remote"):
        Scored([tmp_path / "a.csv"], Path("s3://bucket/out.csv"))
    with pytest.raises(OutputError, match="is the input"):
        Scored([tmp_path / "a.csv"], tmp_path / "a.csv")
    with pytest.raises(OutputError, match="make a folder"):
        Scored([tmp_path / "a.csv"], tmp_path / "out.csv", partition_rows=1)
    with pytest.raises(ColumnError, match="--prefix"):
        Scored([tmp_path / "a.csv"], tmp_path / "out.csv")
    with pytest.raises(OutputError, match="cannot be written: No such file"):
        Scored([tmp_path / "a.csv"], tmp_path / "no" / "out.csv", prefix="our_")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "a.csv").write_text("text\nx\n")
    with pytest.raises(InputError, match=r"2 of the inputs are called a\.csv"):
        Scored([tmp_path / "a.csv", tmp_path / "b" / "a.csv"], tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"in", "a.csv", "b"}
