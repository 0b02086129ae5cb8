"""The fixtures of the service's tests: the model, loaded once, servers on sockets, and a registry of tiny models."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from models.classifier import Classifier
from models.registry import Registry
from tests.models.conftest import make_model
from tests.service.live import Held, Server, running

Start = Callable[..., AbstractContextManager[Server]]


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return Classifier.load(threads=1)


@pytest.fixture(scope="session")
def server(classifier: Classifier) -> Iterator[Server]:
    """A server with the default settings, one thread, shared by all tests that leave it as it is."""
    with running(classifier, threads=1) as started:
        yield started


@pytest.fixture
def start(classifier: Classifier) -> Start:
    """Start a server with settings of the test's own."""
    return lambda **settings: running(classifier, **{"threads": 1, **settings})


@pytest.fixture
def held(classifier: Classifier) -> Iterator[Held]:
    """The real classifier, which can be held up and broken by what the texts begin with."""
    held = Held(classifier)
    yield held
    held.let_go.set()


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """A registry with the whole versions one and two, and one that is broken."""
    registry = Registry(tmp_path / "registry")
    (registry.folder / "versions").mkdir(parents=True)
    for version in ("one", "two", "broken"):
        make_model(registry.folder / "versions" / version, version=version)
    (registry.folder / "versions" / "broken" / "model.onnx").write_bytes(b"no graph")
    return registry
