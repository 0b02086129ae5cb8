"""A thread or an event loop that hangs: it shows at once, and the process ends, to be started again."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.service.live import Held, Server, classify, running, until
from tests.service.test_server import ROOT

# A process by itself: its model hangs on the text "hang", and its path /hang stops the event loop.
HANGING = """
import socket, sys, time
from models.classifier import Classifier
from service.app import create_app
from service.process import run_server
from service.settings import load_settings

class Hanging(Classifier):
    def classify_here(self, texts, **options):
        return time.sleep(60) if "hang" in texts else super().classify_here(texts, **options)

async def hang():
    time.sleep(60)

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
settings = load_settings(threads=2, hang_seconds=3, deadline=1, shutdown_seconds=1)
app = create_app(settings, Hanging.load(threads=1))
app.get("/hang")(hang)
port = listener.getsockname()[1]
whole = run_server(app, settings, listener, ready=lambda: print(port, flush=True), shared=False)
sys.exit("whole" if whole else "broken")
"""


@contextmanager
def hanging() -> Iterator[tuple[Server, subprocess.Popen[str]]]:
    with subprocess.Popen(
        [sys.executable, "-c", HANGING], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as popen:
        assert popen.stdout is not None
        yield Server(int(popen.stdout.readline()), None), popen
        popen.kill()


def test_a_hung_thread_is_not_ready_and_is_again_when_it_gets_on(held: Held) -> None:
    with running(held, threads=1, hang_seconds=1) as server:
        assert server.get("/readyz").status == 200
        with running(held, threads=1, hang_seconds=1, deadline=0.2) as hung:
            assert classify(hung, "hold").status == 503
            until(lambda: hung.get("/readyz").status == 503)
            assert hung.get("/livez").status == 200
            assert server.get("/readyz").status == 200
            held.let_go.set()
            until(lambda: hung.get("/readyz").status == 200)


def test_a_process_with_a_hung_thread_ends() -> None:
    with hanging() as (server, popen):
        assert classify(server, "fine").status == 200
        assert classify(server, "hang").status == 503, "past the deadline"
        _, errors = popen.communicate(timeout=60)
    assert (popen.returncode, errors.splitlines()[-1]) == (1, "broken")


def test_a_process_whose_event_loop_hangs_ends_and_tells_where() -> None:
    with hanging() as (server, popen):
        assert classify(server, "fine").status == 200
        with pytest.raises(ConnectionError):
            server.get("/hang")
        _, errors = popen.communicate(timeout=60)
    assert popen.returncode == 1
    assert "in hang" in errors
