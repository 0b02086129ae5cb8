"""A scoring from its plan to its files. It goes on where one that was stopped has ended."""

import hashlib
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final, cast

from models.errors import OutputError, RowError
from models.labels import LABELS
from models.rows import Row
from service.corpus.engine import Engine
from service.corpus.journal import Journal, Part
from service.corpus.part import Origin, PartWriter
from service.corpus.plan import Outcome, Plan
from service.corpus.publish import Publisher
from service.corpus.reading import Notice, Unreadable, row_name
from service.corpus.score import Rows
from service.corpus.steps import steps
from service.corpus.stream import Scoring, Step
from service.corpus.tables import Tables
from service.corpus.targets import Outputs

# Rows that are read for a part. What is scored is kept by the text, so that less than a part is lost by a kill.
PART: Final = 10_000
# To be raised when parts are written otherwise, so that none of before are gone on with.
_VERSION: Final = 1

Advance = Callable[[Step], None]


def score(
    plan: Plan, engine: Engine, *, notice: Notice, bad: Notice, advance: Advance, restart: bool = False
) -> Outcome:
    """Score files to files.

    Args:
        plan: what is to be scored, where to, and how.
        engine: who runs the model.
        notice: told what was found out and not named by the user.
        bad: told of each row that cannot be used.
        advance: told of each row that is done.
        restart: forget what a run that was stopped has left.

    Raises:
        RuStanceError: a source cannot be read, an output cannot be written, or the run that was stopped had other
            settings. What was scored until then is kept.
    """
    journal = Journal(cast(Path, plan.target.path), _asked(plan, engine), restart=restart)
    run = _Run(plan, engine, journal, notice, bad)
    try:
        outcome = run.outcome(advance)
    except BaseException as error:
        run.abandon()
        kept = not journal.is_empty
        journal.close(keep=kept)
        if kept:
            notice(
                f"what was scored so far is kept in {journal.folder}. The same command goes on with it; with "
                "--restart it begins anew."
            )
        if isinstance(error, OSError | sqlite3.OperationalError):
            # Of the inputs it would be one of our errors already.
            reason = getattr(error, "strerror", None) or error
            raise OutputError(f"{plan.target.path} cannot be written: {reason}.") from error
        raise
    journal.close(keep=False)
    return outcome


