"""The released model changes while the service runs: no request fails, a broken model is refused, rollback works."""

import asyncio
import gc
import shutil
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.classifier import Classifier
from models.errors import ModelBroken, ReloadRefused
from models.registry import SHIPPED, Registry, Release
from service import reload as reloading
from service.app import create_app
from service.keys import Scope, add_key
from service.metrics import Metrics
from service.settings import Settings, load_settings
from tests.models.conftest import make_model
from tests.service.live import Server, classify, running, until
from tests.service.test_metrics import told
from tests.service.test_server import Process, start

TEXT = "Good and plain."


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """A registry with the whole versions one and two, and one that is broken."""
    registry = Registry(tmp_path / "registry")
    (registry.folder / "versions").mkdir(parents=True)
    for version in ("one", "two", "broken"):
        make_model(registry.folder / "versions" / version, version=version)
    (registry.folder / "versions" / "broken" / "model.onnx").write_bytes(b"no graph")
    return registry


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


def test_a_model_that_the_application_was_given_leaves_the_memory_too(registry: Registry) -> None:
    registry.release("one", why="the first")
    settings = load_settings(registry=registry.folder, threads=1)
    app = create_app(settings, reloading.load_classifier(settings))

    async def scenario() -> None:
        async with app.router.lifespan_context(app):
            before = weakref.ref(app.state.uncounted.classifier)
            registry.release("two", why="better")
            assert await app.state.follower.reload() == "two"
            gc.collect()
            assert before() is None

    asyncio.run(scenario())


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


def test_a_release_is_loaded_though_who_asked_for_that_has_gone(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading, go_on, load = threading.Event(), threading.Event(), reloading.load_classifier

    def slow(settings: Settings) -> Classifier:
        loading.set()
        assert go_on.wait(60)
        return load(settings)

    async def scenario() -> None:
        taken: asyncio.Queue[str] = asyncio.Queue()
        settings = load_settings(registry=registry.folder, threads=1)
        follower = reloading.Follower(settings, "one", lambda model: taken.put_nowait(model.info.version), Metrics())
        registry.release("two", why="better")
        asking = asyncio.create_task(follower.reload())
        await asyncio.to_thread(loading.wait, 60)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        go_on.set()
        following = asyncio.create_task(follower.follow())
        assert await asyncio.wait_for(taken.get(), 20) == "two"
        following.cancel()

    monkeypatch.setattr(reloading, "load_classifier", slow)
    asyncio.run(scenario())


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


def test_who_asks_is_told_of_a_broken_model_that_the_watch_has_found_first(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = threading.Event()

    def broken(_: Settings) -> Classifier:
        looked.set()
        raise ModelBroken("Its graph is no graph.")

    async def scenario() -> None:
        follower = reloading.Follower(load_settings(registry=registry.folder), "one", lambda _: None, Metrics())
        announce = follower.registry.announce

        def watched() -> Release:
            announced = announce()
            assert looked.wait(60)
            return announced

        monkeypatch.setattr(follower.registry, "announce", watched)
        registry.release("broken", why="nobody looked")
        following = asyncio.create_task(follower.follow())
        assert await asyncio.to_thread(looked.wait, 60)
        looked.clear()
        with pytest.raises(ReloadRefused):
            await follower.reload()
        following.cancel()

    monkeypatch.setattr(reloading, "load_classifier", broken)
    monkeypatch.setattr(reloading, "SECONDS", 0.01)
    asyncio.run(scenario())


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
        assert {served(process.server) for _ in range(20)} == {"two"}
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
