"""What an attacker tries over HTTP, on every path that there is; see SECURITY.md."""

import io
import json
import logging
import socket
from pathlib import Path

import pytest

from service.keys import Scope, add_key
from service.logging import JsonFormatter, log
from service.middleware import HEADERS
from tests.service.live import Answer, Server
from tests.service.test_server import start as start_process

ORIGIN = "https://evil.example"
# A path that may be kept by the browser says so itself, and a page has a policy of its own.
OWN = {"Cache-Control", "Content-Security-Policy"}


@pytest.fixture(scope="module")
def operations(server: Server) -> list[tuple[str, str]]:
    """Every method and path of the API's description."""
    paths = server.get("/openapi.json").json["paths"]
    found = [(method.upper(), path.replace("{id}", "1")) for path, item in paths.items() for method in item]
    assert len(found) > 15
    return found


def has_all(answer: Answer) -> None:
    assert {name: answer.headers[name] for name in HEADERS if name not in OWN} == {
        name: value for name, value in HEADERS.items() if name not in OWN
    }
    assert answer.headers["Cache-Control"] in ("no-store", "no-cache")
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Server"] is None
    assert [name for name in answer.headers if name.lower().startswith("access-control-")] == []


def test_every_answer_has_the_headers(server: Server, operations: list[tuple[str, str]]) -> None:
    for method, path in [*operations, ("GET", "/"), ("GET", "/docs"), ("GET", "/nothing"), ("GET", "/page/main.js")]:
        has_all(server.request(method, path))
        has_all(server.request(method, path, headers={"Host": "evil.example"}))


@pytest.mark.parametrize("sent", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000])
def test_a_refused_connection_is_told_with_the_headers_too(server: Server, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(sent)
        head = connection.recv(65536).partition(b"\r\n\r\n")[0].decode().splitlines()
    assert {f"{name}: {value}".lower() for name, value in HEADERS.items()} <= {line.lower() for line in head}


def test_other_sites_are_allowed_nothing(server: Server, operations: list[tuple[str, str]]) -> None:
    """CORS is off: a preflight is refused, and no answer tells a browser that another site may read it."""
    for method, path in operations:
        asked = {
            "Origin": ORIGIN,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "x-api-key",
        }
        preflight = server.request("OPTIONS", path, headers=asked)
        assert preflight.status == 405
        has_all(preflight)
        has_all(server.request(method, path, headers={"Origin": ORIGIN}))


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_what_a_form_of_another_site_may_send_unasked_is_refused(
    server: Server, operations: list[tuple[str, str]], kind: str
) -> None:
    """A browser sends these kinds for any site without asking first; all that changes something needs another one."""
    posts = [path for method, path in operations if method == "POST"]
    assert "/v1/labels" in posts
    for path in posts:
        assert server.post(path, b'{"text": "a", "label": "neutral"}', {"Content-Type": kind}).status == 415, path
    assert server.get("/v1/labels").json["labels"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/page/../app.py",
        "/page/..%2f..%2fapp.py",
        "/page/%2e%2e/%2e%2e/app.py",
        "/page//etc/passwd",
        "/docs/assets/../../../../../../etc/passwd",
        "/docs/assets/%2fetc%2fpasswd",
        "/page/..%5c..%5capp.py",
        "/page/index.html%00.js",
        "/page/",
    ],
)
def test_no_path_leads_out_of_the_page(server: Server, path: str) -> None:
    answer = server.get(path)
    assert answer.status == 404
    assert answer.json["type"].startswith("urn:ru-stance:problem:")


def test_nothing_that_is_sent_begins_a_line_of_the_log_or_comes_into_it(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    secret = add_key(keys, "newsroom", frozenset({Scope.READ}))
    process = start_process(RU_STANCE_KEYS_FILE=str(keys), RU_STANCE_LOG_LEVEL="debug", RU_STANCE_DATA=str(tmp_path))
    known = {"X-API-Key": secret}
    sent = "zebra\u2028{\u0085\u001b[31m\\n\\r"
    try:
        server = process.server
        assert server.get("/v1/model", X_API_Key=secret).status == 200
        assert server.get("/v1/model", Authorization=f"Bearer {secret}").status == 200
        assert server.get("/v1/model", X_API_Key=f"{secret}zebra").status == 401
        assert server.get(f"/zebra%0a%7b?key={secret}", **{"X_API_Key": secret}).status == 404
        assert server.get("/v1/model", X_API_Key=secret, X_Request_ID=f"zebra {secret}").status == 200
        assert server.post("/v1/classify", {"texts": [sent]}, known).status == 200
        assert server.post("/v1/classify", {"texts": [sent, 1], "zebra\n": 1}, known).status == 422
        assert server.post("/v1/labels", {"text": sent, "label": "zebra"}, known).status in (403, 422)
        with socket.create_connection(("127.0.0.1", process.port), timeout=30) as connection:
            connection.sendall(f"ZEBRA / HTTP/1.1\r\nX-API-Key: {secret}\r\n\r\n".encode())
            assert connection.recv(65536).startswith(b"HTTP/1.1 400")
    finally:
        status, lines = process.stop()  # which reads every line as JSON
    assert status == 0
    told = json.dumps(lines)
    assert "zebra" not in told.lower()
    assert secret not in told
    assert {line["key"] for line in lines if "key" in line} == {"newsroom"}


def test_a_line_of_the_log_stays_one_line_whatever_is_in_it() -> None:
    """Names of models, files and keys come from whoever runs the service; even these cannot forge a line."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("ru_stance.service")
    logger.addHandler(handler)
    try:
        log(logging.ERROR, "a\nb", name='x\r\n{"level": "info"}\u2028\u0085\x1b[2J\x9b')
    finally:
        logger.removeHandler(handler)
    written = stream.getvalue()
    assert len(written.splitlines()) == 1
    assert all(character.isprintable() for character in written.rstrip("\n"))
    assert json.loads(written)["name"].startswith("x\r\n{")
