"""The command ``ru-stance``. It alone knows both sides: the service, which never loads torch, and the training."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn

from models.classifier import Classifier
from models.errors import OutputError, RowError, RuStanceError
from models.rows import Format, format_of, read_rows, read_whole, write_rows
from service.feedback.commands import labels
from service.key_commands import keys
from training.commands import evaluate, train

app = typer.Typer(
    name="ru-stance",
    help="Tells which way a sentence bears on Russian involvement abroad: critical, neutral or supportive.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(keys)
app.add_typer(labels)

Model = Annotated[Path | None, typer.Option(help="Directory of the model; the shipped one when left out.")]
Prior = Annotated[
    str | None,
    typer.Option(
        help="How often each label is assumed to occur; one of the model's priors, its default when left out."
    ),
]
Threads = Annotated[int | None, typer.Option(min=1, help="Sentences classified at the same time; one a core.")]


def main() -> None:
    """Run the command. An error that we raise on purpose is told on standard error, with exit status 1."""
    try:
        app()
    except RuStanceError as error:
        typer.echo(f"ru-stance: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        # Files that we open ourselves raise our errors; what is left is a standard output that is full or gone.
        typer.echo(f"ru-stance: {error.filename or 'standard output'}: {error.strerror or error}", err=True)
        sys.exit(1)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 when left out.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 8000 when left out, 0 a free one.")] = None,
    model: Model = None,
    prior: Prior = None,
    threads: Threads = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that serve; they share the threads.")] = None,
    allow_open: Annotated[
        bool, typer.Option("--allow-open", help="Serve anyone who reaches the address, beyond this machine too.")
    ] = False,
) -> None:
    """Answer over HTTP. Every other setting is read from the environment, as RU_STANCE_...; /docs shows the API."""
    from service.server import serve as run
    from service.settings import load_settings

    chosen = {"host": host, "port": port, "model": model, "prior": prior, "threads": threads, "workers": workers}
    run(load_settings(**chosen, allow_open=allow_open or None))


@app.command()
def score(
    input: Annotated[
        str,
        typer.Argument(metavar="INPUT", help="File of texts: txt, csv, tsv, jsonl or parquet; - is standard input."),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="File to write: csv, tsv, jsonl or parquet; replaced if it is there. Standard output when left out.",
        ),
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column of the texts; found by its name when left out.")
    ] = None,
    split: Annotated[
        bool, typer.Option("--split", help="Give one row a sentence. A txt file then is one text, not one a line.")
    ] = False,
    format: Annotated[
        Format | None, typer.Option(help="Format of the input; told from its name when left out, txt for -.")
    ] = None,
    prefix: Annotated[str, typer.Option(help="Put before the names of the columns that are added.")] = "",
    model: Model = None,
    prior: Prior = None,
    threads: Threads = None,
) -> None:
    """Label the texts of a file. Rows that cannot be used are told on standard error; the exit status then is 1."""
    from service.corpus.score import score_rows, usable

    if output and output.exists() and Path(input).exists() and output.samefile(input):
        raise OutputError(f"{output} is the input; give the output another name.")
    # Without it, a stop by the system would leave the unfinished file behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    kind = format or format_of(input)
    rows = read_whole(input) if split and kind == "txt" else read_rows(input, format=kind, text_column=text_column)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    bad = 0

    def report(error: RowError) -> None:
        nonlocal bad
        bad += 1
        console.print(f"ru-stance: {error}", markup=False)

    form = format_of(output) if output else kind if kind in ("jsonl", "tsv") else "csv"
    scored = score_rows(
        Classifier.load(model, threads=threads, prior=prior),
        usable(rows, report),
        split_text=split,
        text_column=text_column,
        prefix=prefix,
    )
    with _progress(console, shown=output is not None) as counted:
        types = input if kind == "parquet" else None
        written = write_rows(output or "-", counted(scored), format=form, types_from=types)
    if bad:
        console.print(f"ru-stance: rows written: {written}; rows that could not be used: {bad}.", markup=False)
        raise typer.Exit(1)


app.command()(train)
app.command()(evaluate)


@contextmanager
def _progress(console: Console, *, shown: bool) -> Iterator[Any]:
    """A function that counts rows as they pass, in a terminal."""
    if not (shown and console.is_terminal):
        yield iter
        return
    columns = ("{task.completed:,.0f} rows", "{task.speed:,.0f} a second", TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield progress.track


if __name__ == "__main__":
    main()
