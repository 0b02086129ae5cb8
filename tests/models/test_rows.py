"""Files as people have them: what is right is read, what is wrong is told with its line."""

import io
import json
import stat
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.errors import ColumnError, FormatError, InputError, MissingExtra, OutputError, RowError
from models.rows import Format, Row, read_rows, write_rows

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of this name, and give its path."""

    def written(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def read(path: str | Path, **options: Any) -> list[Row | RowError]:
    return list(read_rows(path, **options))


def told(found: list[Row | RowError]) -> list[tuple[int, str | None]]:
    """Line and text of every row; None for a bad one."""
    return [(each.line, each.text if isinstance(each, Row) else None) for each in found]


def test_txt_has_a_text_a_line(write: Write) -> None:
    path = write("in.txt", "\ufeffone\r\n\r\n  \nСлава, \u2028«два»\nthree")
    assert told(read(path)) == [(1, "one"), (4, "Слава, \u2028«два»"), (5, "three")]


def test_csv_keeps_every_column_and_counts_lines_inside_of_fields(write: Write) -> None:
    path = write("in.csv", '\ufeffid,Tweet,source\r\n007,"one\ntwo, ""quoted""",x\r\n\r\n008,three,\r\n')
    rows = read(path)
    assert told(rows) == [(2, 'one\ntwo, "quoted"'), (5, "three")]
    assert isinstance(rows[0], Row)
    assert rows[0].fields == {"id": "007", "Tweet": 'one\ntwo, "quoted"', "source": "x"}


@pytest.mark.parametrize("name", ["in.csv", "in.tsv", "in.tab"])
def test_columns_may_be_parted_by_tabs(write: Write, name: str) -> None:
    assert told(read(write(name, "text\tn\none, two\t1\n"))) == [(2, "one, two")]


def test_columns_of_a_csv_may_be_parted_by_semicolons(write: Write) -> None:
    assert told(read(write("in.csv", "n;text\n1;eins, zwei\n"))) == [(2, "eins, zwei")]


def test_bad_rows_are_told_by_line_and_the_others_read(write: Write) -> None:
    table = write("in.csv", 'text,n\none,1\ntwo\nthree,3,3\n"four"x,4\nfive,5\n"six,6\n')
    assert told(read(table)) == [(2, "one"), (3, None), (4, None), (5, None), (6, "five"), (7, None)]
    objects = write(
        "in.jsonl",
        '{"text": "one"}\n{"text"\n[1]\n\n{"text": null}\n{"n": 1}\n{"text": "\\ud83d"}\n{"text": "\\ud83d\\ude00"}\n'
        '{"text": "x", "n": "\\ud83d"}\n' + "[" * 100_000 + "\n",
    )
    assert told(read(objects)) == [
        (1, "one"), (2, None), (3, None), (5, None), (6, None), (7, None), (8, "😀"), (9, None), (10, None),
    ]  # fmt: skip
    error = read(objects)[3]
    assert isinstance(error, RowError)
    assert str(error).startswith(f"{objects}, line 5: ")
    assert "string" in str(error)


def test_jsonl_keeps_values_of_every_type(write: Write) -> None:
    fields = {"text": "one", "n": 1, "x": 0.5, "tags": ["a", {"b": None}], "ok": True}
    (row,) = read(write("in.jsonl", json.dumps(fields)))
    assert isinstance(row, Row)
    assert row.fields == fields


def test_the_text_column_is_found_or_named(write: Write) -> None:
    path = write("in.csv", "title,Content,note\na,b,c\n")
    assert told(read(path)) == [(2, "b")]
    assert told(read(path, text_column="note")) == [(2, "c")]


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "text,x,x\n1,2,3\n"])
def test_without_a_text_column_the_columns_are_listed(write: Write, content: str) -> None:
    with pytest.raises(ColumnError, match=r"a, b|more than one column x"):
        read(write("in.csv", content))
    with pytest.raises(ColumnError, match="no column body; it has:"):
        read(write("in.csv", content.replace("x,x", "x,y")), text_column="body")


@pytest.mark.parametrize("name", ["in.txt", "in.csv", "in.tsv", "in.jsonl"])
@pytest.mark.parametrize("encoding", ["cp1251", "utf-16"])
def test_other_encodings_are_refused_with_the_remedy(write: Write, name: str, encoding: str) -> None:
    with pytest.raises(FormatError, match="iconv"):
        read(write(name, '"text"\nСлава Україні\n'.encode(encoding)))


def test_files_that_are_not_there_or_of_no_known_format(write: Write, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read(tmp_path / "none.csv")
    with pytest.raises(FormatError, match="jsonl"):
        read(write("in.json", "{}"))
    with pytest.raises(FormatError, match="header"):
        read(write("in.csv", ""))
    with pytest.raises(FormatError, match="parquet"):
        read(write("in.parquet", "PAR1 not really"))
    assert told(read(write("in.dat", "one\n"), format="txt")) == [(1, "one")]


def test_standard_input_and_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("text;n\nпривет;1\n".encode())))
    output = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(output))
    rows = read_rows("-", format="csv")
    assert write_rows("-", (row.fields for row in rows if isinstance(row, Row))) == 1
    assert output.getvalue() == '{"text": "привет", "n": "1"}\n'.encode()


