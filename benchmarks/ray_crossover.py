"""From which size of a file on the engine ray pays: its start-up, and the rows a second and core of both engines.

    python -m benchmarks.ray_crossover

``ru-stance score`` is run as a user runs it, from the start of the process to its end, on a short and a long file of
distinct sentences, with either engine, in turn, on all cores of this machine. What the long file takes more gives the
rate; what is left of the short one's time is the start. Where a larger cluster overtakes this machine is computed from
that, with the same rate on each of its cores. Both outputs have to be equal. Writes ``runs/bench/ray_crossover.json``.
"""

import filecmp
import json
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from benchmarks.corpus import csv_file, run_command
from benchmarks.serving import write
from benchmarks.texts import distinct_texts
from models.machine import machine, usable_cores

ENGINES: Final = ("local", "ray")
# Sizes of the cluster, in cores of this machine.
TIMES: Final = (2, 4, 8, 16)


def main(
    short: Annotated[int, typer.Option(min=1, help="Rows of the short file.")] = 2000,
    long: Annotated[int, typer.Option(min=2, help="Rows of the long file.")] = 20_000,
    rounds: Annotated[int, typer.Option(min=1, help="Runs of each; the median counts.")] = 3,
) -> None:
    """Time both engines on both files, and tell from where on ray pays."""
    if short >= long:
        raise typer.BadParameter("the long file must have more rows than the short one.")
    cores = usable_cores()
    seconds: dict[str, dict[int, list[float]]] = {engine: {short: [], long: []} for engine in ENGINES}
    with tempfile.TemporaryDirectory() as folder:
        texts = distinct_texts(long)
        files = {rows: csv_file(Path(folder) / f"{rows}.csv", texts[:rows], rows) for rows in (short, long)}
        for _ in range(rounds):
            for rows, file in files.items():
                outputs = {engine: Path(folder) / f"{engine}.csv" for engine in ENGINES}
                for engine, output in outputs.items():
                    words = ["score", str(file), "-o", str(output), "--engine", engine, "--threads", str(cores)]
                    taken, _ = run_command(words)
                    seconds[engine][rows].append(round(taken, 2))
                if not filecmp.cmp(outputs["local"], outputs["ray"], shallow=False):
                    raise SystemExit("the two engines gave different files")
    facts = {"machine": machine(), "cores": cores, "short": short, "long": long, "seconds": seconds}
    facts |= found(seconds, short, long, cores)
    print(json.dumps(facts, indent=1), f"\nwritten to {write('ray_crossover', facts)}")


def found(seconds: dict[str, dict[int, list[float]]], short: int, long: int, cores: int) -> dict[str, Any]:
    """What follows from the times.

    Args:
        seconds: of each run, by engine and number of rows.
        short: rows of the short file.
        long: rows of the long file.
        cores: that both engines ran on.

    Returns:
        ``rate``: rows a second and core, by engine; ``start``: seconds before the first row, by engine; ``pays``: rows
        from which on a cluster of so many times the cores is faster, by that number; None where it never is.
    """
    rate, start = {}, {}
    for engine, times in seconds.items():
        fast, slow = _median(times[short]), _median(times[long])
        rate[engine] = (long - short) / max(slow - fast, 1e-9) / cores
        start[engine] = max(0.0, fast - short / rate[engine] / cores)
    return {
        "rate": {engine: round(value, 1) for engine, value in rate.items()},
        "start": {engine: round(value, 1) for engine, value in start.items()},
        "pays": {times: overtakes(rate, start, cores, times) for times in TIMES},
    }


def overtakes(rate: dict[str, float], start: dict[str, float], cores: int, times: int) -> int | None:
    """Rows from which on ray, on ``times`` as many cores, ends before the local engine on ``cores``; None if never."""
    gained = 1 / (rate["local"] * cores) - 1 / (rate["ray"] * cores * times)
    return max(0, round((start["ray"] - start["local"]) / gained)) if gained > 0 else None


def _median(times: Sequence[float]) -> float:
    return statistics.median(times)


if __name__ == "__main__":
    typer.run(main)
