"""The Host header, against DNS rebinding, and the headers of every answer."""

import pytest

from tests.service.conftest import Start
from tests.service.live import Server


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "localhost", "LOCALHOST.:80", "[::1]:8000", "10.0.0.7", "[fe80::1]"]
)
def test_addresses_and_localhost_are_taken(server: Server, host: str) -> None:
    assert server.get("/livez", Host=host).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "a, 127.0.0.1", "[::1", "[evil]", "a b"],
)
def test_another_name_is_refused(server: Server, host: str) -> None:
    answer = server.get("/v1/model", Host=host)
    assert answer.status == 421
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "RU_STANCE_ALLOWED_HOSTS" in answer.json["detail"]


def test_names_come_from_the_settings(start: Start) -> None:
    with start(allowed_hosts="stance.example.org,*.internal") as server:
        statuses = {
            host: server.get("/livez", Host=host).status
            for host in ("stance.example.org", "STANCE.example.org:80", "a.internal", "internal", "example.org")
        }
    assert list(statuses.values()) == [200, 200, 200, 421, 421]


def test_a_star_takes_any_name(start: Start) -> None:
    with start(allowed_hosts="*") as server:
        assert server.get("/livez", Host="anything.example").status == 200


@pytest.mark.parametrize("path", ["/livez", "/docs", "/v1/model", "/nothing", "/docs/assets/docs.js"])
def test_every_answer_forbids_what_a_browser_should_not_do(server: Server, path: str) -> None:
    headers = server.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Access-Control-Allow-Origin"] is None
