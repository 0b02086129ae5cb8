"""Acts that may kill themselves, each in a fork of a process that has all imported, and what they told before that.

Tests ask by :func:`asking`; the module that they ask answers by :func:`answer`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Told = dict[str, Any]
Ask = Callable[..., Told]


@contextmanager
def asking(module: str) -> Iterator[Callable[[Told], Told]]:
    """Run a module that answers, in a process of its own; what is yielded tells it an act and returns its answer."""
    words, root = [sys.executable, "-W", "error", "-m", module], Path(__file__).parents[1]
    with subprocess.Popen(words, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def asked(act: Told) -> Told:
            stdin.write(json.dumps(act) + "\n")
            stdin.flush()
            answer: Told = json.loads(stdout.readline())
            return answer

        yield asked
        stdin.close()


def answer(act: Callable[[Told], Told]) -> None:
    """Answer each line of JSON on standard input by what came of the act that it tells of."""
    for line in sys.stdin:
        print(json.dumps(_forked(act, json.loads(line))), flush=True)


def _forked(act: Callable[[Told], Told], asked: Told) -> Told:
    """``killed``, whether a signal ended it, and what the act returned if it came so far."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        with os.fdopen(reader, encoding="utf-8") as stream:
            told = stream.read()
        _, status = os.waitpid(child, 0)
        return {"killed": os.WIFSIGNALED(status), **json.loads(told or "{}")}
    os.write(writer, json.dumps(act(asked)).encode())
    os._exit(0)
