"""A scoring to standard output, or to a device or a pipe: nothing can be gone on with, and nothing is kept."""

import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from typing import TextIO

from models.errors import OutputError, RowError
from models.formats.delimited import DelimitedWriter
from models.formats.lines import JsonlWriter
from models.labels import LABELS
from models.rows import Row
from service.corpus.engine import Engine
from service.corpus.memory import Memory
from service.corpus.part import text_writer
from service.corpus.plan import Outcome, Plan
from service.corpus.reading import Notice, row_name
from service.corpus.score import Rows
from service.corpus.steps import steps
from service.corpus.stream import Scoring, Step


def score_to(
    stream: TextIO, plan: Plan, engine: Engine, *, notice: Notice, bad: Notice, advance: Callable[[Step], None]
) -> Outcome:
    """Score files to a stream of text.

    Args:
        stream: where the rows go.
        plan: what is to be scored, and how.
        engine: who runs the model.
        notice: told what was found out and not named by the user.
        bad: told of each row that cannot be used.
        advance: told of each row that is done.

    Raises:
        RuStanceError: a source cannot be read, or the engine cannot go on.
        OSError: the stream takes no more.
    """
    began = time.monotonic()
    rows = Rows(plan.options, engine.model, with_file=plan.with_file)
    form = plan.target.format or "csv"
    label = plan.options.prefix + "label"
    counts: Counter[str] = Counter()
    rejected = 0
    writer: DelimitedWriter | JsonlWriter | None = None

    def reject(reason: str) -> None:
        nonlocal rejected
        rejected += 1
        bad(reason)

    # A database without a name is a temporary file that SQLite removes.
    memory = Memory(sqlite3.connect("", check_same_thread=False))
    scoring = Scoring(engine, memory, split_texts=plan.options.split)
    for step in scoring.run(steps(plan, rows, (), notice)):
        item, name = step.item, row_name(step.table)
        if writer is None and step.table.columns:
            columns = rows.columns(step.table.columns)
            writer = text_writer(stream, form, columns)
            if isinstance(writer, DelimitedWriter):
                writer.header(columns)
        if isinstance(item, Row):
            assert writer is not None
            for fields in rows.scored(item, name, step.table.text_column, step.spans, step.predictions):
                try:
                    writer.write(fields)
                except OutputError as error:
                    reject(f"{name}, line {item.line}: {error}")
                else:
                    counts[fields[label]] += 1
        elif item is not None:
            reject(str(item) if isinstance(item, RowError) else item.reason)
        advance(step)
    return Outcome(
        outputs=(),
        documents=(),
        rejects=None,
        rows=counts.total(),
        rejected=rejected,
        counts={each: counts[each] for each in LABELS},
        model=engine.model,
        seconds=time.monotonic() - began,
    )
