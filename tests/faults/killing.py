"""A release and an import that kill themselves: what ``asking("tests.faults.killing")`` runs.

It is told ``act`` (release or import), ``folder``, ``kill``, the line of our code at which the process kills itself,
counted as they are run, or null, and ``traced``, whether lines are counted at all. The answer tells whether it was
killed and how many lines there were.
"""

import os
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import ru_stance
from models.registry import Registry
from service.feedback import store
from tests.forks import answer

# Every line that is run in these may be the last: what writes, and where SQLAlchemy hands a statement on.
_PLACES = (
    "models/registry.py", "models/audit.py", "models/atomic.py",
    "feedback/store.py", "feedback/database.py", "sqlalchemy/engine/default.py",
)  # fmt: skip


class _Killer:
    """Counts the lines that are run, and kills the process at one of them."""

    def __init__(self, last: int | None) -> None:
        self._last, self.lines = last, 0

    def trace(self, frame: FrameType, event: str, _: Any) -> Any:
        """What :func:`sys.settrace` takes."""
        if not frame.f_code.co_filename.endswith(_PLACES):
            return None
        if event == "line":
            self.lines += 1
            if self.lines == self._last:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.trace


def _act(name: str, folder: Path) -> None:
    if name == "release":
        Registry(folder / "registry").release("two", why="better", by="Ada")
        return
    words = ["labels", "import", str(folder / "in.csv"), "--database", str(folder / "labels.sqlite3")]
    ru_stance.app(words, standalone_mode=False)


def _killing(asked: dict[str, Any]) -> dict[str, Any]:
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    killer = _Killer(asked["kill"])
    if asked["traced"]:
        sys.settrace(killer.trace)
    _act(asked["act"], Path(asked["folder"]))
    sys.settrace(None)
    return {"lines": killer.lines}


def _warm_up() -> None:
    """Have everything imported that an import imports late, before the forks."""
    with TemporaryDirectory() as folder:
        Path(folder, "in.csv").write_text("text,label\nThe convoy left.,neutral\n")
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            _act("import", Path(folder))


if __name__ == "__main__":
    _warm_up()
    # Small enough that a short import has many statements.
    store.PAGE = 20  # type: ignore[misc]
    answer(_killing)
