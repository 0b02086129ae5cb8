"""Bad requests over a real socket: each gets a problem that says how to mend it and quotes no value of it."""

import json
import re
import select
import socket
from typing import Any

import pytest

from tests.service.conftest import Start
from tests.service.live import Answer, Server

SECRET = "zebra"
NESTED = b'{"texts":' + b"[" * 100_000 + b"]" * 100_000 + b"}"

# name: (body, status, what the detail says)
BODIES: dict[str, tuple[Any, int, str]] = {
    "empty": (b"", 400, "body is empty"),
    "white space": (b" \n", 400, "body is empty"),
    "cut off": (b'{"texts": ["zebra"', 400, "not valid JSON: .* line 1, column 19"),
    "trailing comma": (b'{"texts": ["zebra",]}', 400, "not valid JSON"),
    "two values": (b'{"texts": ["zebra"]} {}', 400, "not valid JSON"),
    "raw NUL": (b'{"texts": ["zebra\x00"]}', 400, "control character, at line 1, column 18"),
    "not UTF-8": ('{"texts": ["зебра zebra"]}'.encode("cp1251"), 400, "not valid UTF-8 at byte 12"),
    "UTF-16": ('{"texts": ["zebra"]}'.encode("utf-16"), 400, "not valid UTF-8"),
    "surrogate as UTF-8": (b'{"texts": ["zebra \xed\xa0\x80"]}', 400, "not valid UTF-8"),
    "NaN": (b'{"texts": [NaN]}', 400, "holds NaN"),
    "infinity": (b'{"texts": [-Infinity]}', 400, "holds -Infinity"),
    "duplicate key": (b'{"texts": ["zebra"], "texts": ["a"]}', 400, "same key twice"),
    "deep nesting": (NESTED, 400, "nested too deeply"),
    "huge integer": (b'{"texts": [' + b"9" * 10_000 + b"]}", 400, "more than 100 digits"),
    "100,000 fields": ({f"zebra {number}": 1 for number in range(100_000)}, 400, "more than 100 fields"),
    "a list": (["zebra"], 422, "body must be a JSON object"),
    "a string": (b'"zebra"', 422, "body must be a JSON object"),
    "null": (b"null", 422, "body must be a JSON object"),
    "no texts": ({}, 422, "texts is missing"),
    "no texts at all": ({"texts": []}, 422, "texts must hold at least one text"),
    "texts a string": ({"texts": "zebra"}, 422, "texts must be a list"),
    "texts null": ({"texts": None}, 422, "texts must be a list"),
    "a number": ({"texts": ["zebra", 5]}, 422, r"texts\[1\] must be a string"),
    "a list within": ({"texts": [["zebra"]]}, 422, r"texts\[0\] must be a string"),
    "100,000 numbers": ({"texts": [1] * 100_000}, 422, r"texts\[0\] must be a string"),
    "lone surrogate": (b'{"texts": ["a", "zebra \\ud800"]}', 422, r"texts\[1\] holds half of a surrogate pair"),
    "surrogates swapped": (b'{"texts": ["zebra \\udc00\\ud800"]}', 422, "half of a surrogate pair"),
    "unknown field": ({"texts": ["a"], "size": SECRET}, 422, 'field that is not known here, "size";'),
    "long name": ({"texts": ["a"], "{x}" + "y" * 37 + SECRET: 1}, 422, 'here, "{x}y{37}";'),
    "surrogate in a name": (b'{"texts": ["a"], "\\ud800": 1}', 422, "body holds half of a surrogate pair"),
    "misspelt field": ({"text": ["zebra"]}, 422, 'texts is missing; .*field that is not known here, "text"'),
    "unknown prior": ({"texts": ["a"], "prior": SECRET}, 422, "prior must be one of"),
    "prior a number": ({"texts": ["a"], "prior": 5}, 422, "prior must be a string"),
    "100,000 texts": ({"texts": ["zebra"] * 100_000}, 413, "100000 texts; one request may have 1024"),
    "long text": ({"texts": ["a", "zebra" * 2001]}, 413, r"texts\[1\] has 10005 characters; .* 10000"),
    "10 MB": (b'{"texts": ["' + b"zebra" * 2_000_000 + b'"]}', 413, "at most 4194304 bytes"),
}


def assert_problem(answer: Answer, status: int, detail: str) -> None:
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json
    assert problem["status"] == status
    assert problem["type"].startswith("urn:ru-stance:problem:")
    assert problem["title"]
    assert problem["instance"].endswith(answer.headers["X-Request-ID"])
    assert re.search(detail, problem["detail"]), problem["detail"]
    assert SECRET not in answer.body.decode()


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_gets_a_problem(server: Server, name: str) -> None:
    body, status, detail = BODIES[name]
    assert_problem(server.post("/v1/classify", body), status, detail)


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"text": ["zebra"]}, 422, "text must be a string"),
        ({"texts": ["zebra"]}, 422, "text is missing"),
        (b'{"text": "zebra \\udfff."}', 422, "text holds half of a surrogate pair"),
        ({"text": "zebra " * 40_000}, 413, "240000 characters; a document may have 200000"),
        ({"text": "A zebra ran. " * 5000}, 413, "5000 sentences; a document may have 4096"),
        ({"text": "a", "prior": "zebra"}, 422, "prior must be one of"),
    ],
)
def test_a_bad_document_gets_a_problem(server: Server, body: Any, status: int, detail: str) -> None:
    assert_problem(server.post("/v1/document", body), status, detail)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Encoding": "gzip"},
    ],
)
def test_a_body_that_is_not_plain_json_is_refused(server: Server, headers: dict[str, str]) -> None:
    assert_problem(server.post("/v1/classify", b'{"texts": ["zebra"]}', headers), 415, "^Send ")


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON", "application/ld+json"])
def test_json_may_be_called_by_its_other_names(server: Server, media_type: str) -> None:
    assert server.post("/v1/classify", b'{"texts": ["a"]}', {"Content-Type": media_type}).status == 200


