"""From where on Ray pays: what follows from times, and how it is told."""

import json
from pathlib import Path

import pytest

from benchmarks.ray_crossover import found
from benchmarks.ray_table import PAGE, SECTION, section
from training.marked import write_section

# Starts of 2 and 22 seconds; 100 and 80 rows a second on each of two cores.
SECONDS = {"local": {1000: [7.0, 7.0, 50.0], 9000: [47.0]}, "ray": {1000: [28.25], 9000: [78.25, 78.25, 9.0]}}


def test_rate_start_and_crossover_follow_from_the_median_times() -> None:
    facts = found(SECONDS, 1000, 9000, cores=2)
    assert facts["rate"] == {"local": 100, "ray": 80}
    assert facts["start"] == {"local": 2, "ray": 22}
    # 2 + n / 200 = 22 + n / 320 at n = 10,667.
    assert facts["pays"][2] == pytest.approx(10_667, abs=1)
    assert list(facts["pays"].values()) == sorted(facts["pays"].values(), reverse=True)
    slow = {**SECONDS, "ray": {1000: [50.0], 9000: [210.0]}}
    assert found(slow, 1000, 9000, cores=2)["pays"][2] is None


def test_the_section_tells_all_of_it() -> None:
    facts = {"machine": "A machine, 2 cores", "cores": 2, "short": 1000, "long": 9000}
    told = section(json.loads(json.dumps(facts | found(SECONDS, 1000, 9000, cores=2) | {"pays": {"16": 5, "2": None}})))
    assert "files of 1,000 and 9,000 distinct sentences; A machine, 2 cores." in told
    assert "starts in 2 seconds and does 100 rows a second and core, ray starts in 22 seconds and does 80." in told
    assert told.splitlines()[-2:] == ["| 4 | never |", "| 32 | 5 |"]


def test_the_page_has_the_place_for_it(tmp_path: Path) -> None:
    copy = tmp_path / "page.md"
    copy.write_text(PAGE.read_text("utf-8"), "utf-8")
    assert write_section(copy, SECTION, "| a table |")
    assert "| a table |" in copy.read_text("utf-8")
