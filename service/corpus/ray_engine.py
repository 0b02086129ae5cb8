"""The engine ``ray``: the model on every core of a Ray cluster, by Ray Data."""

import logging
import os
import pickle
import socket
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from models.directory import CHECKSUMS, SERVED, open_directory
from models.errors import EngineError, InputError, MissingExtra, RuStanceError
from models.prediction import Prediction

_NO_USAGE_STATISTICS: Final = {"RAY_USAGE_STATS_ENABLED": "0"}
# Of each actor that may be started again, Ray's core prints a warning of arguments that might get lost; ours cannot.
_QUIET: Final = {"RAY_BACKEND_LOG_LEVEL": "fatal"}
_REACHED_WITHIN: Final = 10.0  # seconds
# Blocks of texts that are in memory for every actor: one that it works on, one that waits for it.
_BLOCKS_AN_ACTOR: Final = 2


class RayEngine:
    """Classifies blocks of texts on a Ray cluster. The predictions are those of the local engine, in the same order.

    Every actor loads the model once, on one core; the model is sent to it, so that only ru-stance itself has to be
    installed on the nodes. An actor that dies is started again, and its blocks are done again.

    Args:
        model: the model directory; the default one when left out.
        prior: as in :class:`models.classifier.Classifier`.
        address: a running cluster: ``HOST:PORT``, ``ray://HOST:PORT``, or ``auto`` for one on this machine. Left out,
            ``RAY_ADDRESS``, and without that a cluster of this machine alone, which ends with the engine.
        actors: how many; one a core of the cluster when left out.

    Raises:
        MissingExtra: Ray is not installed.
        ModelError: the model directory cannot be used.
        InputError: the model has no such prior.
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        prior: str | None = None,
        address: str | None = None,
        actors: int | None = None,
    ) -> None:
        directory = open_directory(model)
        if prior is not None and prior not in directory.priors:
            raise InputError(f"The model has no prior {prior!r}; choose one of {', '.join(directory.priors)}.")
        self._directory, self._prior, self._address, self._actors = directory, prior, address, actors
        self._ray = _import_ray()
        self._started = False

    @property
    def model(self) -> str:
        """Version of the model."""
        return self._directory.info.version

    def predict(self, blocks: Iterator[Sequence[str]]) -> Iterator[list[Prediction]]:
        """The predictions of each block, in order; at most two blocks an actor are drawn ahead.

        Raises:
            EngineError: the cluster cannot go on.
        """
        first = next(blocks, None)
        if first is None:
            return
        with self._told():
            actors = self._actors or max(1, int(self._ray.cluster_resources().get("CPU", 1)))
            feed = self._feed()
            results = self._results(feed, actors)
        try:
            drawn = answered = 0
            block: Sequence[str] | None = first
            while block is not None or answered < drawn:
                while block is not None and drawn - answered < actors * _BLOCKS_AN_ACTOR:
                    with self._told():
                        self._ray.get(feed.put.remote(drawn, list(block)))
                    drawn, block = drawn + 1, next(blocks, None)
                with self._told():
                    if block is None:
                        self._ray.get(feed.end.remote())
                    answer = next(results)["answer"][0].as_py()
                    self._ray.get(feed.drop.remote(answered))
                answered += 1
                yield pickle.loads(answer)
        finally:
            results.close()
            self._ray.kill(feed)

    def __enter__(self) -> Self:
        """Connect to the cluster, or start one.

        Raises:
            EngineError: there is no such cluster.
        """
        if not self._ray.is_initialized():
            address = self._address or os.environ.get("RAY_ADDRESS") or "local"
            _require_reachable(address)
            local = {"include_dashboard": False} if address == "local" else {}
            with self._told():
                self._ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **local)
            self._started = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the cluster; one that was started here ends."""
        if self._started:
            self._ray.shutdown()
            self._started = False

    def _feed(self) -> Any:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        from service.corpus.ray_workers import Feed

        here = NodeAffinitySchedulingStrategy(self._ray.get_runtime_context().get_node_id(), soft=False)
        files = {name: (self._directory.path / name).read_bytes() for name in (*SERVED, CHECKSUMS)}
        return self._ray.remote(Feed).options(num_cpus=0, scheduling_strategy=here).remote(files)

    def _results(self, feed: Any, actors: int) -> Generator[Any, None, None]:
        import ray.data

        from service.corpus.ray_workers import Numbers, Predictor

        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        context.execution_options.preserve_order = True
        # Each number, and each answer, is passed on at once, and not gathered to larger blocks.
        context.target_max_block_size = 1
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        # The reading task only waits, so that it needs no core; that also keeps it from being put into the actors.
        dataset = ray.data.read_datasource(Numbers(feed), override_num_blocks=1, num_cpus=0)
        dataset = dataset.map_batches(
            Predictor,
            fn_constructor_args=(feed, self._prior),
            batch_size=1,
            batch_format="pyarrow",
            zero_copy_batch=True,
            num_cpus=1,
            compute=ray.data.ActorPoolStrategy(size=actors),
        )
        yield from dataset.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns Ray's errors into ours."""
        try:
            yield
        except RuStanceError:
            raise
        except StopIteration as error:
            raise EngineError("The Ray cluster ended the run before all was scored; run the command again.") from error
        except (self._ray.exceptions.RayError, ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise EngineError(_message(error, self._address)) from error


def _require_reachable(address: str) -> None:
    # Ray itself would try for minutes, and fill the screen.
    try:
        place = urlsplit(address if "://" in address else f"//{address}")
        host, port = place.hostname, place.port
    except ValueError:
        host = port = None
    if port is None and address not in ("auto", "local"):
        raise InputError(f"{address} is no address of a Ray cluster; give HOST:PORT, ray://HOST:PORT or auto.")
    if host is None or port is None:
        return
    try:
        socket.create_connection((host, port), timeout=_REACHED_WITHIN).close()
    except OSError as error:
        raise EngineError(_message(error, address)) from error


def _message(error: BaseException, address: str | None) -> str:
    where = f"The Ray cluster {address}" if address else "Ray"
    text = str(error)
    if isinstance(error, OSError):
        return f"{where} cannot be reached; start it with `ray start --head`, or leave out --ray-address."
    if "ModuleNotFoundError" in text or "Version mismatch" in text:
        return f"{where} does not have this ru-stance, Ray and Python on every node; install them with the extra [ray]."
    return f"{where} cannot go on ({type(error).__name__}); its logs tell why. Run the command again to go on."


def _import_ray() -> ModuleType:
    # Ray reads it when it is imported, and hands it on to every process that it starts.
    os.environ.update(_QUIET | dict(os.environ) | _NO_USAGE_STATISTICS)
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise MissingExtra("The engine ray", "ray") from error
    return ray
