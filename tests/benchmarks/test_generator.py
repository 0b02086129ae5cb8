"""The clients send every text, count every answer and tell failures; held to a real server on a socket."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.generator import WINDOWS, Job, run, summary


class Server(ThreadingHTTPServer):
    """Keeps what it is sent, and answers with a status."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[dict[str, object]] = []
        self.status = 200
        self.refusals = 0

    def handle_error(self, *_: object) -> None:
        """Clients that are stopped hang up."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        assert isinstance(self.server, Server)
        self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(429 if self.server.refusals else self.server.status)
        if self.server.refusals:
            self.server.refusals -= 1
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


def job(server: Server, **changed: object) -> Job:
    texts = [f"Text {number}." for number in range(20)]
    facts = {
        "url": f"http://127.0.0.1:{server.server_port}/",
        "field": "input",
        "fields": {"model": "m"},
        "texts": texts,
    }
    return Job(**{**facts, "clients": 3, "size": 4, "seconds": 0.1, **changed})  # type: ignore[arg-type]


def test_every_text_is_sent_and_every_answer_counted(server: Server) -> None:
    found = asyncio.run(run(job(server)))
    sent = [text for body in server.bodies for text in body["input"]]  # type: ignore[attr-defined]
    assert set(sent) == {f"Text {number}." for number in range(20)}
    assert all(body["model"] == "m" for body in server.bodies)
    assert sum(found["sentences"]) == 4 * found["requests"]
    assert 3 <= found["requests"] <= len(server.bodies)
    assert found["failed"] == 0
    assert 0 < found["p50"] <= found["p95"] <= found["p99"]


def test_failures_are_told_and_not_counted_as_answers(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.generator.LONGEST", 0.3)
    server.status = 429
    found = asyncio.run(run(job(server)))
    assert found["requests"] == 0
    assert found["p50"] is None
    # Of each of the three clients one request may be under way at the end, and one before the count begins.
    assert 0 < len(server.bodies) - 6 <= found["failed"] <= len(server.bodies)
    assert found["failures"][0].startswith("429")


def test_what_is_refused_for_lack_of_room_is_sent_again(server: Server) -> None:
    server.refusals = 2
    found = asyncio.run(run(job(server, clients=1)))
    assert server.bodies[0] == server.bodies[1] == server.bodies[2] != server.bodies[3]
    assert (found["refused"], found["failed"]) == (2, 0)
    assert found["requests"] > 0


def test_a_server_that_is_not_there_is_an_error() -> None:
    with Server() as gone:
        asked = job(gone)
    with pytest.raises(OSError, match="onnect"):
        asyncio.run(run(asked))


def test_each_window_ends_with_an_answer(server: Server) -> None:
    ends = [(10.0 + 0.1 * number, 0.01 * number) for number in range(1, 21)]
    found = summary(job(server, clients=1), 10.0, 2.0, ends)
    assert found["sentences"] == [8] * WINDOWS
    assert found["seconds"] == pytest.approx([0.2] * WINDOWS)
    assert (found["p50"], found["p99"]) == (110.0, 200.0)


def test_answers_that_come_together_are_in_one_window(server: Server) -> None:
    found = summary(job(server), 10.0, 4.0, [(11.0, 1.0)] * 3 + [(14.0, 3.0)] * 3)
    assert (found["sentences"], found["seconds"]) == ([12, 12], [1.0, 3.0])


def test_no_answer_is_a_window_without_any(server: Server) -> None:
    found = summary(job(server), 10.0, 4.0, [])
    assert (found["sentences"], found["seconds"]) == ([0], [4.0])
