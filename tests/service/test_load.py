"""The server under load and under faults, over real sockets; the model is slowed down or broken on purpose."""

import json
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from models.classifier import Classifier
from service.batching import MAX_FAILURES
from service.logging import JsonFormatter
from tests.service.live import Held, Server, classify, running, until, waiting


def test_many_clients_each_get_their_own_answers(server: Server, classifier: Classifier) -> None:
    texts = [f"Convoy number {number} reached the border on Tuesday." for number in range(64)]
    expected = [prediction.scores["critical"] for prediction in classifier.classify(texts)]
    with ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(lambda text: classify(server, text, text), texts))
    for answer, critical in zip(answers, expected, strict=True):
        first, second = answer.json["results"]
        assert first == second
        assert abs(first["scores"]["critical"] - critical) < 1e-3


def test_a_huge_request_does_not_hold_up_a_small_one(held: Held) -> None:
    with running(held, threads=1) as server, ThreadPoolExecutor(3) as clients:
        busy = clients.submit(classify, server, "hold")
        assert held.entered.wait(60)
        huge = clients.submit(classify, server, *(f"huge {number}" for number in range(300)))
        until(lambda: waiting(server) == 300)
        small = clients.submit(classify, server, "small 0", "small 1")
        until(lambda: waiting(server) == 302)
        held.let_go.set()
        assert [busy.result().status, small.result().status] == [200, 200]
        assert len(huge.result().json["results"]) == 300
    assert max(held.seen.index(text) for text in ("small 0", "small 1")) <= 4


def test_past_the_bound_the_answer_is_429_at_once(held: Held) -> None:
    limits: dict[str, Any] = {"max_waiting_tokens": 10, "max_texts": 10, "max_sentences": 10}
    with running(held, threads=1, **limits) as server, ThreadPoolExecutor(2) as clients:
        first = clients.submit(classify, server, "hold")
        assert held.entered.wait(60)
        second = clients.submit(classify, server, *"abcdefghij")
        until(lambda: waiting(server) == 10)
        for path, body in (("/v1/classify", {"texts": ["k"]}), ("/v1/document", {"text": "K."})):
            refused = server.post(path, body)
            assert refused.status == 429
            assert refused.json["type"] == "urn:ru-stance:problem:overloaded"
            assert int(refused.headers["Retry-After"]) >= 1
        assert server.get("/livez").status == 200
        assert server.get("/readyz").status == 200
        held.let_go.set()
        assert [first.result().status, second.result().status] == [200, 200]
        assert classify(server, "k").status == 200


def test_a_long_document_is_not_refused_by_an_idle_service_with_a_short_queue(classifier: Classifier) -> None:
    with running(classifier, threads=1, max_waiting_tokens=2, max_texts=2, max_sentences=2) as server:
        answer = server.post("/v1/document", {"text": "Talks went on " + "and on " * 200 + "on Monday."})
    assert answer.status == 200


def test_an_answer_past_the_deadline_is_503_and_its_work_is_dropped(held: Held) -> None:
    with running(held, threads=1, deadline=0.3) as server:
        answer = classify(server, "hold", *"abcdefghij")
        assert answer.status == 503
        assert answer.json["type"] == "urn:ru-stance:problem:deadline-exceeded"
        assert "0.3 seconds" in answer.json["detail"]
        assert waiting(server) == 0
        held.let_go.set()


def test_the_work_of_a_client_that_hangs_up_is_dropped(held: Held) -> None:
    body = json.dumps({"texts": [f"gone {number}" for number in range(500)]}).encode()
    with running(held, threads=1) as server, ThreadPoolExecutor(1) as clients:
        busy = clients.submit(classify, server, "hold")
        assert held.entered.wait(60)
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            connection.sendall(
                b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )
            until(lambda: waiting(server) == 500)
        until(lambda: waiting(server) == 0)
        held.let_go.set()
        assert busy.result().status == 200
        assert classify(server, "here").status == 200
    assert held.seen == ["hold", "here"]


def test_a_failing_model_is_a_500_that_tells_no_text(held: Held, caplog: pytest.LogCaptureFixture) -> None:
    with running(held, threads=1) as server, caplog.at_level(logging.INFO):
        with ThreadPoolExecutor(1) as clients:
            neighbour = clients.submit(classify, server, *["a fine text"] * 20)
            answer = classify(server, "fail on zebra")
            assert neighbour.result().status == 200
        assert answer.status == 500
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json["type"] == "urn:ru-stance:problem:internal-error"
        assert server.get("/readyz").status == 200
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert any('"error": "RuntimeError"' in line and "classify_here" in line for line in lines)
    assert "zebra" not in answer.body.decode() + "".join(lines)


def test_a_model_that_keeps_failing_is_not_ready_but_alive(held: Held) -> None:
    with running(held, threads=1) as server:
        for _ in range(MAX_FAILURES):
            assert classify(server, "fail").status == 500
        answer = server.get("/readyz")
        assert (answer.status, answer.json["type"]) == (503, "urn:ru-stance:problem:not-ready")
        assert server.get("/livez").status == 200


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_worker_is_not_ready_but_alive(held: Held) -> None:
    with running(held, threads=1) as server:
        assert classify(server, "die").status == 503
        until(lambda: server.get("/readyz").status == 503)
        assert server.get("/livez").status == 200


def test_without_a_model_it_is_not_ready_but_alive(classifier: Classifier) -> None:
    with running(classifier, threads=1, lifespan="off") as server:
        for answer in (server.get("/readyz"), server.get("/v1/model"), classify(server, "a")):
            assert (answer.status, answer.json["type"]) == (503, "urn:ru-stance:problem:not-ready")
        assert server.get("/livez").status == 200


def test_the_application_loads_the_model_of_the_settings_itself(classifier: Classifier) -> None:
    with running(None, threads=1) as server:
        assert server.get("/v1/model").json["version"] == classifier.info.version


def test_a_dropped_connection_in_the_middle_of_a_body_harms_nobody(server: Server) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            connection.sendall(
                b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b'Content-Length: 100000\r\n\r\n{"texts": ["'
            )
    assert classify(server, "still here").status == 200
