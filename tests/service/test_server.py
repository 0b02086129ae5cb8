"""The server as a process: how it starts, what it logs, how it stops, and when it refuses to start."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from models.errors import ModelNotFound, SettingsError
from service.server import serve
from service.settings import load_settings
from tests.service.live import Server, until

ROOT = Path(__file__).parents[2]
COMMAND = "from service.server import serve; from service.settings import load_settings; serve(load_settings())"


@dataclass
class Process:
    """A server process, and the lines that it logs."""

    popen: subprocess.Popen[str]
    port: int
    first: dict[str, Any]

    @property
    def server(self) -> Server:
        return Server(self.port, None)

    def stop(self) -> tuple[int, list[dict[str, Any]]]:
        """Send SIGTERM; give the exit status and the rest of the log."""
        self.popen.send_signal(signal.SIGTERM)
        _, errors = self.popen.communicate(timeout=60)
        return self.popen.returncode, [json.loads(line) for line in errors.splitlines()]


def start(**variables: str) -> Process:
    popen = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", COMMAND],
        cwd=ROOT,
        env={**os.environ, "RU_STANCE_PORT": "0", "RU_STANCE_THREADS": "1", **variables},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert popen.stderr is not None
    for line in popen.stderr:
        entry = json.loads(line)
        if entry["message"] == "serving":
            return Process(popen, int(entry["url"].rpartition(":")[2]), entry)
    raise AssertionError(f"the server did not start: exit status {popen.wait(60)}")


@pytest.fixture
def process() -> Iterator[Process]:
    process = start()
    yield process
    process.popen.kill()
    process.popen.communicate()


def test_it_starts_answers_logs_and_stops(process: Process) -> None:
    server = process.server
    assert server.post("/v1/classify", {"texts": ["A zebra crossed the border."]}).status == 200
    assert server.post("/v1/document", {"text": "A zebra ran. Another zebra slept."}).status == 200
    assert server.post("/v1/classify", {"texts": "zebra", "zebra": 1}).status == 422
    assert server.get("/zebra?zebra=zebra", Authorization="Bearer zebra").status == 404
    assert server.get("/livez", X_Request_ID="trace-9").status == 200
    assert server.get("/v1/model", X_Request_ID="trace-10", Host="zebra.example").status == 421
    status, log = process.stop()
    assert status == 0
    assert "zebra" not in json.dumps(log)
    requests = [entry for entry in log if entry["message"] == "request"]
    assert [(entry["route"], entry["status"]) for entry in requests] == [
        ("/v1/classify", 200),
        ("/v1/document", 200),
        ("/v1/classify", 422),
        (None, 404),
        (None, 421),
    ]
    assert requests[-1]["request_id"] == "trace-10"
    assert all(entry["milliseconds"] >= 0 and entry["level"] == "info" for entry in requests)


def test_it_stops_only_when_running_requests_have_their_answer(process: Process) -> None:
    with socket.create_connection(("127.0.0.1", process.port), timeout=60) as connection:
        texts = [f"The convoy reached the border on day {number}." for number in range(200)]
        body = json.dumps({"texts": texts}).encode()
        connection.sendall(
            b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        until(lambda: b"ru_stance_queue_depth 0.0" not in process.server.get("/metrics").body)
        process.popen.send_signal(signal.SIGTERM)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert len(json.loads(answer.partition(b"\r\n\r\n")[2])["results"]) == 200
    assert process.popen.wait(60) == 0


def test_a_request_that_is_on_its_way_when_it_is_told_to_stop_is_answered(process: Process) -> None:
    request = b"GET /v1/model HTTP/1.1\r\nHost: localhost\r\n\r\n"
    address = ("127.0.0.1", process.port)
    with socket.create_connection(address, timeout=60) as new, socket.create_connection(address, timeout=60) as used:
        used.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while not used.recv(65536).endswith(b"}"):
            pass
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.stderr is not None
        assert any("Shutting down" in line for line in process.popen.stderr)
        time.sleep(0.1)
        for connection in (new, used):
            connection.sendall(request)
        for connection in (new, used):
            answer = b"".join(iter(partial(connection.recv, 65536), b""))
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert b"connection: close" in answer.lower()
    assert process.popen.wait(60) == 0


def test_requests_that_wait_to_be_accepted_are_answered_before_it_stops(process: Process) -> None:
    process.popen.send_signal(signal.SIGSTOP)
    with ExitStack() as stack:
        address = ("127.0.0.1", process.port)
        waiting = [stack.enter_context(socket.create_connection(address, timeout=60)) for _ in range(40)]
        for connection in waiting:
            connection.sendall(b"GET /v1/model HTTP/1.1\r\nHost: localhost\r\n\r\n")
        process.popen.send_signal(signal.SIGTERM)
        process.popen.send_signal(signal.SIGCONT)
        answers = [connection.recv(12) for connection in waiting]
    assert answers == [b"HTTP/1.1 200"] * 40
    assert process.popen.wait(60) == 0


def test_it_loads_nothing_that_training_needs() -> None:
    code = "import sys, service.app, service.process, service.server, service.workers; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    assert "onnxruntime" in loaded
    assert not {"torch", "transformers", "pandas", "datasets", "sklearn", "scipy", "pyarrow"} & set(loaded)


def test_it_refuses_to_be_open_to_others_unasked() -> None:
    with pytest.raises(SettingsError, match="RU_STANCE_ALLOW_OPEN"):
        serve(load_settings(host="0.0.0.0", port=0))


def test_it_listens_beyond_this_machine_when_asked() -> None:
    process = start(RU_STANCE_HOST="0.0.0.0", RU_STANCE_ALLOW_OPEN="true")
    try:
        assert process.first["url"].startswith("http://0.0.0.0:")
        assert process.server.get("/readyz").status == 200
    finally:
        process.stop()


def test_a_taken_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"Cannot listen on 127.0.0.1, port {port}.*RU_STANCE_PORT"):
            serve(load_settings(port=port))


def test_a_host_that_cannot_be_is_told() -> None:
    host = "a" * 70
    with pytest.raises(SettingsError, match=f"Cannot listen on {host}, port 0: .*RU_STANCE_HOST"):
        serve(load_settings(host=host, port=0, allow_open=True))


def test_a_missing_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        serve(load_settings(port=0, model=tmp_path / "none"))
