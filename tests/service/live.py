"""A real server on a socket, and a client that can send what a well-behaved one would not."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, cast

import uvicorn

from models.classifier import Classifier
from models.encoding import TruncationSide
from models.prediction import Prediction
from service.app import create_app
from service.connections import ServerConfig
from service.settings import load_settings


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        port: where it listens on 127.0.0.1.
        app: its application, to look behind the answers.
        connections: those that it holds open.
    """

    port: int
    app: Any
    connections: Collection[object] = ()

    def request(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Send a request; a body that is not bytes or an iterator of bytes is sent as JSON."""
        sent = dict(headers or {})
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        if isinstance(body, dict | list):
            body = json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {name: value for name, value in sent.items() if value})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Answer:
        return self.request("POST", path, body, headers)


class Held:
    """The real classifier, except that texts beginning with ``hold``, ``fail`` and ``die`` do just that."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self.entered, self.let_go = threading.Event(), threading.Event()
        self.seen: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._classifier, name)

    def classify_here(
        self, texts: Sequence[str], *, prior: str | None = None, truncation_side: TruncationSide = "right"
    ) -> list[Prediction]:
        return [self._one(text, prior, truncation_side) for text in texts]

    def _one(self, text: str, prior: str | None, truncation_side: TruncationSide) -> Prediction:
        self.seen.append(text)
        if text.startswith("hold"):
            self.entered.set()
            assert self.let_go.wait(60)
        if text.startswith("fail"):
            raise RuntimeError(f"the graph does not run on {text}")
        if text.startswith("die"):
            raise SystemExit
        return self._classifier.classify_one(text, prior=prior, truncation_side=truncation_side)


@contextmanager
def running(
    classifier: Classifier | Held | None, *, lifespan: Literal["on", "off"] = "on", **settings: Any
) -> Iterator[Server]:
    """A server with these settings, on a free port, for the length of a ``with`` block.

    Args:
        classifier: the model; None lets the application load it.
        lifespan: "off" leaves out what the application does when it starts, such as loading the model.
        settings: what to run with.
    """
    chosen = load_settings(port=0, **settings)
    app = create_app(chosen, cast(Classifier | None, classifier))
    listener = socket.create_server(("127.0.0.1", 0))
    config = ServerConfig(app, chosen, lifespan=lifespan, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    end = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < end, "the server did not start in time"
        time.sleep(0.01)
    try:
        yield Server(listener.getsockname()[1], app, server.server_state.connections)
    finally:
        server.should_exit = True
        thread.join(60)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "the condition was not met in time"
        time.sleep(0.005)


def waiting(server: Server) -> int:
    count: int = server.app.state.service.pool.waiting
    return count


def classify(server: Server, *texts: str) -> Answer:
    return server.post("/v1/classify", {"texts": list(texts)})
