"""Measures the speed beside the peers and writes ``benchmarks/README.md``: ``make bench``.

    python -m benchmarks.bench --quick

Each part writes ``runs/bench/part-NAME.json``, and those that are commands of their own ``runs/bench/NAME.json``; a run
that was stopped goes on with the parts that are missing, as long as machine, model and packages are the same. A command
that was run by itself before, on as much as it takes by default, is not run again. After a change of the program, or of
what measures it, give ``--fresh``. A part that cannot run here is reported with the reason. ``--quick`` tries
everything with a few sentences; its figures and its page are in ``runs/bench/quick``.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from benchmarks import figure, in_process, int8, report, served, servers, sizes, steps
from benchmarks.serving import FIGURES_VARIABLE, ROOT, RUNS, figures
from models.atomic import replacing
from models.directory import DIRECTORY_VARIABLE, RELEASED, open_directory
from models.machine import machine
from training.record import write_json

_PACKAGES: Final = ("onnxruntime", "torch", "transformers", "fastapi", "uvicorn", "aiohttp")
_AT_MOST: Final = ((64, 32), (64, 1))
# What the commands of their own are given here, and for a quick try.
_COMMANDS: Final = {
    "batching": ("--count 500 --rounds 2", "--count 40 --rounds 1"),
    "million": ("--lines 200000 --distinct 5000", "--lines 2000 --distinct 50"),
    "corpus": (
        "--sentences 6000 --script-sentences 600 --short 10000 --long 100000 --distinct 5000",
        "--sentences 100 --script-sentences 32 --short 500 --long 5000 --distinct 50",
    ),
    "ray_crossover": ("--short 1000 --long 6000 --rounds 1", "--short 20 --long 100 --rounds 1"),
    "load": ("--minutes 1", "--minutes 0.2"),
}

Part = Callable[[], dict[str, Any]]


def parts(quick: bool) -> dict[str, Part]:
    """What there is to measure, by name, in the order in which it runs; the commands of their own come after it."""
    count, seconds = (256, 2.0) if quick else (2048, 5.0)
    points = ((1, 1), (8, 32)) if quick else served.POINTS
    ours, peers = (1, 1) if quick else (served.STARTS, 2)
    return {
        "in-process": lambda: in_process.measure(count, 2 if quick else 20),
        "served-ours": lambda: served.measure(servers.ours, count, seconds, points, ours),
        "served-ours-2": lambda: served.measure(lambda: servers.ours(2), count, seconds, _AT_MOST, ours),
        "served-pipeline": lambda: served.measure(servers.pipeline_app, count, seconds, points, peers),
        "served-infinity": lambda: served.measure(servers.infinity, count, seconds, points, peers),
        "sizes": sizes.measure,
        "steps": lambda: steps.measure(20 if quick else 500),
        "int8": lambda: int8.measure(servers.MODEL, 10 if quick else 200, 1 if quick else 2),
    }


def main(
    quick: Annotated[bool, typer.Option("--quick", help="Try the command with a few sentences.")] = False,
    part: Annotated[list[str] | None, typer.Option(help="Measure this part, again if need be; repeatable.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Measure every part again.")] = False,
) -> None:
    """Measure what is missing, and write the page and the picture."""
    # What somebody has released on this machine is not what the peers' weights are rebuilt from.
    os.environ[DIRECTORY_VARIABLE] = str(RELEASED)
    wanted, begun = parts(quick), time.perf_counter()
    if unknown := set(part or ()) - wanted.keys() - _COMMANDS.keys():
        known = ", ".join([*wanted, *_COMMANDS])
        raise typer.BadParameter(f"there is no part {', '.join(sorted(unknown))}; there are {known}")
    if quick:
        os.environ[FIGURES_VARIABLE] = str(RUNS / "quick")
    facts = _facts(quick)
    key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    facts["date"] = datetime.now(UTC).date().isoformat()
    if not part or wanted.keys() & set(part):
        in_process.prepare()
    found = {}
    for name, run in wanted.items():
        path = figures() / f"part-{name}.json"
        before = _read(path)
        done = before.get("key") == key and "result" in before
        if not fresh and done and name not in (part or ()):
            found[name] = before
        elif part and name not in part:
            found[name] = before if done else {"not_run": "it was not asked for"}
        else:
            found[name] = _run(name, run) | {"key": key, "date": facts["date"]}
            write_json(path, found[name])
    extra: dict[str, dict[str, Any]] = {}
    for name in _COMMANDS:
        before = _read(figures() / f"{name}.json")
        done = all(before.get(each) == facts[each] for each in ("machine", "model"))
        if name in part if part else fresh or not done:
            told = _run(name, lambda name=name: _command(name, quick))  # type: ignore[misc]
            before, done = told.get("result", {}), "result" in told
            found |= {} if done else {name: told}
        extra |= {name: before} if done else {}
    dates = sorted({each["date"] for each in found.values() if "date" in each})
    _write(facts | {"date": " to ".join(dict.fromkeys([*dates[:1], *dates[-1:]]))}, found, extra)
    typer.echo(f"all in {(time.perf_counter() - begun) / 60:.1f} minutes", err=True)


def _run(name: str, run: Part) -> dict[str, Any]:
    typer.echo(f"{name} ...", err=True)
    begun = time.perf_counter()
    try:
        told: dict[str, Any] = {"result": run()}
    except servers.NotRun as reason:
        told = {"not_run": str(reason)}
    lasted = time.perf_counter() - begun
    typer.echo(f"{name}: {told.get('not_run', 'done')} ({lasted:.0f} s)", err=True)
    return told | {"took": lasted}


def _command(name: str, quick: bool) -> dict[str, Any]:
    """Run a benchmark that is a command of its own, and give what it wrote.

    Raises:
        servers.NotRun: it wrote nothing. One that missed a goal ends with status 1, too, but has written before.
    """
    begun = time.time_ns()
    words = [sys.executable, "-m", f"benchmarks.{name}", *_COMMANDS[name][quick].split()]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    path = figures() / f"{name}.json"
    if not path.exists() or path.stat().st_mtime_ns < begun:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise servers.NotRun(f"the command failed: {lines[-1]}")
    if done.returncode:
        typer.echo(f"{name}: a goal was missed; see {path.relative_to(ROOT)}", err=True)
    return _read(path)


def _write(facts: dict[str, Any], found: dict[str, Any], extra: dict[str, Any]) -> None:
    results = {name: part["result"] for name, part in found.items() if "result" in part}
    page = (figures() if facts["quick"] else ROOT / "benchmarks") / "README.md"
    with replacing(page.with_name(report.FIGURE)) as temporary:
        figure.draw(results, temporary)
    with replacing(page) as temporary:
        temporary.write_text(report.page(facts, found, extra), "utf-8")
    typer.echo(f"written to {page.relative_to(ROOT)}", err=True)


def _facts(quick: bool) -> dict[str, Any]:
    return {
        "machine": machine(),
        "model": open_directory(RELEASED).info.version,
        "versions": {name: version(name) for name in _PACKAGES},
        "quick": quick,
    }


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return content


if __name__ == "__main__":
    typer.run(main)