@pytest.mark.parametrize("name", ["out.csv", "out.tsv", "out.jsonl", "out.parquet"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str) -> None:
    rows = [{"text": 'a "b",\tc\nd', "label": "критика"}, {"text": "🇺🇦 \u2028\r.", "label": ""}]
    assert write_rows(tmp_path / name, rows) == 2
    assert [row.fields for row in read(tmp_path / name) if isinstance(row, Row)] == rows
    assert list(tmp_path.iterdir()) == [tmp_path / name]


def test_values_that_are_no_text(tmp_path: Path) -> None:
    fields = {"text": "a", "n": 7, "x": float("nan"), "day": date(2022, 2, 24), "tags": ["b"], "none": None, "ok": True}
    write_rows(tmp_path / "out.csv", [fields])
    assert (tmp_path / "out.csv").read_text().splitlines()[1] == 'a,7,,2022-02-24,"[""b""]",,true'
    write_rows(tmp_path / "out.jsonl", [fields])
    assert json.loads((tmp_path / "out.jsonl").read_text()) == fields | {"x": None, "day": "2022-02-24"}
    with pytest.raises(OutputError, match="bytes"):
        write_rows(tmp_path / "out.jsonl", [{"text": b"a"}])


def test_parquet_keeps_the_types_of_its_columns(tmp_path: Path) -> None:
    schema = pa.schema({"text": pa.large_string(), "n": pa.int16(), "at": pa.timestamp("ms"), "none": pa.string()})
    table = pa.table({"text": ["a", None], "n": [1, 2], "at": [0, 1], "none": [None, None]}, schema=schema)
    pq.write_table(table, tmp_path / "in.parquet")
    rows = read(tmp_path / "in.parquet")
    assert told(rows) == [(1, "a"), (2, None)]
    scored = (row.fields | {"score": 0.5} for row in rows if isinstance(row, Row))
    write_rows(tmp_path / "out.parquet", scored, types_from=tmp_path / "in.parquet")
    written = pq.read_table(tmp_path / "out.parquet")
    assert written.schema.names == ["text", "n", "at", "none", "score"]
    assert written.schema.types == [*schema.types, pa.float64()]
    assert written.drop_columns("score").equals(table.slice(0, 1))
    (tmp_path / "in.parquet").rename(tmp_path / "in")
    write_rows(tmp_path / "out.parquet", [{"at": 1}], types_from=tmp_path / "in")
    assert pq.read_table(tmp_path / "out.parquet").schema.types == [schema.field("at").type]


def test_a_broken_parquet_file_is_told_also_where_only_its_types_are_wanted(write: Write, tmp_path: Path) -> None:
    broken = write("in.parquet", "PAR1 broken PAR1")
    with pytest.raises(FormatError, match="cannot be read as parquet"):
        read(broken)
    with pytest.raises(FormatError, match="cannot be read as parquet"):
        write_rows(tmp_path / "out.parquet", [{"text": "a"}], types_from=broken)


def test_parquet_without_text_or_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(pa.table({"text": [1, 2]}), tmp_path / "in.parquet")
    with pytest.raises(ColumnError, match="int64"):
        read(tmp_path / "in.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match="corpus"):
        read_rows(tmp_path / "in.parquet")
    with pytest.raises(MissingExtra, match="corpus"):
        write_rows(tmp_path / "out.parquet", [])


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, format: Format) -> None:
    path = tmp_path / f"out.{format}"
    path.write_text("old")

    def rows() -> Iterator[dict[str, str]]:
        yield {"text": "new"}
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_rows(path, rows())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_may_be_written_over_itself(write: Write) -> None:
    path = write("in.csv", "text\none\n")
    write_rows(path, (row.fields | {"n": 1} for row in read_rows(path) if isinstance(row, Row)))
    assert path.read_text() == "text,n\none,1\n"


@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_who_may_read_a_file_stays_when_it_is_written_anew(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_rows(path, [{"text": "a"}])
    shared = path.stat().st_mode
    for mode in (0o600, 0o440, stat.S_IMODE(shared)):
        path.chmod(mode)
        write_rows(path, [{"text": "b"}])
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="directory"):
        write_rows(tmp_path, [], format="csv")
    with pytest.raises(OutputError, match="No such file"):
        write_rows(tmp_path / "none" / "out.csv", [])
    with pytest.raises(FormatError, match="plain text"):
        write_rows(tmp_path / "out.txt", [])
    with pytest.raises(OutputError, match="column b, which its first row lacks"):
        write_rows(tmp_path / "out.csv", [{"a": 1}, {"a": 1, "b": 2}])
    assert list(tmp_path.iterdir()) == []


def test_a_device_is_written_to_and_not_replaced() -> None:
    assert write_rows("/dev/null", [{"text": "a"}], format="csv") == 1
    assert not Path("/dev/null").is_file()


def test_a_text_file_that_cannot_be_read_is_told(write: Write, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.txt cannot be read"):
        list(read_rows(tmp_path / "none.txt"))
    with pytest.raises(FormatError, match=r"old\.txt is not UTF-8.*iconv"):
        list(read_rows(write("old.txt", "Привет".encode("cp1251"))))
