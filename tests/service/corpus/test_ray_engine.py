"""The engine ray, on a real local cluster of two nodes: the local engine's predictions, whatever dies."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from models.classifier import Classifier
from models.errors import EngineError, InputError
from models.rows import Row
from tests.models.conftest import make_model

pytest.importorskip("ray", reason="the extra [ray] is not installed; `make test` installs it")

from service.corpus.engine import Engine, LocalEngine
from service.corpus.plan import Options, Plan
from service.corpus.ray_engine import RayEngine
from service.corpus.run import Advance
from service.corpus.run import score as to_files
from service.corpus.sources import sources_of
from service.corpus.stream import Step
from service.corpus.targets import target_of

ACTOR = "ray::MapWorker"
WORDS = ("bad", "good", "plain", "doubtful", "unheard")
# Ray and the libraries that it brings leave files and sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default")


def texts(number: int) -> list[str]:
    """A block of texts that no other block has."""
    return [f"{WORDS[each % 5]} {WORDS[(each + number) % 5]} {'plain ' * (number % 4)}" for each in range(5)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("ray") / "tiny")


@pytest.fixture(scope="module")
def local(model: Path) -> Classifier:
    return Classifier.load(model, threads=1)


@pytest.fixture(scope="module")
def cluster(model: Path) -> Iterator[Any]:
    RayEngine(model)  # switches the usage statistics off, in all that is started from here
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "object_store_memory": 100 * 2**20, "include_dashboard": False}
    started = Cluster(initialize_head=True, head_node_args=node)
    started.add_node(**node)
    yield started
    started.shutdown()


@pytest.fixture(scope="module")
def engine(cluster: Any, model: Path) -> Iterator[RayEngine]:
    with RayEngine(model, address=cluster.address) as engine:
        yield engine


def actors(cluster: Any) -> list[list[psutil.Process]]:
    """The processes that have the model, by node."""
    raylets = [node.all_processes["raylet"][0].process.pid for node in cluster.list_all_nodes()]
    children = [psutil.Process(pid).children(recursive=True) for pid in raylets]
    return [[child for child in found if child.cmdline()[0].startswith(ACTOR)] for found in children]


def test_an_actor_is_killed_in_the_middle_and_nothing_is_lost(
    cluster: Any, engine: RayEngine, local: Classifier
) -> None:
    blocks = [texts(number) for number in range(40)]
    blocks[7] = []
    drawn = []

    def drawing() -> Iterator[Sequence[str]]:
        for number, block in enumerate(blocks):
            drawn.append(number)
            yield block

    results = engine.predict(drawing())
    found = [next(results) for _ in range(10)]
    # Two blocks for each of two actors, and no more, whatever the file's length.
    assert len(drawn) <= 10 + 5
    first, second = actors(cluster)
    assert (len(first), len(second)) == (1, 1)
    killed = second[0]
    killed.kill()
    found += results
    assert found == [local.classify(block) for block in blocks]
    assert not killed.is_running() or killed.status() == psutil.STATUS_ZOMBIE


def test_the_model_is_that_of_the_directory_with_its_prior(model: Path, engine: RayEngine) -> None:
    assert engine.model == "0.0.1"
    news = RayEngine(model, prior="news", actors=1)
    wanted = Classifier.load(model, threads=1, prior="news").classify(texts(1))
    with news:
        assert list(news.predict(iter([texts(1)]))) == [wanted]
    assert wanted != Classifier.load(model, threads=1).classify(texts(1))


def test_files_are_those_of_the_local_engine_also_where_one_goes_on_for_the_other(
    engine: RayEngine, local: Classifier, tmp_path: Path
) -> None:
    source = tmp_path / "posts.csv"
    rows = (f'{number},"{WORDS[number % 5]}  {number % 900} good"\n' for number in range(1500))
    source.write_text("id,text\n" + "".join(rows), "utf-8")

    def score(name: str, chosen: Engine, advance: Advance = lambda _: None) -> bytes:
        sources = sources_of([str(source)])
        target = target_of(tmp_path / name, sources, folder=False, format=None, partitions=False)
        to_files(Plan(sources, target, Options()), chosen, notice=str, bad=str, advance=advance)
        return (tmp_path / name).read_bytes()

    def stop(step: Step) -> None:
        if isinstance(step.item, Row) and step.item.line == 1200:
            raise KeyboardInterrupt

    wanted = score("local.csv", LocalEngine(local))
    assert wanted.count(b"\n") == 1501
    assert score("ray.csv", engine) == wanted
    with pytest.raises(KeyboardInterrupt):
        score("stopped.csv", engine, stop)
    assert score("stopped.csv", LocalEngine(local)) == wanted


def test_of_nothing_comes_nothing(engine: RayEngine) -> None:
    assert list(engine.predict(iter(()))) == []


@pytest.mark.usefixtures("engine")
def test_usage_statistics_are_off_on_the_driver_and_on_every_node(cluster: Any) -> None:
    import ray
    from ray._common.usage import usage_lib

    assert not usage_lib.usage_stats_enabled()
    processes = [each for node in cluster.list_all_nodes() for found in node.all_processes.values() for each in found]
    assert len(processes) > 4
    for each in processes:
        assert psutil.Process(each.process.pid).environ()["RAY_USAGE_STATS_ENABLED"] == "0"
    seen = ray.remote(num_cpus=0)(lambda: os.environ["RAY_USAGE_STATS_ENABLED"]).remote()
    assert ray.get(seen) == "0"


def test_what_cannot_be_used_is_told_before_anything_starts(model: Path) -> None:
    with pytest.raises(InputError, match="no prior 'mine'; choose one of balanced, news"):
        RayEngine(model, prior="mine")


@pytest.mark.parametrize(
    ("address", "error", "told"),
    [
        ("127.0.0.1:1", EngineError, "127.0.0.1:1 cannot be reached; start it with `ray start --head`"),
        ("ray://127.0.0.1:1", EngineError, "cannot be reached"),
        ("somewhere", InputError, "somewhere is no address .* HOST:PORT"),
        ("127.0.0.1:port", InputError, "is no address"),
    ],
)
def test_a_cluster_that_is_not_there_is_told_at_once(
    model: Path, address: str, error: type[Exception], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with pytest.raises(error, match=told), RayEngine(model, address=address):
        pass
