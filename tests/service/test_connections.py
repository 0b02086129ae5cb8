"""What one connection may cost, over real sockets: heads that are slow or long, bodies without end, slow readers."""

import json
import socket
import time
from contextlib import ExitStack

import pytest

from service.connections import KEPT_FOR_PROBES
from tests.service.conftest import Start
from tests.service.live import Server, until

GET = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n"


def connect(server: Server, *, buffer: int | None = None) -> socket.socket:
    connection = socket.socket()
    if buffer is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", server.port))
    return connection


def read(connection: socket.socket) -> bytes:
    """All that comes until the connection is closed."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionResetError:
        pass
    return received


def send_on(connection: socket.socket, data: bytes) -> None:
    """Send the same again and again."""
    while True:
        connection.sendall(data)
        time.sleep(0.05)


def problem(answer: bytes) -> tuple[int, str]:
    """Status and name of a problem, which is all that was received."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"\r\ncontent-type: application/problem+json" in head.lower()
    assert b"\r\nconnection: close" in head.lower()
    found = json.loads(body)
    assert int(head[9:12]) == found["status"]
    return found["status"], found["type"].rpartition(":")[2]


@pytest.mark.parametrize("begun", [b"", b"\r\n", GET, GET + b"\r\n"])
def test_a_head_has_to_arrive_in_time(start: Start, begun: bytes) -> None:
    with start(head_seconds=0.3) as server, connect(server) as connection:
        connection.sendall(begun)
        if begun == GET + b"\r\n":
            assert connection.recv(12) == b"HTTP/1.1 200"
            while not connection.recv(65536).endswith(b"}"):
                pass
            connection.sendall(b"GET ")
        assert problem(read(connection)) == (408, "request-timeout")


def test_a_head_that_comes_byte_by_byte_gets_no_more_time(start: Start) -> None:
    with start(head_seconds=0.5) as server, connect(server) as connection:
        begun = time.monotonic()
        connection.sendall(GET)
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            send_on(connection, b"a")
        assert time.monotonic() - begun < 20


def test_a_head_that_is_too_long_is_refused(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(GET + b"X-Filler: " + b"a" * 70_000)
        assert problem(read(connection)) == (431, "head-too-large")
    assert server.get("/livez", X_Filler="a" * 20_000).status == 200


def test_what_is_no_http_is_told_as_a_problem(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
        assert problem(read(connection)) == (400, "malformed-request")


def test_past_the_most_connections_the_answer_is_503_at_once(start: Start) -> None:
    with start(max_connections=3) as server, ExitStack() as stack:
        held = [stack.enter_context(connect(server)) for _ in range(3)]
        for connection in held:
            connection.sendall(GET + b"\r\n")
            assert connection.recv(12) == b"HTTP/1.1 200"
        for sent in (b"", b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"):
            with connect(server) as refused:
                refused.sendall(sent)
                answer = read(refused)
            assert problem(answer) == (503, "too-many-connections")
            assert b"\r\nretry-after: 1\r\n" in answer.lower()
        held[0].close()
        until(lambda: server.get("/v1/model").status == 200)


def test_probes_are_answered_past_the_most_connections_too(start: Start) -> None:
    with start(max_connections=1) as server, connect(server) as held:
        held.sendall(GET + b"\r\n")
        assert held.recv(12) == b"HTTP/1.1 200"
        assert server.get("/v1/model").status == 503
        for path in ("/livez", "/readyz", "/livez?verbose"):
            answer = server.get(path)
            assert (answer.status, answer.headers["Connection"]) == (200, "close")
        with ExitStack() as stack:
            for _ in range(KEPT_FOR_PROBES):
                stack.enter_context(connect(server))
            with connect(server) as one_more:
                assert problem(read(one_more)) == (503, "too-many-connections")


def test_a_refused_body_may_not_go_on_for_ever(start: Start) -> None:
    with start(deadline=0.5) as server, connect(server) as connection:
        connection.sendall(b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 415"
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            send_on(connection, b"a" * 1000)


@pytest.mark.parametrize(("rest", "status"), [(GET + b"Connection: close\r\n\r\n", b"200"), (b"", b"408")])
def test_after_a_refused_body_the_connection_is_of_use_but_not_kept_for_ever(
    start: Start, rest: bytes, status: bytes
) -> None:
    with start(head_seconds=0.5) as server, connect(server) as connection:
        connection.sendall(b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 415")
        connection.sendall(b"abc" + rest)
        assert b"HTTP/1.1 " + status in read(connection)


def test_a_body_that_comes_slowly_behind_another_request_gets_its_time(start: Start) -> None:
    with start(deadline=1.5) as server, connect(server) as connection:
        connection.sendall(GET + b"\r\nPOST /v1/score HTTP/1.1\r\nHost: localhost\r\n"
                           b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n")  # fmt: skip
        line = b'{"text": "Good and plain."}\n'
        for _ in range(10):
            connection.sendall(b"%x\r\n%b\r\n" % (len(line), line))
            time.sleep(0.2)
        connection.sendall(b"0\r\n\r\n")
        received = b""
        while not received.endswith(b"\r\n0\r\n\r\n"):
            part = connection.recv(65536)
            assert part, "the connection was given up"
            received += part
        assert received.count(b'"label"') == 10


def test_an_answer_that_is_not_taken_is_given_up(start: Start) -> None:
    asset = b"GET /docs/assets/swagger-ui/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with start(deadline=0.5) as server:
        length = len(server.get("/docs/assets/swagger-ui/swagger-ui-bundle.js").body)
        with connect(server, buffer=4096) as connection:
            # More than the two ends of the connection hold without anybody reading.
            connection.sendall(asset * 12)
            assert connection.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 200"
            until(lambda: not server.connections)
            assert 0 < len(read(connection)) < 12 * length, "the rest was thrown away"
