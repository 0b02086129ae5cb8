"""Over HTTP: ours beside what others would serve the same weights with, at several numbers of clients."""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final

from benchmarks.generator import Job
from benchmarks.servers import Running, Server, running
from benchmarks.serving import ROOT
from benchmarks.texts import distinct_texts
from models.machine import usable_cores

# Clients, and sentences a request.
POINTS: Final = tuple((clients, size) for size in (1, 32) for clients in (1, 8, 64))
STARTS: Final = 3


def measure(
    server: Callable[[], Server],
    count: int,
    seconds: float,
    points: Iterable[tuple[int, int]] = POINTS,
    starts: int = STARTS,
) -> dict[str, Any]:
    """Start a server a few times, and then let clients ask it.

    Args:
        server: gives it, ready to be started.
        count: distinct texts that are sent.
        seconds: of each point, at least.
        points: numbers of clients and of sentences a request.
        starts: how often it is started.

    Returns:
        ``name``, ``cores``, ``starts`` (seconds to the first answer), ``idle_mb`` and ``peak_mb`` (resident memory) and
        ``points``, each what :func:`benchmarks.generator.run` found.

    Raises:
        NotRun: the server cannot be had here.
    """
    texts, chosen = distinct_texts(count), server()
    took = [_start(chosen) for _ in range(starts - 1)]
    with running(chosen) as found:
        took.append(found.start)
        told = [_ask(chosen.job(texts, clients, size, seconds)) for clients, size in points]
        memory = _memory(found)
    return {"name": chosen.name, "cores": usable_cores(), "starts": took, **memory, "points": told}


def _start(server: Server) -> float:
    with running(server) as found:
        return found.start


def _ask(job: Job) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.generator"]
    done = subprocess.run(command, input=job.to_json(), capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        return {"clients": job.clients, "size": job.size, "error": lines[-1]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _memory(found: Running) -> dict[str, float]:
    return {"idle_mb": statistics.median(found.memory[:3]), "peak_mb": max(found.memory)}
