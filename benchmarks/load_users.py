"""The clients of the load test, good and bad, for locust; ``python -m benchmarks.load`` runs them.

Every answer is held to what the model says in process, or to the statuses and bodies that the API's description has.
"""

import json
import os
import random
import socket
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import gevent
from geventhttpclient.response import HTTPConnectionClosed
from locust import FastHttpUser, constant_throughput, events, task
from locust.env import Environment

FACTS: Final[dict[str, Any]] = json.loads(Path(os.environ["LOAD_FACTS"]).read_text("utf-8"))
EXPECTED: Final[dict[str, dict[str, Any]]] = FACTS["expected"]
TEXTS: Final = list(EXPECTED)
JSON: Final = {"Content-Type": "application/json"}
LINES: Final = {"Content-Type": "application/x-ndjson"}

seen: Final[defaultdict[str, Counter[str]]] = defaultdict(Counter)
wrong: Final[Counter[str]] = Counter()
sentences: Final[Counter[str]] = Counter()


class Client(FastHttpUser):
    """One client: mostly sentences, of every route, and now and then a fault."""

    wait_time = constant_throughput(FACTS["requests_a_second"])
    network_timeout = connection_timeout = 60.0

    def ask(self, name: str, path: str, body: Any, kind: dict[str, str] = JSON, method: str = "POST") -> Any:
        """Send a request and count its status, or that there was no answer."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        answer = self._send(name, path, data, kind, method)
        if isinstance(getattr(answer, "error", None), HTTPConnectionClosed):
            # It was idle, and closed while the request was on its way; any client has to send it again then.
            seen["sent again"][name] += 1
            answer = self._send(name, path, data, kind, method)
        status = answer.status_code
        seen[name][str(status or f"none: {type(answer.error).__name__}")] += 1
        if not _documented(method, path.partition("?")[0], answer):
            wrong[f"{name}: {status} is not as documented"] += 1
        return answer

    def _send(self, name: str, path: str, data: Any, kind: dict[str, str], method: str) -> Any:
        with self.client.request(method, path, name=name, data=data, headers=kind, catch_response=True) as answer:
            # A refusal that is documented is no failure of the service.
            answer.success()
        return answer

    @task(20)
    def one(self) -> None:
        text = random.choice(TEXTS)
        sentences["sent"] += 1
        answer = self.ask("one sentence", "/v1/classify", {"texts": [text]})
        if answer.status_code == 200:
            _hold("one sentence", answer.json()["results"] == [EXPECTED[text]], 1)

    @task(20)
    def many(self) -> None:
        texts = random.sample(TEXTS, 32)
        sentences["sent"] += 32
        answer = self.ask("32 sentences", "/v1/classify", {"texts": texts})
        if answer.status_code == 200:
            _hold("32 sentences", answer.json()["results"] == [EXPECTED[text] for text in texts], 32)

    @task(5)
    def lines(self) -> None:
        texts = random.sample(TEXTS, 32)
        sentences["sent"] += 32
        body = b"".join(json.dumps({"text": text}).encode() + b"\n" for text in texts) + b"no JSON\n"
        answer = self.ask("a stream of lines", "/v1/score", body, LINES)
        if answer.status_code == 200:
            *good, bad = [json.loads(line) for line in answer.content.splitlines()]
            right = [_line(each, text) for each, text in zip(good, texts, strict=True)]
            _hold("a stream of lines", all(right) and bad["status"] == 400 and bad["line"] == 33, 32)

    @task(5)
    def document(self) -> None:
        texts = random.sample(TEXTS, 8)
        sentences["sent"] += 8
        answer = self.ask("a document", "/v1/document", {"text": "\n\n".join(texts)})
        if answer.status_code == 200:
            told = answer.json()
            places = [each["text"] for each in told["sentences"]]
            _hold("a document", bool(places) and sum(told["summary"]["counts"].values()) <= len(places), 8)

    @task(5)
    def compatible(self) -> None:
        text = random.choice(TEXTS)
        sentences["sent"] += 2
        scores = EXPECTED[text]["scores"]
        for name, path in (("as text-embeddings-inference", "/predict"), ("as Hugging Face", "/")):
            answer = self.ask(name, path, {"inputs": text})
            if answer.status_code == 200:
                told = answer.json() if path == "/predict" else answer.json()[0]
                _hold(name, {each["label"]: each["score"] for each in told} == scores, 1)

    @task(5)
    def probes(self) -> None:
        for path in ("/livez", "/readyz", "/metrics", "/v1/model"):
            answer = self.ask(path, path, None, method="GET")
            if path in ("/livez", "/readyz") and answer.status_code != 200:
                wrong[f"{path}: {answer.status_code}"] += 1

    @task(3)
    def bad_requests(self) -> None:
        for name, path, body, kind, status in (
            ("bad JSON", "/v1/classify", b'{"texts": [', JSON, 400),
            ("a wrong type", "/v1/classify", {"texts": "one"}, JSON, 422),
            ("no JSON", "/predict", b"<xml/>", {"Content-Type": "text/xml"}, 415),
            ("an unknown parameter", "/v1/classify?priro=news", {"texts": ["a"]}, JSON, 422),
            ("no such path", "/v1/zebra", {}, JSON, 404),
        ):
            answer = self.ask(name, path, body, kind)
            if answer.status_code != status:
                wrong[f"{name}: {answer.status_code} and not {status}"] += 1

    @task(1)
    def huge(self) -> None:
        with _connected() as connection:
            status = _status(connection, "/v1/classify", JSON, b'{"texts": ["' + b"a" * 6_000_000)
        seen["a huge body"][status] += 1
        if status not in ("413", "503"):
            wrong[f"a huge body: {status} and not 413"] += 1

    @task(2)
    def hangs_up(self) -> None:
        body = json.dumps({"texts": random.sample(TEXTS, 64)}).encode()
        with _connected() as connection:
            connection.sendall(_head("/v1/classify", JSON, len(body)) + body[: random.randrange(len(body) + 1)])
            gevent.sleep(random.random() / 5)
        seen["hangs up"]["gone"] += 1

    @task(1)
    def reads_slowly(self) -> None:
        line = json.dumps({"text": TEXTS[0]}).encode() + b"\n"
        with _connected() as connection:
            connection.sendall(_head("/v1/score", LINES, 500 * len(line)) + 500 * line)
            for _ in range(10):
                gevent.sleep(0.5)
                if not connection.recv(100):
                    break
        seen["reads slowly"]["gone"] += 1


def _documented(method: str, path: str, answer: Any) -> bool:
    statuses = FACTS["statuses"].get(f"{method} {path}", ["404"])
    if answer.status_code == 503 and "too-many-connections" in answer.text:
        return "retry-after" in answer.headers
    if str(answer.status_code) not in statuses:
        return False
    if answer.status_code < 400:
        return True
    told = answer.json()
    as_problem = {"type", "title", "status", "detail", "instance"} <= told.keys()
    retry = answer.status_code != 429 or int(answer.headers["retry-after"]) >= 1
    return retry and (as_problem or told.keys() == {"error", "error_type"})


def _line(told: dict[str, Any], text: str) -> bool:
    if told.get("status") == 503:
        return True  # it was not answered within the deadline, and says so
    return {name: value for name, value in told.items() if name not in ("line", "id")} == EXPECTED[text]


def _hold(name: str, right: bool, count: int) -> None:
    sentences["answered"] += count
    if not right:
        wrong[f"{name}: a wrong answer"] += 1


def _connected() -> socket.socket:
    place = urlsplit(FACTS["url"])
    connection = socket.create_connection((place.hostname, place.port), timeout=60)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return connection


def _head(path: str, kind: dict[str, str], length: int) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {length}"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in kind.items()), "", ""]).encode()


def _status(connection: socket.socket, path: str, kind: dict[str, str], body: bytes) -> str:
    connection.sendall(_head(path, kind, len(body)) + body)
    return connection.recv(12).decode("latin-1")[-3:]


def _write(environment: Environment, **_: Any) -> None:
    total = environment.stats.total
    latency = {
        entry.name: {f"p{share * 100:g}": entry.get_response_time_percentile(share) for share in (0.5, 0.95, 0.99)}
        for entry in environment.stats.entries.values()
    }
    for error in environment.runner.exceptions.values() if environment.runner else ():
        wrong[f"an error in a client: {error['msg']}"] += error["count"]
    facts = {
        "requests": total.num_requests,
        "requests_a_second": round(total.total_rps, 1),
        "statuses": {name: dict(counts) for name, counts in sorted(seen.items())},
        "wrong": dict(wrong),
        "sentences": dict(sentences),
        "milliseconds": latency,
    }
    Path(os.environ["LOAD_RESULT"]).write_text(json.dumps(facts), "utf-8")


events.quitting.add_listener(_write)  # type: ignore[no-untyped-call]
