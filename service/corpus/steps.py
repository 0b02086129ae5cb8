"""The rows of all sources as one stream; it begins where a run that was stopped has ended."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence

from models.errors import ColumnError, OutputError, RowError
from models.rows import Row
from service.corpus.journal import Part
from service.corpus.plan import Plan
from service.corpus.reading import Item, Notice, Table, or_unreadable, read, row_name
from service.corpus.score import Rows
from service.corpus.stream import Step


def steps(plan: Plan, rows: Rows, finished: Sequence[Part], notice: Notice) -> Iterator[Step]:
    """The rows of each source, and after them a step without an item.

    Args:
        plan: the sources, and how they are read.
        rows: what is added to the rows.
        finished: the parts that are finished; what they hold is read again, compared and passed over.
        notice: told what was found out and not named by the user.

    Raises:
        RuStanceError: a source cannot be read; one of several that cannot is given as an item instead.
        ColumnError: a source has a column that would be written over.
        OutputError: what was read for a finished part is no longer the same.
    """
    parts_of: defaultdict[int, list[Part]] = defaultdict(list)
    for part in finished:
        parts_of[part.source].append(part)
    for number, source in enumerate(plan.sources):
        table = Table(source)
        items = _free(read(table, plan.options, notice), table, rows)
        if len(plan.sources) > 1:
            items = or_unreadable(items)
        ended = False
        for part in parts_of[number]:
            _pass_over(items, part, table)
            ended = part.ended
        if ended:
            if next(items, None) is not None:
                raise _changed(table)
            continue
        for item, content in items:
            if isinstance(item, Row) and (taken := rows.taken(item.fields)):
                item = RowError(
                    row_name(table), item.line, f"has a column {taken}, which would be written over; use --prefix."
                )
            yield Step(number, table, item, content, table.position)
        yield Step(number, table, None, position=table.position)


def _free(items: Iterator[tuple[Item, bytes]], table: Table, rows: Rows) -> Iterator[tuple[Item, bytes]]:
    """The same, once it is checked that no column of the source would be written over."""
    checked = False
    for each in items:
        if table.columns and not checked:
            _require_free(table, rows)
            checked = True
        yield each
    if not checked:
        _require_free(table, rows)


def _require_free(table: Table, rows: Rows) -> None:
    try:
        rows.require_free(table.columns, row_name(table))
    except ColumnError:
        table.columns = ()  # else a table with a column twice would be begun for it
        raise


def _pass_over(items: Iterator[tuple[Item, bytes]], part: Part, table: Table) -> None:
    digest = hashlib.blake2b(digest_size=16)
    for _ in range(part.items):
        _, content = next(items, (None, None))
        if content is None:
            raise _changed(table)
        digest.update(content)
    if digest.hexdigest() != part.digest:
        raise _changed(table)


def _changed(table: Table) -> OutputError:
    return OutputError(f"{row_name(table)} has changed since the scoring of it was stopped. Begin anew with --restart.")
