"""The page tells every part, and says of a part that did not run why."""

from pathlib import Path
from xml.etree import ElementTree

from benchmarks.figure import draw
from benchmarks.report import page
from tests.benchmarks.results import results

FACTS = {"date": "2026-11-22", "machine": "a processor", "model": "v1", "versions": {"torch": "2"}, "quick": False}


def written(**changed: dict[str, str]) -> str:
    parts = {name: {"result": result} for name, result in results().items()}
    return page(FACTS, {**parts, **changed}, {})


def test_every_table_has_as_many_cells_in_each_row_as_in_its_head() -> None:
    tables = [block for block in written().split("\n\n") if block.startswith("|")]
    assert len(tables) == 8
    for table in tables:
        assert len({line.replace("\\|", "").count("|") for line in table.strip().splitlines()}) == 1, table


def test_the_figures_are_those_of_the_parts() -> None:
    told = written()
    assert "| pipeline, default | 10 (10 to 10) | 10.00 (10.00 to 10.00) | 0 |" in told
    assert "| infinity | 64 | 32 | 40 (40 to 40) | 20 | 3 | 5 | 9 | 10% | 0 | 0 |" in told
    assert "2.38 (2.38 to 2.38) | **not met** |" in told
    assert "2026-11-22; a processor; model v1; torch 2." in told


def test_a_part_that_did_not_run_is_told_with_the_reason() -> None:
    told = written(**{"served-infinity": {"not_run": "its packages could not be installed"}})
    assert "- served-infinity: not run, because its packages could not be installed" in told
    assert "| infinity |" not in told
    assert "not measured (served-infinity)" in told


def test_a_quick_try_says_so() -> None:
    assert "too short for figures to be quoted" in page(FACTS | {"quick": True}, {}, {})
    assert "too short" not in written()


def test_the_picture_is_the_same_for_the_same_figures(tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        draw(results(), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert ElementTree.parse(tmp_path / "one.svg").getroot().tag.endswith("svg")
