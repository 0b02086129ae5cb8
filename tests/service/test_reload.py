"""The released model changes while the service runs: no request fails, a broken model is refused, rollback works."""

import gc
import shutil
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.registry import SHIPPED, Registry
from service.keys import Scope, add_key
from tests.models.conftest import make_model
from tests.service.live import Server, classify, running, until
from tests.service.test_metrics import told
from tests.service.test_server import Process, start

TEXT = "Good and plain."


@pytest.fixture
def server(registry: Registry) -> Iterator[Server]:
    registry.release("one", why="the first")
    with running(None, threads=1, registry=registry.folder) as started:
        yield started


def served(server: Server) -> str:
    version: str = classify(server, TEXT).json["model"]
    return version


def reload(server: Server, **headers: str) -> tuple[int, dict[str, str]]:
    answer = server.post("/v1/model/reload", {}, headers)
    return answer.status, answer.json


def test_a_release_and_a_rollback_are_taken_and_told(server: Server, registry: Registry) -> None:
    assert served(server) == server.get("/v1/model").json["version"] == server.get("/info").json["model_sha"] == "one"
    registry.release("two", why="better")
    until(lambda: served(server) == "two")
    assert server.get("/v1/model").json["version"] == "two"
    registry.rollback(why="worse")
    until(lambda: served(server) == "one")
    assert told(server)['ru_stance_model_reloads_total{"outcome": "served"}'] == 2


def test_the_model_before_leaves_the_memory_and_the_documentation(server: Server, registry: Registry) -> None:
    def example() -> str:
        answers = server.get("/openapi.json").json["paths"]["/v1/classify"]["post"]["responses"]
        version: str = answers["200"]["content"]["application/json"]["example"]["model"]
        return version

    assert example() == "one"
    before = weakref.ref(server.app.state.uncounted.classifier)
    registry.release("two", why="better")
    assert reload(server)[0] == 200
    # The task of the last request keeps it a moment longer.
    until(lambda: gc.collect() >= 0 and before() is None)
    assert example() == "two"


def test_no_request_fails_while_the_model_changes(server: Server, registry: Registry) -> None:
    stop, statuses, versions = threading.Event(), [], set()

    def ask() -> None:
        while not stop.is_set():
            answer = classify(server, *[TEXT] * 20)
            statuses.append(answer.status)
            versions.add(answer.json["model"])

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    for version in ("two", "one", "two"):
        registry.release(version, why="to and fro")
        status, answer = reload(server)
        assert (status, answer) == (200, {"model": version})
    stop.set()
    for client in clients:
        client.join(60)
    assert len(statuses) > 4
    assert set(statuses) == {200}
    assert versions == {"one", "two"}


def test_a_broken_model_is_refused_and_the_one_before_stays(server: Server, registry: Registry) -> None:
    registry.release("broken", why="nobody looked")
    status, answer = reload(server)
    assert (status, answer["type"]) == (409, "urn:ru-stance:problem:reload-refused")
    assert str(registry.folder) not in answer["detail"]
    assert served(server) == "one"
    assert told(server)['ru_stance_model_reloads_total{"outcome": "refused"}'] >= 1
    registry.pointer.write_text("{", "utf-8")
    assert reload(server)[0] == 409
    assert server.get("/readyz").status == 200
    registry.release("two", why="mended")
    until(lambda: served(server) == "two")


def test_without_a_release_the_shipped_model_is_served_until_there_is_one(registry: Registry) -> None:
    with running(None, threads=1, registry=registry.folder) as server:
        shipped = served(server)
        assert reload(server) == (200, {"model": shipped})
        registry.release("one", why="so")
        until(lambda: served(server) == "one")
        registry.release(SHIPPED, why="back")
        until(lambda: served(server) == shipped)


def test_a_model_that_the_settings_name_stays_and_is_loaded_again_on_demand(registry: Registry, tmp_path: Path) -> None:
    mine = make_model(tmp_path / "mine", version="mine")
    with running(None, threads=1, registry=registry.folder, model=mine) as server:
        shutil.rmtree(mine)
        make_model(mine, version="mended")
        assert reload(server) == (200, {"model": "mended"})
        registry.release("two", why="for others")
        assert reload(server) == (200, {"model": "mended"})
        assert served(server) == "mended"


def test_only_an_admin_has_it_loaded_again(registry: Registry, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    reader, admin = add_key(keys, "reader", [Scope.READ]), add_key(keys, "admin", [Scope.ADMIN])
    registry.release("one", why="so")
    with running(None, threads=1, registry=registry.folder, keys_file=keys) as server:
        statuses = [reload(server)[0], *(reload(server, **{"X-API-Key": key})[0] for key in (reader, admin))]
        assert statuses == [401, 403, 200]


def test_a_page_cannot_have_it_loaded_again(server: Server) -> None:
    for headers in ({"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}):
        assert server.post("/v1/model/reload", b"{}", headers).status == 415
    assert server.post("/v1/model/reload", {"model": "/etc"}).status == 422


def test_every_worker_takes_the_release(registry: Registry) -> None:
    registry.release("one", why="the first")
    process = start(RU_STANCE_WORKERS="2", RU_STANCE_THREADS="2", RU_STANCE_REGISTRY=str(registry.folder))
    try:
        assert {served(process.server) for _ in range(10)} == {"one"}
        registry.release("two", why="better")
        assert reload(process.server) == (200, {"model": "two"})
        until(lambda: told(process.server)['ru_stance_model_reloads_total{"outcome": "served"}'] >= 2)
        # One worker alone may have counted two: its watch took the release, too.
        until(lambda: {served(process.server) for _ in range(20)} == {"two"})
        status, log = process.stop()
    finally:
        _end(process)
    assert status == 0
    taken = [entry for entry in log if entry["message"] == "another model is served"]
    assert len(taken) >= 2
    # A worker that had taken the release by itself loads it once more when that is asked for.
    assert {(entry["version"], entry["before"]) for entry in taken} - {("two", "two")} == {("two", "one")}


def _end(process: Process) -> None:
    process.popen.kill()
    process.popen.communicate()
