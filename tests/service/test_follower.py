"""What follows the released model, without a server around it: it lets models go, and loads for whoever asks."""

import asyncio
import gc
import threading
import weakref

import pytest

from models.classifier import Classifier
from models.errors import ModelBroken, ReloadRefused
from models.registry import Registry, Release
from service import reload as reloading
from service.app import create_app
from service.metrics import Metrics
from service.settings import Settings, load_settings


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
