"""Tells in docs/scoring.md when the engine ray pays: ``python -m benchmarks.ray_table``, after ``ray_crossover``."""

import json
from pathlib import Path
from typing import Any, Final

from benchmarks.serving import RUNS
from training.marked import write_section

PAGE: Final = Path(__file__).parents[1] / "docs" / "scoring.md"
SECTION: Final = "ray"


def section(facts: dict[str, Any]) -> str:
    """What ``python -m benchmarks.ray_crossover`` found, as Markdown.

    Args:
        facts: ``runs/bench/ray_crossover.json``.
    """
    rate, start, cores = facts["rate"], facts["start"], facts["cores"]
    pays = [
        f"| {int(times) * cores} | {'never' if rows is None else f'{rows:,}'} |"
        for times, rows in sorted(facts["pays"].items(), key=lambda each: int(each[0]))
    ]
    return "\n".join([
        f"Measured on files of {facts['short']:,} and {facts['long']:,} distinct sentences; {facts['machine']}. The "
        f"local engine starts in {start['local']:g} seconds and does {rate['local']:g} rows a second and core, ray "
        f"starts in {start['ray']:g} seconds and does {rate['ray']:g}. Computed from that, with the same rate on "
        "every core:",
        "",
        f"| cores of the cluster | ends before `--engine local` on {cores} cores from so many distinct rows on |",
        "|---|---|",
        *pays,
    ])  # fmt: skip


if __name__ == "__main__":
    path = Path(RUNS) / "ray_crossover.json"
    if not path.is_file():
        raise SystemExit(f"{path} is not there; run python -m benchmarks.ray_crossover first")
    write_section(PAGE, SECTION, section(json.loads(path.read_text("utf-8"))))
