"""The servers that are compared, each a process of its own: how to start them, and what they take."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.generator import Job
from benchmarks.serving import ROOT, RUNS, watch
from models.machine import usable_cores

INFINITY: Final = RUNS / "infinity"
MODEL: Final = RUNS / "model"
_PINS: Final = ROOT / "benchmarks" / "peers" / "infinity.txt"
_TORCH: Final = "torch==2.13.0"
_LONGEST_START: Final = 300.0


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


_PORT: Final = _free_port()


class NotRun(Exception):
    """A part that cannot run here; the message says why."""


@dataclass(frozen=True)
class Server:
    """A server that can be started.

    Attributes:
        name: as the report names it.
        command: starts it.
        path: where texts are sent.
        field, fields: how they are sent; see :class:`benchmarks.generator.Job`.
        environment: variables, beside those of this process.
    """

    name: str
    command: list[str]
    path: str
    field: str
    fields: dict[str, str]
    environment: dict[str, str]

    def job(self, texts: list[str], clients: int, size: int, seconds: float) -> Job:
        """What its clients are told."""
        return Job(f"http://127.0.0.1:{_PORT}{self.path}", self.field, self.fields, texts, clients, size, seconds)


@dataclass
class Running:
    """A server that answers.

    Attributes:
        start: seconds from its start to its first answer.
        memory: resident megabytes of all its processes, five times a second.
    """

    start: float
    memory: list[float] = field(default_factory=list)


def ours(workers: int = 1) -> Server:
    """ru-stance as it is shipped, its cache of results off."""
    environment = {"RU_STANCE_RESULT_CACHE_BYTES": "0", "RU_STANCE_WORKERS": str(workers)}
    if workers > usable_cores():
        raise NotRun(f"{workers} workers need as many cores")
    command = [sys.executable, "-m", "ru_stance", "serve", "--port", str(_PORT)]
    return Server(f"ru-stance, workers: {workers}", command, "/v1/classify", "texts", {}, environment)


def pipeline_app() -> Server:
    """The hand-made application around the pipeline."""
    command = [sys.executable, "-m", "uvicorn", "benchmarks.peers.pipeline_app:app", "--port", str(_PORT)]
    command += ["--log-level", "warning"]
    return Server("FastAPI + pipeline", command, "/classify", "texts", {}, {"BENCH_MODEL": str(MODEL)})


def infinity() -> Server:
    """infinity with its own defaults, in an environment of its own, which is made when it is missing.

    Raises:
        NotRun: its packages cannot be installed.
    """
    done = INFINITY / "done"
    if not done.exists():
        index = os.environ.get("TORCH_INDEX")
        pip = [str(INFINITY / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        shutil.rmtree(INFINITY, ignore_errors=True)
        _install([sys.executable, "-m", "venv", str(INFINITY)])
        _install([*pip, _TORCH, *(["--index-url", index] if index else [])])
        _install([*pip, "--requirement", str(_PINS)])
        done.touch()
    command = [str(INFINITY / "bin" / "infinity_emb"), "v2", "--model-id", str(MODEL), "--engine", "torch"]
    command += ["--served-model-name", "ru-stance", "--device", "cpu", "--port", str(_PORT), "--log-level", "error"]
    environment = {"DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": str(usable_cores())}
    return Server(
        "infinity", [*command, "--host", "127.0.0.1"], "/classify", "input", {"model": "ru-stance"}, environment
    )


def _install(command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_CONSTRAINT")}
    environment.pop("PIP_BUILD_CONSTRAINT", None)
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise NotRun(f"its packages could not be installed: {lines[-1]}")


@contextmanager
def running(server: Server) -> Iterator[Running]:
    """Start a server, wait for its first answer, watch its memory, and stop it at the end.

    Raises:
        NotRun: it ended, or did not answer within minutes.
    """
    log = RUNS / "peers.log"
    RUNS.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as stream:
        begun = time.perf_counter()
        popen = subprocess.Popen(
            server.command, cwd=ROOT, env={**os.environ, **server.environment}, stdout=stream, stderr=stream
        )
    try:
        _first_answer(server, popen, log)
        found = Running(time.perf_counter() - begun)
        threading.Thread(target=watch, args=(popen, found.memory, 0.2), daemon=True).start()
        yield found
    finally:
        popen.terminate()
        try:
            popen.wait(60)
        except subprocess.TimeoutExpired:
            popen.kill()
            popen.wait()


def _first_answer(server: Server, popen: subprocess.Popen[bytes], log: Path) -> None:
    job = server.job(["The first sentence."], 1, 1, 0)
    request = urllib.request.Request(job.url, job.bodies()[0], {"Content-Type": "application/json"})
    deadline = time.monotonic() + _LONGEST_START
    while time.monotonic() < deadline:
        if popen.poll() is not None:
            lines = log.read_text("utf-8", "replace").strip().splitlines() or [""]
            raise NotRun(f"the server ended with status {popen.returncode}: {lines[-1][:300]}")
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
            return
        time.sleep(0.02)
    raise NotRun(f"the server gave no answer within {_LONGEST_START:.0f} s")
