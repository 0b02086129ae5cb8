"""Lines in and lines out over a real socket: streamed both ways, in order, and with nothing held that grows."""

import contextlib
import json
import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from models.classifier import Classifier
from service.logging import LOGGER
from service.middleware import CLIENT_GONE
from tests.service.conftest import Start
from tests.service.live import Answer, Held, Server, classify, running, until, waiting

LINES = {"Content-Type": "application/x-ndjson"}
HEAD = b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
# Two groups of 64 lines are under way at a time.
MOST_WAITING = 2 * 64


def line(text: str, **members: Any) -> bytes:
    return json.dumps({"text": text, **members}).encode() + b"\n"


def score(server: Server, body: bytes | Iterator[bytes], path: str = "/v1/score") -> Answer:
    return server.post(path, body, LINES)


def lines_of(answer: Answer) -> list[Any]:
    assert (answer.status, answer.headers["Content-Type"]) == (200, LINES["Content-Type"])
    return [json.loads(each) for each in answer.body.splitlines()]


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def test_each_line_is_answered_in_order_as_classify_answers_it(server: Server) -> None:
    texts = [f"Convoy {number} looted the village." for number in range(150)]
    told = lines_of(score(server, b"".join(line(text, id=f"n{number}") for number, text in enumerate(texts))))
    assert [each.pop("line") for each in told] == list(range(1, 151))
    assert [each.pop("id") for each in told] == [f"n{number}" for number in range(150)]
    assert told == classify(server, *texts).json["results"]


def test_lines_may_be_cut_anywhere_and_the_last_need_not_end(server: Server) -> None:
    body = line("Россия пришла на помощь 🔥", id=1) + b"\r\n \n" + line("a")[:-1]
    whole = lines_of(score(server, body))
    assert [(each["line"], each["id"]) for each in whole] == [(1, 1), (4, None)]
    assert lines_of(score(server, (body[index : index + 1] for index in range(len(body))))) == whole


@pytest.mark.parametrize("body", [b"", b"\n", b" \n\r\n"])
def test_a_body_without_lines_has_an_empty_answer(server: Server, body: bytes) -> None:
    assert lines_of(score(server, body)) == []


