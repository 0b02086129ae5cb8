"""How far a scoring is, in a terminal; and what it tells of rows that cannot be used."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.text import Text

from models.rows import Row
from service.corpus.plan import Plan
from service.corpus.run import Advance
from service.corpus.sources import size_of
from service.corpus.stream import Step

# Bad rows that are told one by one; a file of rejects holds them all.
_TOLD: Final = 20
_OFTEN: Final = 50


class _Rows(ProgressColumn):
    """Rows that are done, and how many a second."""

    def render(self, task: Task) -> Text:
        rows = task.fields["rows"]
        rate = rows / task.elapsed if task.elapsed else 0
        return Text(f"{rows:,} rows, {rate:,.0f} a second")


@contextmanager
def progress(console: Console, plan: Plan, *, shown: bool) -> Iterator[Advance]:
    """A function to be told of each step that is done, which moves a bar along the bytes of the sources.

    Args:
        console: where the bar is shown; nothing is where it is no terminal.
        plan: the sources.
        shown: nothing is shown without.
    """
    if not (shown and console.is_terminal):
        yield _nothing
        return
    sizes = [size_of(source) for source in plan.sources]
    known = [size for size in sizes if size is not None]
    total = sum(known) if len(known) == len(sizes) else None
    before = [sum(known[:number]) for number in range(len(sizes) + 1)]
    rows = 0
    columns = (BarColumn(), _Rows(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total, rows=0)

        def advance(step: Step) -> None:
            nonlocal rows
            if isinstance(step.item, Row):
                rows += 1
            if rows % _OFTEN == 0 or step.item is None:
                done = before[step.source] + step.position if total is not None else 0
                bar.update(task, completed=done, rows=rows)

        yield advance


def _nothing(_step: Step) -> None:
    pass


class BadRows:
    """Tells of rows that cannot be used, on a console; of many only the first ones.

    Args:
        console: where.
        kept: whether those that are not told stand in a file.
    """

    def __init__(self, console: Console, *, kept: bool) -> None:
        self._console, self._kept = console, kept
        self._number = 0

    def __call__(self, message: str) -> None:
        """Tell of one."""
        self._number += 1
        if not self._kept or self._number <= _TOLD:
            self._console.print(f"ru-stance: {message}", markup=False)
        elif self._number == _TOLD + 1:
            self._console.print("ru-stance: there are more; the file of rejects will hold them all.")
