"""Several server processes on one port. They share the socket and the files of the counters, and nothing else.

The socket is made once and handed to every worker: while one is started anew the others take its share, and when none
runs, connections wait in the socket instead of being refused. uvicorn's own supervisor was not taken: it kills a worker
that does not answer a ping in time, also one that starts on a busy machine; it does not tell why a worker could not
start; and its workers outlive it when it is killed.
"""

import logging
import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Final

from prometheus_client.multiprocess import mark_process_dead

from models.errors import NotReady, RuStanceError, SettingsError
from models.machine import usable_cores
from service import logging as logs
from service.address import refuse_more, url_of
from service.metrics import DIRECTORY_VARIABLE
from service.settings import Settings

# A worker that fails before it serves is started again after so many seconds, then after twice as many, up to the last.
_FIRST_DELAY, _LAST_DELAY = 1.0, 30.0
# What a worker gets to end beyond the time that its requests get.
_EXTRA_SECONDS: Final = 10
_SPAWN: Final = multiprocessing.get_context("spawn")


def serve_with_workers(settings: Settings, listener: socket.socket) -> None:
    """Serve with ``settings.workers`` processes until SIGTERM or SIGINT, then let the running requests finish.

    A worker that dies, or hangs, is started again.

    Raises:
        RuStanceError: a worker could not start, as it told; the others are stopped then.
    """
    with _counters() as directory, _signals() as stop:
        _Supervisor(settings, listener, directory, stop).run()


class _Worker:
    """One process, and the pipe on which it tells that it serves, or why it cannot."""

    def __init__(self, number: int, settings: Settings, listener: socket.socket) -> None:
        self.number, self.ready = number, False
        self.pipe, theirs = _SPAWN.Pipe()
        self.process: SpawnProcess = _SPAWN.Process(
            target=_work, args=(share(settings, number), listener, theirs), name=f"ru-stance-{number}"
        )
        self.process.start()
        theirs.close()


class _Supervisor:
    def __init__(self, settings: Settings, listener: socket.socket, directory: str, stop: socket.socket) -> None:
        self._settings, self._listener, self._directory, self._stop = settings, listener, directory, stop
        self._workers: list[_Worker] = []
        self._due: dict[int, float] = dict.fromkeys(range(settings.workers), 0.0)
        self._delays: dict[int, float] = {}
        self._serving = False

    def run(self) -> None:
        try:
            while not self._step():
                pass
        finally:
            self._end()

    def _step(self) -> bool:
        """Start what is due, wait for what happens next, and tell whether to stop."""
        now = time.monotonic()
        for number in [number for number, due in self._due.items() if due <= now]:
            del self._due[number]
            self._workers.append(_Worker(number, self._settings, self._listener))
        awaited: list[Any] = [self._stop, *(worker.process.sentinel for worker in self._workers)]
        awaited += [worker.pipe for worker in self._workers if not worker.ready]
        happened = wait(awaited, min(self._due.values(), default=now + 3600) - now)
        for worker in list(self._workers):
            if worker.pipe in happened:
                self._hear(worker)
            if worker.process.sentinel in happened:
                self._bury(worker)
        return self._stop in happened

    def _hear(self, worker: _Worker) -> None:
        with suppress(EOFError, OSError):  # it has died without a word, which its sentinel tells
            error = worker.pipe.recv()
            if error is None:
                worker.ready = True
                self._delays.pop(worker.number, None)
            elif not self._serving:
                raise error
        if not self._serving and sum(each.ready for each in self._workers) == self._settings.workers:
            self._serving = True
            logs.log(logging.INFO, "serving", url=url_of(self._listener), workers=self._settings.workers)

    def _bury(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.process.join()
        worker.pipe.close()
        mark_process_dead(worker.process.pid, self._directory)  # type: ignore[no-untyped-call]
        if not (worker.ready or self._serving):
            raise NotReady(f"A worker ended with status {worker.process.exitcode} before it served.")
        delay = 0.0
        if not worker.ready:
            delay = self._delays.get(worker.number, _FIRST_DELAY)
            self._delays[worker.number] = min(2 * delay, _LAST_DELAY)
        self._due[worker.number] = time.monotonic() + delay
        logs.log(
            logging.ERROR,
            "a worker has ended and is started again",
            worker=worker.number,
            pid=worker.process.pid,
            status=worker.process.exitcode,
        )

    def _end(self) -> None:
        refuse_more(self._listener)
        # Open here alone, it would go on taking connections that nobody answers.
        self._listener.close()
        for worker in self._workers:
            worker.process.terminate()
        end = time.monotonic() + self._settings.shutdown_seconds + _EXTRA_SECONDS
        for worker in self._workers:
            worker.process.join(max(0.0, end - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.pipe.close()


def share(settings: Settings, number: int) -> Settings:
    """What worker ``number`` runs with: its share of the threads, at least one."""
    threads = settings.threads or usable_cores()
    mine = threads // settings.workers + (number < threads % settings.workers)
    return settings.model_copy(update={"threads": max(1, mine), "workers": 1})


def _work(settings: Settings, listener: socket.socket, pipe: Connection) -> None:
    """The life of a worker process."""
    # Not at the top: the process that watches over it needs none of it.
    from service.app import create_app
    from service.process import run_server
    from service.reload import load_classifier

    # Until it serves, it is told to end by its parent; an interrupt from the keyboard reaches both.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logs.configure(settings.log_level)
    try:
        app = create_app(settings, load_classifier(settings))
    except RuStanceError as error:
        logs.log(logging.ERROR, "the worker cannot start", error)
        pipe.send(error)
        raise SystemExit(1) from None
    threading.Thread(target=_follow, args=(pipe,), daemon=True).start()
    if not run_server(app, settings, listener, ready=lambda: pipe.send(None), shared=True):
        raise SystemExit(1)


def _follow(pipe: Connection) -> None:
    """End as on SIGTERM when the parent has gone, however it went: its end of the pipe is closed then."""
    with suppress(EOFError, OSError):
        pipe.recv()
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _counters() -> Iterator[str]:
    """A new directory for the counters of all workers, which it is named to by the environment; removed at the end."""
    try:
        directory = tempfile.mkdtemp(prefix="ru-stance-metrics-")
    except OSError as error:
        raise SettingsError(
            f"Several workers need a temporary directory for their counters: {error.strerror or error}. "
            "Name a writable one with TMPDIR, or serve with one worker."
        ) from error
    before = os.environ.get(DIRECTORY_VARIABLE)
    os.environ[DIRECTORY_VARIABLE] = directory
    try:
        yield directory
    finally:
        os.environ.pop(DIRECTORY_VARIABLE)
        if before is not None:
            os.environ[DIRECTORY_VARIABLE] = before
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _signals() -> Iterator[socket.socket]:
    """A socket that becomes readable when the process is told to end."""
    reading, writing = socket.socketpair()
    with reading, writing:
        writing.setblocking(False)

        def tell(*_: object) -> None:
            with suppress(BlockingIOError):
                writing.send(b"\0")

        before = {number: signal.signal(number, tell) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield reading
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
