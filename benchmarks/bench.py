"""Measures the speed beside the peers and writes ``benchmarks/README.md``: ``make bench``.

    python -m benchmarks.bench --quick

Each part writes ``runs/bench/part-NAME.json``; a run that was stopped goes on with the parts that are missing, as long
as machine, model and packages are the same. A part that cannot run here is reported with the reason. ``--quick`` tries
the command with a few sentences in a few minutes; its page goes to ``runs/bench/quick.md``.
"""

import hashlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from benchmarks import figure, in_process, int8, report, served, servers, sizes, steps
from benchmarks.serving import ROOT, RUNS
from models.atomic import replacing
from models.directory import RELEASED, open_directory
from models.machine import machine
from training.record import write_json

_PACKAGES: Final = ("onnxruntime", "torch", "transformers", "fastapi", "uvicorn", "aiohttp")
_AT_MOST: Final = ((64, 32), (64, 1))

Part = Callable[[], dict[str, Any]]


def parts(quick: bool) -> dict[str, Part]:
    """What there is to measure, by name, in the order in which it runs."""
    count, seconds = (256, 2.0) if quick else (2048, 8.0)
    points = ((1, 1), (8, 32)) if quick else served.POINTS
    return {
        "in-process": lambda: in_process.measure(128 if quick else count, 2 if quick else 20),
        "int8": lambda: int8.measure(servers.MODEL, 20 if quick else 200, 1 if quick else 3),
        "steps": lambda: steps.measure(50 if quick else 500),
        "served-ours": lambda: served.measure(servers.ours, count, seconds, points),
        "served-ours-2": lambda: served.measure(lambda: servers.ours(2), count, seconds, _AT_MOST),
        "served-pipeline": lambda: served.measure(servers.pipeline_app, count, seconds, points),
        "served-infinity": lambda: served.measure(servers.infinity, count, seconds, points),
        "sizes": sizes.measure,
    }


def main(
    quick: Annotated[bool, typer.Option("--quick", help="Try the command with a few sentences.")] = False,
    part: Annotated[list[str] | None, typer.Option(help="Measure this part, again if need be; repeatable.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Measure every part again.")] = False,
) -> None:
    """Measure what is missing, and write the page and the picture."""
    wanted = parts(quick)
    if unknown := set(part or ()) - set(wanted):
        raise typer.BadParameter(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(wanted)}")
    facts = _facts(quick)
    key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    facts["date"] = datetime.now(UTC).date().isoformat()
    in_process.prepare()
    found = {}
    for name, run in wanted.items():
        path = RUNS / f"part-{name}.json"
        before = _read(path)
        done = before.get("key") == key and "result" in before
        if not fresh and done and name not in (part or ()):
            found[name] = before
        elif part and name not in part:
            found[name] = before if done else {"not_run": "it was not asked for"}
        else:
            found[name] = _run(name, run) | {"key": key, "date": facts["date"]}
            write_json(path, found[name])
    dates = sorted({each["date"] for each in found.values() if "date" in each})
    _write(facts | {"date": " to ".join(dict.fromkeys([*dates[:1], *dates[-1:]]))}, found)


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


def _write(facts: dict[str, Any], found: dict[str, Any]) -> None:
    extra = {name: told for name in report.EXTRA if (told := _read(RUNS / f"{name}.json"))}
    results = {name: part["result"] for name, part in found.items() if "result" in part}
    page = RUNS / "quick.md" if facts["quick"] else ROOT / "benchmarks" / "README.md"
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