class _Run:
    def __init__(self, plan: Plan, engine: Engine, journal: Journal, notice: Notice, bad: Notice) -> None:
        self._plan, self._engine, self._journal, self._notice, self._bad = plan, engine, journal, notice, bad
        self._outputs = Outputs(plan)
        self._rows = Rows(plan.options, engine.model, with_file=plan.with_file)
        self._tables = Tables(journal, self._outputs, self._rows, plan.options)
        self._publisher = Publisher(self._outputs, journal)
        self._label = plan.options.prefix + "label"
        self._writer: PartWriter | None = None
        # Where the next row goes: the output file, and how many rows were read for it.
        self._target = max((part.target for part in journal.parts), default=0)
        self._items = sum(part.items for part in journal.parts if part.target == self._target)

    def outcome(self, advance: Advance) -> Outcome:
        began = time.monotonic()
        self._require_published()
        self._publish_due(self._journal.parts)
        stream = steps(self._plan, self._rows, tuple(self._journal.parts), self._notice)
        scoring = Scoring(self._engine, self._journal.memory, split_texts=self._plan.options.split)
        for step in scoring.run(stream):
            self._take(step)
            advance(step)
        if self._plan.target.layout != "folder" and (self._items or not self._journal.published):
            self._publish(self._target)
        # The last first, so that after a kill in between those that are left are found again.
        for path in reversed(self._outputs.surplus(len(self._journal.published))):
            path.unlink()
        return self._told(self._publisher.rejects(self._journal.parts), time.monotonic() - began)

    def abandon(self) -> None:
        if self._writer is not None:
            self._writer.abandon()

    def _take(self, step: Step) -> None:
        if self._plan.target.layout == "folder":
            self._target = step.source
        if self._writer is None:
            path = partial(self._journal.path, self._number)
            self._writer = PartWriter(path, self._outputs.format(self._target))
        writer, name = self._writer, row_name(step.table)
        if step.item is None:
            if step.table.columns:
                self._tables.begin(writer, self._target, step.table)
        else:
            writer.read(step.content)
            self._items += 1
        if isinstance(step.item, Row):
            self._tables.begin(writer, self._target, step.table)
            self._write(writer, step, step.item)
        elif isinstance(step.item, RowError):
            writer.reject(name, step.item.line, step.item.reason)
            self._bad(str(step.item))
        elif isinstance(step.item, Unreadable):
            writer.reject(name, None, step.item.reason)
            self._bad(step.item.reason)
        if step.item is None or writer.items >= PART or self._is_full():
            self._writer = None
            part = writer.finish(self._number, step.source, self._target, ended=step.item is None)
            self._journal.add(part)
            self._publish_due([part])

    def _write(self, writer: PartWriter, step: Step, row: Row) -> None:
        name, column = row_name(step.table), step.table.text_column
        for fields in self._rows.scored(row, name, column, step.spans, step.predictions):
            writer.write("rows", fields, Origin(name, row.line, fields[self._label]))
        if step.spans is not None:
            fields = self._rows.document(row, name, column, step.spans, step.predictions)
            writer.write("documents", fields, Origin(name, row.line))

    @property
    def _number(self) -> int:
        return len(self._journal.parts)

    def _is_full(self) -> bool:
        size = self._plan.options.partition_rows
        return self._plan.target.layout == "partitions" and size is not None and self._items >= size

    def _publish_due(self, new: Iterable[Part]) -> None:
        """Put those output files into their places that are whole by these parts, before the end of all."""
        if self._plan.target.layout == "folder":
            for target in [part.target for part in new if part.ended and part.target not in self._journal.published]:
                # Of a source that could not be read at all there is nothing to write.
                if any(part.columns or not part.rejected for part in self._journal.parts_of(target)):
                    self._publish(target)
        elif self._is_full():
            if self._target not in self._journal.published:
                self._publish(self._target)
            self._target, self._items = self._target + 1, 0

    def _publish(self, target: int) -> None:
        tables = self._tables
        for kind in tables.kinds:
            parts = tables.parts(kind, target)
            self._publisher.table(kind, target, parts, tables.columns(kind, target), tables.schema(kind, target))
        self._journal.publish(target)

    def _require_published(self) -> None:
        for target in self._journal.published:
            path = self._outputs.rows(target)
            if not path.exists():
                raise OutputError(f"{path} was written before the run was stopped, and is gone. Begin anew: --restart")

    def _told(self, rejects: Path | None, seconds: float) -> Outcome:
        parts = self._journal.parts
        counts = sum((Counter(part.counts) for part in parts), Counter[str]())
        published = sorted(self._journal.published)
        return Outcome(
            outputs=tuple(self._outputs.rows(target) for target in published),
            documents=tuple(self._outputs.documents(target) for target in published if self._plan.options.split),
            rejects=rejects,
            rows=sum(part.rows for part in parts),
            rejected=sum(part.rejected for part in parts),
            counts={label: counts[label] for label in LABELS},
            model=self._engine.model,
            seconds=seconds,
        )


def _asked(plan: Plan, engine: Engine) -> dict[str, str]:
    options = plan.options
    sources = json.dumps([asdict(source) for source in plan.sources])
    return {
        "input": hashlib.sha256(sources.encode()).hexdigest(),
        "model": engine.model,
        "--prior": str(options.prior),
        "--text-column": str(options.text_column),
        "--split": str(options.split),
        "--prefix": options.prefix,
        "--encoding": str(options.encoding),
        "--output-format": json.dumps([plan.target.layout, plan.target.format, plan.target.compression]),
        "--partition-rows": str(options.partition_rows),
        "version of ru-stance": f"{_VERSION}.{PART}",
    }
