"""A server as a process of its own, as users start it, and what memory it takes."""

import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from models.directory import open_directory
from training.record import write_json

ROOT = Path(__file__).parents[1]
RUNS = ROOT / "runs" / "bench"
# Names another folder for the figures, so that a quick try leaves those of a full run alone.
FIGURES_VARIABLE = "BENCH_FIGURES"
_MEGABYTE = 1_000_000


@dataclass
class Serving:
    """A running server.

    Attributes:
        url: where it answers.
        popen: its process.
        memory: resident megabytes of it and its workers, one number a look.
    """

    url: str
    popen: subprocess.Popen[str]
    memory: list[float] = field(default_factory=list)

    def stop(self) -> int:
        """Send SIGTERM, wait, and give the exit status."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(120)


def watch(popen: "subprocess.Popen[Any]", memory: list[float], seconds: float) -> None:
    """Add the resident megabytes of a process and all its children to a list, every so often, until it has gone."""
    while popen.poll() is None:
        # One that ends while it is looked at.
        with suppress(psutil.Error):
            process = psutil.Process(popen.pid)
            found = [process, *process.children(recursive=True)]
            memory.append(sum(each.memory_info().rss for each in found) / _MEGABYTE)
        time.sleep(seconds)


@contextmanager
def serving(**settings: object) -> Iterator[Serving]:
    """A server with these settings on a free port; its log goes to ``runs/bench/server.log``."""
    RUNS.mkdir(parents=True, exist_ok=True)
    variables = {f"RU_STANCE_{name.upper()}": str(value) for name, value in settings.items()}
    log = RUNS / "server.log"
    with log.open("w", encoding="utf-8") as stream:
        popen = subprocess.Popen(
            [sys.executable, "-m", "ru_stance", "serve", "--port", "0"],
            cwd=ROOT,
            env={**os.environ, **variables},
            stderr=stream,
            text=True,
        )
    try:
        server = Serving(_url(log, popen), popen)
        threading.Thread(target=watch, args=(popen, server.memory, 0.5), daemon=True).start()
        yield server
    finally:
        popen.kill()
        popen.wait()


def _url(log: Path, popen: subprocess.Popen[str]) -> str:
    while popen.poll() is None:
        for line in log.read_text("utf-8").splitlines(keepends=True):
            entry = json.loads(line) if line.endswith("}\n") else {}
            if entry.get("message") == "serving":
                return str(entry["url"])
        time.sleep(0.05)
    raise SystemExit(f"The server did not start; see {log}.")


def memory_told(samples: list[float]) -> dict[str, float]:
    """The memory of a run in megabytes: the most, and the medians of its second and of its last quarter."""
    quarter = max(1, len(samples) // 4)
    return {
        "most_mb": round(max(samples), 1),
        "second_quarter_mb": round(statistics.median(samples[quarter : 2 * quarter] or samples), 1),
        "last_quarter_mb": round(statistics.median(samples[-quarter:]), 1),
    }


def figures() -> Path:
    """The folder that figures are written to."""
    folder = Path(os.environ.get(FIGURES_VARIABLE, RUNS))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write(name: str, facts: dict[str, Any]) -> Path:
    """Write what a benchmark has found, with the version of the model that it measured, and give the path."""
    path = figures() / f"{name}.json"
    write_json(path, facts | {"model": open_directory().info.version})
    return path