BAD: dict[str, tuple[bytes, int, str]] = {
    "no JSON": (b'{"text": "zebra"', 400, "The line is not valid JSON: "),
    "not UTF-8": ('{"text": "зебра zebra"}'.encode("cp1251"), 400, "The line is not valid UTF-8 at byte 10"),
    "duplicate key": (b'{"text": "zebra", "text": "a"}', 400, "the same key twice"),
    "deep nesting": (b"[" * 100_000, 400, "nested too deeply"),
    "a list": (b'["zebra"]', 422, "The line must be a JSON object"),
    "no text": (b'{"txt": "zebra"}', 422, 'text is missing; The line has a field that is not known here, "txt"'),
    "a number": (b'{"text": 5}', 422, "text must be a string"),
    "lone surrogate": (b'{"text": "zebra \\ud800"}', 422, "text holds half of a surrogate pair"),
    "id a list": (b'{"text": "zebra", "id": [1]}', 422, "id must be a string of at most 256 characters, an integer"),
    "id true": (b'{"text": "zebra", "id": true}', 422, "id must be a string"),
    "long id": (b'{"text": "a", "id": "' + b"zebra" * 52 + b'"}', 422, "id must be a string of at most 256"),
    "id half a pair": (b'{"text": "zebra", "id": "\\ud800"}', 422, "id holds half of a surrogate pair"),
    "long text": (line("zebra" * 2001)[:-1], 413, "10005 characters; a text may have 10000"),
    "long line": (b'{"text": "' + b"zebra" * 1_000_000 + b'"}', 413, "The line may have at most 4194304 bytes"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_is_answered_in_place_and_the_stream_goes_on(server: Server, name: str) -> None:
    bad, status, detail = BAD[name]
    answer = score(server, line("a", id="x") + bad + b"\n" + line("b", id="y"))
    before, problem, after = lines_of(answer)
    assert (before["line"], before["id"], after["line"], after["id"]) == (1, "x", 3, "y")
    assert set(before) == set(after) == {"line", "id", *classify(server, "a").json["results"][0]}
    assert set(problem) == {"line", "id", "type", "title", "status", "detail", "instance"}
    assert (problem["line"], problem["id"], problem["status"]) == (2, None, status)
    assert detail in problem["detail"]
    assert b"zebra" not in answer.body


@pytest.mark.parametrize("given", ["x", 7, None])
@pytest.mark.parametrize("bad", [{"text": "a" * 10_001}, {"text": 5}, {"txt": "zebra"}, {"text": "a", "extra": 1}])
def test_the_problem_of_a_line_whose_id_can_be_read_has_it(server: Server, given: object, bad: dict[str, Any]) -> None:
    (problem,) = lines_of(score(server, json.dumps({**bad, "id": given}).encode()))
    assert (problem["id"], "label" in problem) == (given, False)


def test_a_prior_is_named_in_the_query(server: Server, classifier: Classifier) -> None:
    for prior in classifier.info.priors:
        answer = score(server, line("Moscow lies."), f"/v1/score?prior={prior}")
        assert answer.headers["Model-Version"] == classifier.info.version
        (told,) = lines_of(answer)
        assert told["scores"] == pytest.approx(classifier.classify_one("Moscow lies.", prior=prior).scores, abs=1e-5)
    refused = score(server, line("a"), "/v1/score?prior=zebra")
    assert (refused.status, refused.headers["Content-Type"]) == (422, "application/problem+json")
    assert "zebra" not in refused.json["detail"]


@pytest.mark.parametrize("headers", [{"Content-Type": "application/json"}, {**LINES, "Content-Encoding": "gzip"}])
def test_a_body_that_is_not_plain_lines_is_refused(server: Server, headers: dict[str, str]) -> None:
    answer = server.post("/v1/score", line("a"), headers)
    assert (answer.status, answer.headers["Content-Type"]) == (415, "application/problem+json")


def test_a_line_is_answered_before_the_next_is_sent(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        received = b""
        for number in range(1, 4):
            connection.sendall(chunk(line("a", id=number)))
            while received.count(b'"unsupported"') < number:
                received += connection.recv(65536)
            assert b'"id":%d' % number in received
        connection.sendall(b"0\r\n\r\n")
        while not received.endswith(b"0\r\n\r\n"):
            received += connection.recv(65536)


def test_no_more_is_read_than_the_client_takes(held: Held) -> None:
    with running(held, threads=1) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(line("hold")))
            assert held.entered.wait(60)
            connection.settimeout(1)
            sent, block = 0, b" " * 200 + line("Moscow lies.", id="x" * 200)
            connection.sendall(b"%x\r\n" % (1_000_000 * len(block)))
            with contextlib.suppress(TimeoutError):
                while sent < 50_000_000:
                    sent += connection.send(block * 1000)
            assert sent < 20_000_000, "the body is read without end"
            assert waiting(server) <= MOST_WAITING
        held.let_go.set()
        until(lambda: waiting(server) == 0)


@pytest.mark.parametrize("lines", [100, 4000])
def test_a_client_that_hangs_up_stops_the_work(held: Held, lines: int) -> None:
    body = b"".join(line(f"gone {number}") for number in range(lines))
    # Of the longer body the end never comes.
    length = len(body) if lines == 100 else 9_999_999
    with running(held, threads=1) as server, ThreadPoolExecutor(1) as clients:
        busy = clients.submit(classify, server, "hold")
        assert held.entered.wait(60)
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n%b" % (length, body))
            until(lambda: waiting(server) >= 100)
        until(lambda: waiting(server) == 0)
        held.let_go.set()
        assert busy.result().status == 200
        assert classify(server, "after").status == 200
    assert held.seen == ["hold", "after"]


def test_a_full_queue_is_429_at_the_start_and_waited_for_later(held: Held) -> None:
    limits: dict[str, Any] = {"threads": 1, "max_waiting_tokens": 2, "max_texts": 2, "max_sentences": 2}
    with running(held, **limits) as server, ThreadPoolExecutor(2) as clients:
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as early:
            early.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(line("a", id="first")))
            received = b""
            while b'"first"' not in received:
                received += early.recv(65536)
            first = clients.submit(classify, server, "hold")
            assert held.entered.wait(60)
            second = clients.submit(classify, server, "b", "c")
            until(lambda: waiting(server) == 2)
            refused = score(server, line("a"))
            assert (refused.status, refused.headers["Content-Type"]) == (429, "application/problem+json")
            assert int(refused.headers["Retry-After"]) >= 1
            early.sendall(chunk(line("d", id="second") + line("e") + line("f", id="last")) + b"0\r\n\r\n")
            held.let_go.set()
            while not received.endswith(b"0\r\n\r\n"):
                received += early.recv(65536)
        assert [first.result().status, second.result().status] == [200, 200]
        assert received.count(b'"label"') == 4
        assert received.index(b'"second"') < received.index(b'"last"')


def test_a_line_on_which_the_model_fails_is_told_and_its_neighbours_are_answered(held: Held) -> None:
    with running(held, threads=1) as server:
        told = lines_of(score(server, line("a") + line("fail zebra", id="x") + line("b")))
    assert [each.get("status") for each in told] == [None, 500, None]
    assert told[1]["id"] == "x"
    assert "zebra" not in str(told)


def test_lines_that_wait_past_the_deadline_are_told_so(held: Held) -> None:
    with running(held, threads=1, deadline=0.3) as server:
        told = lines_of(score(server, line("hold") + line("b") + b"[]\n"))
        assert [each["status"] for each in told] == [503, 503, 422]
        assert "0.3 seconds" in told[0]["detail"]
        assert waiting(server) == 0
        held.let_go.set()


def test_a_body_that_stops_arriving_is_cut_off(start: Start) -> None:
    with start(deadline=2) as server:  # in which a busy machine answers a line, too
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as silent:
            silent.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(b'{"text"'))
            assert silent.recv(65536).startswith(b"HTTP/1.1 408 ")
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as slow:
            slow.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(line("a", id="x") + b'{"text"'))
            received = b""
            while not received.endswith(b"0\r\n\r\n"):
                received += slow.recv(65536)
        assert received.startswith(b"HTTP/1.1 200 ")
        assert b'"line":1,"id":"x","label"' in received
        assert b'"line":2,"id":null,"type":"urn:ru-stance:problem:request-timeout"' in received