@pytest.mark.parametrize(
    "text", ["a\0b", "\0", "\u202eحرب\u202c", "👩‍👩‍👧‍👦🇷🇺", "e\u0301" * 50, "\ufeff", "\U0010ffff"]
)
def test_odd_but_valid_texts_are_classified(server: Server, text: str) -> None:
    assert server.post("/v1/classify", {"texts": [text]}).status == 200
    assert server.post("/v1/document", {"text": text}).status == 200


def test_a_byte_order_mark_is_ignored(server: Server) -> None:
    assert server.post("/v1/classify", b'\xef\xbb\xbf{"texts": ["a"]}').status == 200


def test_a_chunked_body_is_cut_off_at_the_limit(server: Server) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(
            b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        sent = 0
        while not select.select([connection], [], [], 0)[0]:
            assert sent < 1000 * len(chunk), "the body is read without end"
            connection.sendall(chunk)
            sent += len(chunk)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")
    assert sent > 4 * 1024 * 1024


def test_limits_come_from_the_settings(start: Start) -> None:
    with start(
        max_texts=2, max_characters=5, max_body_bytes=1024, max_document_characters=20, max_sentences=2
    ) as server:
        assert server.post("/v1/classify", {"texts": ["zebr5"] * 2}).status == 200
        assert_problem(server.post("/v1/classify", {"texts": ["a"] * 3}), 413, "3 texts; one request may have 2")
        assert_problem(server.post("/v1/classify", {"texts": ["zebra!"]}), 413, "6 characters; a text may have 5")
        assert_problem(server.post("/v1/classify", {"texts": ["a" * 1024]}), 413, "at most 1024 bytes")
        assert_problem(server.post("/v1/document", {"text": "a" * 21}), 413, "21 characters; a document may have 20")
        assert_problem(server.post("/v1/document", {"text": "One. Two. Three."}), 413, "3 sentences")
        limits = server.get("/v1/model").json["limits"]
        assert (limits["max_texts"], limits["max_characters"], limits["max_sentences"]) == (2, 5, 2)


def test_a_body_that_does_not_arrive_is_given_up(start: Start) -> None:
    with start(deadline=0.2) as server, socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(
            b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b'Content-Length: 100\r\n\r\n{"texts"'
        )
        assert connection.recv(65536).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("method", "path", "status", "detail"),
    [
        ("GET", "/zebra", 404, "/docs"),
        ("GET", "/docs/assets/zebra.js", 404, "/docs"),
        ("GET", "/docs/assets/..%2f..%2f..%2fsettings.py", 404, "/docs"),
        ("POST", "/v1/classify/", 404, "/docs"),
        ("GET", "/v1/classify", 405, "Send POST instead"),
        ("DELETE", "/v1/model", 405, "Send GET instead"),
        ("PUT", "/v1/labels", 405, "Send GET or POST instead"),
        ("PUT", "/docs/assets/docs.js", 405, "Send GET"),
    ],
)
def test_a_wrong_path_or_method_gets_a_problem(
    server: Server, method: str, path: str, status: int, detail: str
) -> None:
    answer = server.request(method, path)
    assert_problem(answer, status, detail)
    assert (answer.headers["Allow"] is not None) == (status == 405)


def test_the_server_answers_after_all_that(server: Server) -> None:
    for body, _, _ in BODIES.values():
        server.post("/v1/classify", body)
    assert server.get("/readyz").status == 200
    assert json.loads(server.post("/v1/classify", {"texts": ["a"]}).body)["results"]


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("POST", "/v1/score?priro=news", '"priro" is not known here; is prior meant?'),
        ("POST", "/v1/score?prior=news&zebra=1", '"zebra" is not known here; there are prior.'),
        ("POST", "/v1/classify?prior=news", '"prior" is not known here; this path takes none.'),
        ("GET", "/v1/model?verbose", '"verbose" is not known here; this path takes none.'),
    ],
)
def test_an_unknown_query_parameter_is_refused(server: Server, method: str, path: str, told: str) -> None:
    lines = {"Content-Type": "application/x-ndjson"} if "score" in path else None
    answer = server.request(method, path, None if method == "GET" else b'{"texts": ["a"]}', lines)
    assert (answer.status, answer.json["type"]) == (422, "urn:ru-stance:problem:invalid-input")
    assert told in answer.json["detail"]


@pytest.mark.parametrize("path", ["/info?zebra=1", "/metrics?name=zebra", "/livez?zebra=1"])
def test_the_paths_of_other_contracts_ignore_what_they_do_not_know(server: Server, path: str) -> None:
    assert server.get(path).status == 200
