"""Files that were scored, read again, and the report that is written with a scoring."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from models.errors import ColumnError, InputError, OutputError, RowError
from models.machine import machine
from models.rows import Row
from service.corpus.plan import STANDARD, Options, Outcome, Plan, Source
from service.corpus.reading import Table, read
from service.corpus.report.page import require_libraries, write_report
from service.corpus.report.run import Run
from service.corpus.report.tally import LOOKED_AT
from service.corpus.sources import sources_of
from service.corpus.targets import Outputs


def tables_of(words: Iterable[str], text_column: str | None) -> Iterator[Iterator[dict[str, Any]]]:
    """The rows of each file that was scored.

    Args:
        words: files, folders, patterns or URLs.
        text_column: the column of the texts; found by its name when left out.

    Raises:
        InputError: there is no such file, or it cannot be read.
    """
    for word in words:
        for source in sources_of([word]):
            yield _rows(source, Options(text_column=text_column, encoding="utf-8"))


def require_report(path: Path, plan: Plan, asked: Sequence[str]) -> None:
    """Check that there can be a report, before the scoring begins.

    Args:
        path: the report.
        plan: the scoring.
        asked: the columns that the user named for it.

    Raises:
        ColumnError: a file lacks one of these columns.
        MissingExtra: what draws it is not installed.
        OutputError: the rows go nowhere where they could be read from, or the report would replace one of the files.
    """
    require_libraries()
    if plan.target.path is None or not (plan.target.path.is_file() or not plan.target.path.exists()
                                        or plan.target.path.is_dir()):  # fmt: skip
        raise OutputError("A report is made from the file of scored rows; name it with --output.")
    outputs = Outputs(plan)
    taken = {outputs.rejects.resolve(), *(Path(source.name).resolve() for source in plan.sources)}
    if path.resolve() in taken | {plan.target.path.resolve()}:
        raise OutputError(f"{path} is an input or an output of the scoring; give the report another name.")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise OutputError(f"{path} cannot be written: the report is one file, in a folder that there is.")
    for source in plan.sources if asked else ():
        _require_columns(source, plan.options, asked)


def write_run_report(
    path: Path, plan: Plan, outcome: Outcome, *, model: Path | None, engine: str, by: Sequence[str], date: str | None
) -> None:
    """Write the report on the rows that a scoring has written.

    Raises:
        RuStanceError: as in :func:`service.corpus.report.page.write_report`.
    """
    options = plan.options
    run = Run(
        files=tuple(source.name for source in plan.sources),
        rejected=outcome.rejected,
        prior=options.prior,
        finished=datetime.now(UTC).replace(microsecond=0).isoformat(),
        seconds=outcome.seconds,
        engine=engine,
        machine=machine(),
    )
    write_report(
        path,
        tables_of(map(str, outcome.outputs), options.text_column),
        run,
        model=model,
        by=by,
        date=date,
        prefix=options.prefix,
        text_column=options.text_column,
    )


def _require_columns(source: Source, options: Options, asked: Sequence[str]) -> None:
    if source.name == STANDARD:
        return
    table = Table(source)
    try:
        head = [item for item, _ in islice(read(table, options, notice=lambda _: None), LOOKED_AT)]
    except InputError:
        return  # the scoring tells it, with what else is wrong
    found = dict.fromkeys((*table.columns, *(name for item in head if isinstance(item, Row) for name in item.fields)))
    missing = [name for name in asked if found and name not in found]
    if missing:
        raise ColumnError(
            f"{source.name} has no column {', '.join(missing)} for the report; it has: {', '.join(found)}."
        )


def _rows(source: Source, options: Options) -> Iterator[dict[str, Any]]:
    for item, _ in read(Table(source), options, notice=lambda _: None):
        if isinstance(item, RowError):
            raise item
        assert isinstance(item, Row)
        yield item.fields
