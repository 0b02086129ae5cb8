"""A browser and a server with labels of its own for these tests, and a fresh tab for each of them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from models.classifier import Classifier
from tests.service.live import Server, running
from tests.service.web.browser import Browser, Page, Visit, chromium

Visits = Callable[..., Visit]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # Not for the session: as long as it runs, no test of this thread elsewhere can have an event loop.
    with chromium() as started:
        yield started


@pytest.fixture(scope="package")
def site(classifier: Classifier, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    database = tmp_path_factory.mktemp("labels") / "labels.sqlite3"
    with running(classifier, threads=1, labels_database=f"sqlite:///{database}") as server:
        yield server


@pytest.fixture
def visits(browser: Browser) -> Iterator[Visits]:
    """Make visits to a server; each is checked when the test ends."""
    made: list[Visit] = []

    def visit(server: Server, **options: Any) -> Visit:
        made.append(Visit(browser, server.port, **options))
        return made[-1]

    yield visit
    for each in made:
        each.close()


@pytest.fixture
def page(visits: Visits, site: Server) -> Page:
    """The page, open in a fresh tab."""
    return visits(site).open()
