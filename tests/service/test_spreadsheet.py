"""Tables for spreadsheets: no cell is a formula, numbers and texts stay, and the files for programs are as written."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from models.errors import InputError
from models.rows import Row, read_rows, write_rows
from ru_stance import app
from service.spreadsheet import harmless, spreadsheet

RUNNER = CliRunner()
FORMULAS = ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "\r=1", " =1", "=", "|x", "＝1", "-", "\n=1"]
PLAIN = ["", "-5", "+5", "-0.25", "-1,5", "1e-7", "-1e5", "-3%", "a=b", "Ленін", "'=1", "2026-11-22", "“=1”", "1=1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_gets_an_apostrophe(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", PLAIN)
def test_numbers_and_texts_stay(cell: str) -> None:
    assert harmless(cell) == cell


@given(st.text())
def test_no_cell_begins_as_a_formula(cell: str) -> None:
    safe = harmless(cell)
    assert safe in (cell, f"'{cell}")
    assert safe[:1] not in "=@|\t\r\n" or safe == ""


def test_the_copy_is_safe_and_the_table_for_programs_holds_every_text(tmp_path: Path) -> None:
    table, copy = tmp_path / "scored.csv", tmp_path / "excel.csv"
    texts = [*FORMULAS, *(each or "-" for each in PLAIN)]
    write_rows(table, [{"text": text, "=score": -0.5} for text in texts])
    before = table.read_bytes()
    assert [row.text for row in read_rows(table) if isinstance(row, Row)] == texts
    told = RUNNER.invoke(app, ["spreadsheet", str(table), "-o", str(copy)])
    assert (told.exit_code, table.read_bytes()) == (0, before)
    assert copy.read_bytes().startswith(b"\xef\xbb\xbf")
    with copy.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header == ["text", "'=score"]
    assert rows == [[harmless(text), "-0.5"] for text in texts]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.jsonl", b"{}", "ends in .csv"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b'text\n"a" b\n', "line 2: is no row"),
        ("a.csv", b"text\n\xff\n", "not UTF-8, as score and labels export write it. Convert it"),
        ("none.csv", None, "none.csv cannot be read: No such file"),
    ],
)
def test_what_is_no_table_is_told_and_nothing_is_written(
    tmp_path: Path, name: str, content: bytes | None, told: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    words = [sys.executable, "-m", "ru_stance", "spreadsheet", str(tmp_path / name), "-o", str(tmp_path / "out.csv")]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", check=False, timeout=120)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_a_table_that_cannot_be_read_is_not_told_to_be_the_copy(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match=r"folder\.csv cannot be read: Is a directory"):
        spreadsheet(tmp_path / "folder.csv", tmp_path / "out.csv")