def test_a_client_that_reads_nothing_is_given_up(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER.name)
    body = b"[]\n" * 200_000
    with start(deadline=0.4) as server, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(1)
        connection.connect(("127.0.0.1", server.port))
        with contextlib.suppress(TimeoutError):
            connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        until(lambda: any(getattr(record, "fields", {}).get("status") == CLIENT_GONE for record in caplog.records))
        assert waiting(server) == 0


def test_every_documented_status_is_answered(server: Server, classifier: Classifier) -> None:
    seen = {
        score(server, b"").status,
        server.post("/v1/score", b"", {"Content-Type": "text/plain"}).status,
        server.post("/v1/score", b"", {**LINES, "Host": "evil.example"}).status,
        score(server, b"", "/v1/score?prior=zebra").status,
    }
    with running(classifier, lifespan="off") as unready:
        seen.add(score(unready, b"").status)
    operation = server.get("/openapi.json").json["paths"]["/v1/score"]["post"]
    # A full queue and a silent client have tests of their own above.
    assert seen | {429, 408} == {int(status) for status in operation["responses"]}
    asked = operation["requestBody"]["content"]["application/x-ndjson"]["example"]
    told = operation["responses"]["200"]["content"]["application/x-ndjson"]["example"]
    assert score(server, asked.encode()).body.decode() == told
