"""The command ``ru-stance score``."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, TextIO

import typer

from models.errors import InputError, OutputError
from models.rows import Format
from service.corpus.plan import Options, Outcome, Plan
from service.corpus.report.command import By, Date
from service.corpus.sources import is_folder, sources_of
from service.corpus.targets import Outputs, documents_of, target_of

if TYPE_CHECKING:
    from rich.console import Console

    from service.corpus.engine import Engine

# From so many seconds on, the summary tells the time.
_LONG: Final = 10


def score(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Files of texts (txt, csv, tsv, jsonl, these also as .gz or .zst, parquet), folders, patterns such as "
            "'posts/**/*.csv', or URLs such as s3://bucket/posts.csv; - is standard input.",
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="File to write (csv, tsv, jsonl, also as .gz or .zst, parquet), or a folder, where each file of a "
            "folder gets its like; replaced if it is there. Standard output when left out.",
        ),
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column of the texts; found by its name when left out.")
    ] = None,
    split: Annotated[
        bool,
        typer.Option(
            "--split",
            help="Give one row a sentence, and a table of the documents beside it. A txt file then is one text, not "
            "one a line.",
        ),
    ] = False,
    format: Annotated[
        Format | None, typer.Option(help="Format of the input; told from its name when left out, txt for -.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of the input; UTF-8, or told from its bytes, when left out.")
    ] = None,
    output_format: Annotated[
        Format | None, typer.Option(help="Format of the output; told from its name, or as the input, when left out.")
    ] = None,
    partition_rows: Annotated[
        int | None, typer.Option(min=1, help="Write a folder of files that hold so many of the input's rows each.")
    ] = None,
    prefix: Annotated[str, typer.Option(help="Put before the names of the columns that are added.")] = "",
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew, where the same command would go on after it was stopped.")
    ] = False,
    model: Annotated[Path | None, typer.Option(help="Directory of the model; the released one when left out.")] = None,
    prior: Annotated[
        str | None,
        typer.Option(
            help="How often each label is assumed to occur; one of the model's priors, its default when left out."
        ),
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Texts classified at the same time; one a core.")] = None,
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="Who runs the model: this process, or a Ray cluster.")
    ] = "local",
    ray_address: Annotated[
        str | None, typer.Option(help="Address of the Ray cluster; one on this machine is begun when left out.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="HTML file for a report: shares by label, over time, by source, and more.")
    ] = None,
    by: By = None,
    date: Date = None,
) -> None:
    """Label the texts of files. A killed run goes on when it is started again.

    Rows that cannot be used are told on standard error and kept in OUTPUT.rejects.jsonl; the exit status then is 1.
    """
    from rich.console import Console

    from service.corpus.report.scored import require_report, write_run_report

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    options = Options(text_column, split, prefix, encoding, prior, partition_rows)
    plan = _plan(
        inputs, output, options, format=format, output_format=output_format, partitions=partition_rows is not None
    )
    if report is not None:
        require_report(report, plan, [*(by or ()), *((date,) if date else ())])
    elif by or date:
        raise InputError("--by and --date are for --report.")
    with _stoppable():
        with _engine(engine, model, prior, threads, ray_address) as chosen:
            outcome = _scored(plan, chosen, console, restart=restart)
        if report is not None:
            write_run_report(report, plan, outcome, model=model, engine=engine, by=by or (), date=date)
    if plan.target.path is not None:
        typer.echo(_summary(plan, outcome))
    if outcome.rejected:
        console.print(
            f"ru-stance: rows written: {outcome.rows}; rows that could not be used: {outcome.rejected}.", markup=False
        )
        raise typer.Exit(1)


def _plan(
    inputs: list[str], output: str | None, options: Options, *, format: Format | None, output_format: Format | None,
    partitions: bool,
) -> Plan:  # fmt: skip
    sources = sources_of(inputs, format)
    several = len(sources) > 1 or any(map(is_folder, inputs))
    target = target_of(output, sources, folder=several, format=output_format, partitions=partitions)
    plan = Plan(sources, target, options, with_file=several and target.layout != "folder")
    if target.path is None:
        return plan
    outputs = Outputs(plan)
    # An output inside of the folder that is read is there when the same command is given again.
    own = tuple(source for source in sources if not (several and outputs.is_ours(Path(source.name))))
    if not own:
        raise InputError(f"{' '.join(inputs)} holds nothing but what was written to {output} before.")
    plan = Plan(own, target, options, with_file=plan.with_file)
    Outputs(plan).require_apart()
    return plan


@contextmanager
def _stoppable() -> Iterator[None]:
    """Turns a stop by the system or by the user into an end that saves what was done."""
    # Without it, a stop by the system would end the process on the spot.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    finally:
        signal.signal(signal.SIGTERM, before)


def _engine(name: str, model: Path | None, prior: str | None, threads: int | None, address: str | None) -> "Engine":
    if name == "ray":
        from service.corpus.ray_engine import RayEngine

        return RayEngine(model, prior=prior, address=address, actors=threads)
    if address is not None:
        raise InputError("--ray-address is for --engine ray.")
    from models.classifier import Classifier
    from service.corpus.engine import LocalEngine

    return LocalEngine(Classifier.load(model, threads=1, prior=prior), threads)


def _scored(plan: Plan, engine: "Engine", console: "Console", *, restart: bool) -> Outcome:
    from service.corpus.progress import BadRows, progress

    def notice(message: str) -> None:
        console.print(f"ru-stance: {message}", markup=False)

    path = plan.target.path
    files = path is not None and (path.is_file() or path.is_dir() or not path.exists())
    bad = BadRows(console, kept=files)
    with progress(console, plan, shown=path is not None) as advance:
        if files:
            from service.corpus.run import score as to_files

            return to_files(plan, engine, notice=notice, bad=bad, advance=advance, restart=restart)
        if plan.target.format == "parquet":
            raise OutputError(f"{path} is no file, and takes no parquet; write csv, tsv or jsonl.")
        from service.corpus.standard import score_to

        with _text(path) as stream:
            return score_to(stream, plan, engine, notice=notice, bad=bad, advance=advance)


@contextmanager
def _text(path: Path | None) -> Iterator[TextIO]:
    if path is not None:
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        return
    stream = TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
    try:
        yield stream
        stream.flush()
    finally:
        stream.detach()  # else the process would lose its standard output with this wrapper


def _summary(plan: Plan, outcome: Outcome) -> str:
    counts = ", ".join(f"{number:,} {label}" for label, number in outcome.counts.items())
    parts = [f"{plan.target.path}: {outcome.rows:,} rows ({counts})"]
    if plan.target.layout != "file":
        parts.append(f"{len(outcome.outputs):,} files")
    if outcome.documents:
        parts.append(f"documents in {documents_of(plan.target)}")
    if outcome.rejects:
        parts.append(f"{outcome.rejected:,} rejects in {outcome.rejects}")
    if outcome.seconds >= _LONG:
        parts.append(f"{timedelta(seconds=round(outcome.seconds))} h")
    return "; ".join(parts)
