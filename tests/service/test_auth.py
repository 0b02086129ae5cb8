"""Keys over a real socket: who is let in, to what, and what is told to the others."""

import logging
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.classifier import Classifier
from models.errors import SettingsError
from service.app import create_app
from service.keys import Scope, add_key, remove_key
from service.logging import JsonFormatter
from service.settings import load_settings
from tests.service.live import Answer, Server, running

TEXTS = {"texts": ["The convoy reached the border on Tuesday."]}


class Guarded:
    """A server that asks for keys, and a key of each scope."""

    def __init__(self, server: Server, path: Path, secrets: dict[Scope, str]) -> None:
        self.server, self.path, self.secrets = server, path, secrets

    def classify(self, **headers: str) -> Answer:
        return self.server.post("/v1/classify", TEXTS, {name.replace("_", "-"): headers[name] for name in headers})


@pytest.fixture(scope="module")
def guarded(classifier: Classifier, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    secrets = {scope: add_key(path, f"the-{scope}", [scope]) for scope in Scope}
    with running(classifier, threads=1, keys_file=path) as server:
        yield Guarded(server, path, secrets)


def test_a_key_is_taken_from_either_header(guarded: Guarded) -> None:
    secret = guarded.secrets[Scope.READ]
    for headers in (
        {"Authorization": f"Bearer {secret}"},
        {"Authorization": f"bearer  {secret}"},
        {"X-API-Key": secret},
        {"Authorization": f"Bearer {secret}", "X-API-Key": secret},
        {"Authorization": "Basic dTpw", "X-API-Key": secret},
    ):
        assert guarded.classify(**headers).status == 200, list(headers)


def test_without_a_known_key_the_answer_is_401(guarded: Guarded) -> None:
    read, label = guarded.secrets[Scope.READ], guarded.secrets[Scope.LABEL]
    for headers in (
        {},
        {"Authorization": "Bearer "},
        {"Authorization": read},
        {"Authorization": f"Basic {read}"},
        {"Authorization": f"Bearer {read}x"},
        {"X-API-Key": "é"},
        {"X-API-Key": read[:-1]},
        {"Authorization": f"Bearer {read}", "X-API-Key": label},
    ):
        answer = guarded.classify(**headers)
        assert answer.status == 401, list(headers)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
        assert answer.json["type"] == "urn:ru-stance:problem:unauthorized"
        assert read not in answer.body.decode()


def test_the_wrong_scope_is_403(guarded: Guarded) -> None:
    for scope in (Scope.LABEL, Scope.ADMIN):
        answer = guarded.classify(X_API_Key=guarded.secrets[scope])
        assert answer.status == 403
        assert answer.json["type"] == "urn:ru-stance:problem:forbidden"
        assert "scope read" in answer.json["detail"]
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_only_the_probes_and_the_description_need_no_key(guarded: Guarded) -> None:
    for path in ("/livez", "/readyz", "/docs", "/openapi.json", "/docs/assets/docs.js", "/", "/page/main.js"):
        assert guarded.server.get(path).status == 200, path
    guarded_paths = ("/v1/model", "/nothing", "/livez/", "//livez", "/docs/../v1/model", "/v1/%6dodel", "/docs/assets")
    for path in (*guarded_paths, "/page"):
        assert guarded.server.get(path).status == 401, path
    for path in ("/", "/livez", "/docs"):
        assert guarded.server.post(path, TEXTS).status == 401, path
    inside = guarded.server.get("/docs/assets/../../v1/model")
    assert inside.status == 404, "below the page's files there are but files"


def test_a_body_is_not_read_before_the_key_is_known(guarded: Guarded) -> None:
    with socket.create_connection(("127.0.0.1", guarded.server.port), timeout=20) as connection:
        connection.sendall(
            b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 4000000\r\n\r\n{"
        )
        assert connection.recv(12) == b"HTTP/1.1 401"


def test_a_removed_key_is_refused_at_once_and_a_new_one_taken(guarded: Guarded) -> None:
    secret = add_key(guarded.path, "late", [Scope.READ])
    assert guarded.classify(X_API_Key=secret).status == 200
    remove_key(guarded.path, "late")
    assert guarded.classify(X_API_Key=secret).status == 401


def test_while_the_file_cannot_be_read_nobody_is_let_in(classifier: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    secret = add_key(path, "a", [Scope.READ])
    with running(classifier, threads=1, keys_file=path) as server:
        good = path.read_bytes()
        assert server.get("/v1/model", X_API_Key=secret).status == 200
        path.write_bytes(b"damaged")
        assert server.get("/v1/model", X_API_Key=secret).status == 401
        path.unlink()
        assert server.get("/v1/model", X_API_Key=secret).status == 401
        path.write_bytes(good)
        assert server.get("/v1/model", X_API_Key=secret).status == 200


def test_keys_are_never_logged_and_their_names_are(guarded: Guarded, caplog: pytest.LogCaptureFixture) -> None:
    secret = guarded.secrets[Scope.READ]
    with caplog.at_level(logging.DEBUG):
        guarded.classify(Authorization=f"Bearer {secret}")
        guarded.classify(X_API_Key=secret + "x")
        guarded.server.get(f"/v1/model?key={secret}")
    # The command turns uvicorn's own log of requests off; pytest turns it on.
    lines = [JsonFormatter().format(record) for record in caplog.records if record.name != "uvicorn.access"]
    assert any('"key": "the-read"' in line for line in lines)
    assert not any(secret in line for line in lines)


def test_the_description_tells_of_the_keys_only_where_they_are_asked_for(guarded: Guarded, server: Server) -> None:
    description = guarded.server.get("/openapi.json").json
    schemes = description["components"]["securitySchemes"]
    kinds = {name: (scheme["type"], scheme.get("scheme") or scheme["name"]) for name, scheme in schemes.items()}
    assert set(kinds.values()) == {("http", "bearer"), ("apiKey", "X-API-Key")}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            is_open = path in ("/livez", "/readyz") or (method, path) == ("get", "/")
            named = {name for each in operation.get("security", []) for name in each}
            assert named == (set() if is_open else set(kinds))
            assert {"401", "403"}.isdisjoint(operation["responses"]) == is_open
    plain = server.get("/openapi.json").json
    assert "securitySchemes" not in plain["components"]
    assert not re.search(r'"(401|security)"', str(plain))


def test_it_does_not_start_without_a_usable_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    with pytest.raises(SettingsError, match="ru-stance keys add makes it"):
        create_app(load_settings(keys_file=path))
    path.write_text('{"keys": []}', "utf-8")
    with pytest.raises(SettingsError, match="has no key"):
        create_app(load_settings(keys_file=path))


def test_with_keys_it_may_listen_beyond_this_machine(tmp_path: Path) -> None:
    load_settings(host="0.0.0.0", keys_file=tmp_path / "keys.json").require_safe()
