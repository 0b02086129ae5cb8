"""Several worker processes: they share the port and the counters, are started again, and end together."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.errors import SettingsError
from service.batching import MAX_FAILURES
from service.settings import load_settings
from service.workers import share
from tests.service.live import Server, classify, until
from tests.service.test_metrics import told
from tests.service.test_server import ROOT, Process, start

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finds the workers by Linux's /proc")
# A worker by itself, the model of which fails on every text.
BROKEN = """
import socket, sys
from models.classifier import Classifier
from service.app import create_app
from service.process import run_server
from service.settings import load_settings

class Failing(Classifier):
    def classify_here(self, texts, **options):
        raise RuntimeError

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
settings = load_settings(threads=1)
app = create_app(settings, Failing.load(threads=1))
port = listener.getsockname()[1]
whole = run_server(app, settings, listener, ready=lambda: print(port, flush=True), shared=True)
sys.exit("whole" if whole else "broken")
"""
FOLDER = "ru-stance-metrics-*"


def workers(process: Process) -> set[int]:
    """The ids of the worker processes."""
    children = Path(f"/proc/{process.popen.pid}/task/{process.popen.pid}/children").read_text("ascii").split()
    return {int(pid) for pid in children if b"spawn_main" in command_line(int(pid))}


def command_line(pid: int) -> bytes:
    """Empty for a process that has ended since it was listed."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = start(RU_STANCE_WORKERS="2", RU_STANCE_THREADS="2", TMPDIR=str(tmp_path))
    yield process
    process.popen.kill()
    process.popen.communicate()


def test_the_counters_are_those_of_all_workers_also_of_one_that_died(process: Process, tmp_path: Path) -> None:
    server, both = process.server, workers(process)
    assert len(both) == 2
    assert len(list(tmp_path.glob(FOLDER))) == 1
    with ThreadPoolExecutor(4) as clients:
        answers = list(clients.map(lambda _: classify(server, "The convoy reached the border."), range(12)))
    assert {answer.status for answer in answers} == {200}
    for _ in range(6):
        assert told(server)["ru_stance_sentences_total{}"] == 12
    first = min(both)
    os.kill(first, signal.SIGKILL)
    until(lambda: gone(first))
    assert classify(server, "Another convoy came.").status == 200, "the other one answers"
    until(lambda: len(workers(process) - {first}) == 2)
    found = told(server)
    assert (found["ru_stance_sentences_total{}"], found["ru_stance_queue_depth{}"]) == (13, 0)
    status, log = process.stop()
    assert status == 0
    ended = [entry for entry in log if entry["message"] == "a worker has ended and is started again"]
    assert [(entry["pid"], entry["status"]) for entry in ended] == [(first, -signal.SIGKILL)]
    assert list(tmp_path.glob(FOLDER)) == [], "the counters' files are removed"


def test_all_of_them_stop_when_the_running_requests_have_their_answers(process: Process) -> None:
    both = workers(process)
    with ThreadPoolExecutor(4) as clients:
        texts = [f"The convoy reached the border on day {number}." for number in range(60)]
        running = [clients.submit(classify, process.server, *texts) for _ in range(4)]
        until(lambda: told(process.server)["ru_stance_sentences_total{}"] > 0)
        process.popen.send_signal(signal.SIGTERM)
        assert [len(each.result().json["results"]) for each in running] == [60] * 4
    assert process.popen.wait(60) == 0
    assert all(gone(pid) for pid in both)


def test_workers_do_not_outlive_the_process_that_started_them(process: Process) -> None:
    both = workers(process)
    process.popen.kill()
    until(lambda: all(gone(pid) for pid in both))


def test_a_worker_whose_model_keeps_failing_leaves_to_be_started_again() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", BROKEN], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as popen:
        assert popen.stdout is not None
        server = Server(int(popen.stdout.readline()), None)
        assert [classify(server, "a").status for _ in range(MAX_FAILURES)] == [500] * MAX_FAILURES
        _, errors = popen.communicate(timeout=60)
    assert (popen.returncode, errors.splitlines()[-1]) == (1, "broken")


def test_what_keeps_a_worker_from_starting_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ru_stance", "serve", "--port", "0", "--workers", "2", "--model", tmp_path / "none"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert "ru-stance: There is no model directory" in done.stderr
    assert "Traceback" not in done.stderr
    assert all(json.loads(line)["level"] == "error" for line in done.stderr.splitlines() if line.startswith("{"))
    assert list(tmp_path.glob(FOLDER)) == []


def test_the_threads_are_shared_out() -> None:
    for threads, count, expected in ((5, 2, [3, 2]), (4, 4, [1, 1, 1, 1]), (3, 2, [2, 1])):
        settings = load_settings(threads=threads, workers=count)
        assert [share(settings, number).threads for number in range(count)] == expected
    assert share(load_settings(workers=200), 199).threads == 1
    with pytest.raises(SettingsError, match=r"threads \(1\) must be at least workers \(2\)"):
        load_settings(threads=1, workers=2)
