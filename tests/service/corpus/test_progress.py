"""The bar in a terminal, and what is told of rows that cannot be used."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from models.errors import OutputError
from models.rows import Row
from service.corpus.journal import Journal
from service.corpus.plan import Options, Plan
from service.corpus.progress import BadRows, progress
from service.corpus.reading import Table
from service.corpus.sources import sources_of
from service.corpus.stream import Step
from service.corpus.targets import target_of


def planned(folder: Path) -> Plan:
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text("A text.\n" * 100, "utf-8")
    sources = sources_of([str(folder)])
    target = target_of(str(folder / "out.csv"), sources, folder=True, format=None, partitions=False)
    return Plan(sources, target, Options(), with_file=True)


def test_the_bar_tells_rows_and_rate_and_goes_when_all_is_done(tmp_path: Path) -> None:
    plan, shown = planned(tmp_path), io.StringIO()
    console = Console(file=shown, force_terminal=True, width=80)
    with progress(console, plan, shown=True) as advance:
        for source, each in enumerate(plan.sources):
            table = Table(each)
            for line in range(1, 101):
                row = Row(line, "A text.", {"text": "A text."})
                advance(Step(source, table, row, position=8 * line))
            advance(Step(source, table, None, position=800))
    assert "200 rows" in shown.getvalue()
    assert "a second" in shown.getvalue()
    # The bar's line is erased.
    assert shown.getvalue().rstrip("\x1b[?25h\r").endswith("\x1b[2K")


def test_nothing_is_shown_where_nobody_looks(tmp_path: Path) -> None:
    shown = io.StringIO()
    with progress(Console(file=shown), planned(tmp_path), shown=True) as advance:
        advance(None)  # type: ignore[arg-type]
    assert shown.getvalue() == ""


@pytest.mark.parametrize(("kept", "lines"), [(True, 21), (False, 30)])
def test_of_many_bad_rows_the_first_are_told_where_a_file_holds_the_rest(kept: bool, lines: int) -> None:
    shown = io.StringIO()
    bad = BadRows(Console(file=shown, width=200), kept=kept)
    for number in range(30):
        bad(f"line {number}: [red] has no text")
    told = shown.getvalue().splitlines()
    assert len(told) == lines
    assert told[0] == "ru-stance: line 0: [red] has no text"
    assert ("the file of rejects will hold them all" in told[-1]) == kept


def test_what_was_kept_and_is_damaged_is_told_with_the_way_out(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    folder = tmp_path / ".out.csv.ru-stance"
    folder.mkdir()
    Journal(output, {"prior": "news"}).close(keep=True)
    (database,) = (each for each in folder.iterdir() if each.read_bytes().startswith(b"SQLite format 3"))
    database.write_bytes(b"no database at all, and long enough to look at" * 100)
    with pytest.raises(OutputError, match=r"damaged; begin anew with --restart"):
        Journal(output, {"prior": "news"})
    Journal(output, {"prior": "news"}, restart=True).close(keep=False)


def test_a_second_run_on_one_output_is_refused(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    first = Journal(output, {})
    with pytest.raises(OutputError, match="is being written by another run; wait for it, or stop it"):
        Journal(output, {})
    first.close(keep=True)
    Journal(output, {}).close(keep=False)
