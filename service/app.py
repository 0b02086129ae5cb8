"""The FastAPI application: its rooms put together."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from fastapi import Depends, FastAPI

from models.classifier import Classifier
from models.errors import LabelsUnavailable
from models.machine import usable_cores
from service import problems
from service.auth import KeyCheck, KeyRing, needs
from service.batching import WorkerPool
from service.cache import ResultCache, ServedClassifier
from service.feedback.database import Database
from service.feedback.store import LabelStore
from service.keys import Scope
from service.logging import log
from service.metrics import Metrics
from service.middleware import HostCheck, RequestContext
from service.query import known_parameters
from service.reload import Follower, load_classifier
from service.routes import (
    classify,
    docs,
    document,
    explain,
    health,
    labels,
    metrics,
    model,
    page,
    pipeline,
    predict,
    reload,
    score,
)
from service.routes.labels import Labels
from service.settings import Settings, load_settings
from service.state import Service

DESCRIPTION = """
Tells which way a sentence bears on Russian involvement abroad: critical, neutral or supportive.
A label is the model's reading of the words. It is no verdict on whether they are true, nor on who wrote them.
""".strip()


def create_app(settings: Settings | None = None, classifier: Classifier | None = None) -> FastAPI:
    """Build the application.

    Args:
        settings: what to run with; read from the environment when left out.
        classifier: the model; loaded from the directory in the settings at start when left out.

    Raises:
        SettingsError: a setting in the environment, or the file of keys, cannot be used.
    """
    chosen, counters = settings or load_settings(), Metrics()
    database = Database(chosen.labels)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        nonlocal classifier
        loaded = classifier if classifier is not None else await asyncio.to_thread(load_classifier, chosen)
        pool = WorkerPool(
            chosen.threads or usable_cores(),
            chosen.max_waiting_tokens,
            # Half of the time that it has: smaller requests that come later are through before it.
            max_seconds=chosen.deadline / 2,
            hang_seconds=chosen.hang_seconds,
            watch=counters,
        )
        cache = ResultCache(chosen.result_cache_bytes)

        def serve(model: Classifier) -> None:
            """Have later requests use this model; those that run keep the service that they began with."""
            served = ServedClassifier(model, counters, cache)
            app.state.service = Service(chosen, cast(Classifier, served), pool, counters)
            # What the documentation's examples are classified with: they are nobody's sentences.
            app.state.uncounted = Service(chosen, model, pool)
            # Made anew when it is asked for; kept beside its model, it would keep an old one in memory.
            app.state.description = None

        serve(loaded)
        app.state.follower = Follower(chosen, loaded.info.version, serve, counters)
        # Held here, the first model would stay in memory when another one is served.
        classifier = None
        del loaded
        following = asyncio.create_task(app.state.follower.follow())
        opened = asyncio.create_task(asyncio.to_thread(_open, database))
        try:
            yield
        finally:
            following.cancel()
            pool.close()
            await opened
            app.state.labels.close()

    app = FastAPI(
        title="ru-stance",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        dependencies=[Depends(known_parameters)],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.metrics = counters
    app.state.labels = Labels(LabelStore(database))
    problems.install(app)
    guarded: dict[str, Any] = {}
    for_labels: dict[str, Any] = {}
    for_reload: dict[str, Any] = {}
    if chosen.keys_file is not None:
        app.add_middleware(KeyCheck, ring=KeyRing(chosen.keys_file))
        guarded = {"dependencies": [needs(Scope.READ)], "responses": problems.documented(401, 403)}
        for_labels = guarded | {"dependencies": [needs(Scope.LABEL)]}
        for_reload = guarded | {"dependencies": [needs(Scope.ADMIN)]}
    # The last one added is the outermost: a refused host is logged and has an id, too.
    app.add_middleware(HostCheck, names=("localhost", chosen.host.lower(), *chosen.allowed_hosts))
    app.add_middleware(RequestContext, metrics=counters)
    for room in (classify, document, explain, score, predict, pipeline, model, metrics):
        app.include_router(room.router, **guarded)
    app.include_router(labels.router, **for_labels)
    app.include_router(reload.router, **for_reload)
    app.include_router(health.router)
    docs.install(app)
    page.install(app)
    counters.expect((path, method.upper()) for path, item in app.openapi()["paths"].items() for method in item)
    return app


def _open(database: Database) -> None:
    """Bring the database of labels to its present form. What it lacks is told by the log; the rest is served."""
    try:
        database.migrate()
    except LabelsUnavailable as error:
        log(logging.ERROR, "people's labels cannot be used", error)
