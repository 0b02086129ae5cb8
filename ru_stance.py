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
from models.errors import MissingExtra, OutputError, RowError, RuStanceError
from models.rows import Format, format_of, read_rows, read_whole, write_rows
from service.key_commands import keys
from training.settings import TrainingSettings

_DEFAULT = TrainingSettings(output=Path())

app = typer.Typer(
    name="ru-stance",
    help="Tells which way a sentence bears on Russian involvement abroad: critical, neutral or supportive.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(keys)

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


@app.command()
def train(
    output: Annotated[Path, typer.Option(help="Folder that the model is written to; a killed run goes on there.")],
    base: Annotated[str, typer.Option(help="Weights to start from: hub name, folder or short name.")] = _DEFAULT.base,
    corpus: Annotated[Path | None, typer.Option(help="Folder of written sentences; ours when left out.")] = None,
    real: Annotated[Path | None, typer.Option(help="Folder of real annotated sentences, trained on too.")] = None,
    held_out: Annotated[list[Path] | None, typer.Option(help="File that training must not see; repeatable.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Only sentences of this language; repeatable.")] = None,
    teacher: Annotated[list[Path] | None, typer.Option(help="Trained model to learn from, too; repeatable.")] = None,
    teacher_weight: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the teachers in what is learned; the labels have the rest.")
    ] = _DEFAULT.teacher_weight,
    vocabulary_size: Annotated[
        int, typer.Option(min=0, help="Pieces kept of the vocabulary; 0 keeps all.")
    ] = _DEFAULT.vocabulary_size or 0,
    max_length: Annotated[int, typer.Option(min=8, help="Tokens that the model reads.")] = _DEFAULT.max_length,
    epochs: Annotated[float, typer.Option(min=0, help="At most so many passes.")] = _DEFAULT.epochs,
    patience: Annotated[int, typer.Option(min=1, help="Evaluations without gain until it stops.")] = _DEFAULT.patience,
    evaluations_per_epoch: Annotated[
        int, typer.Option(min=1, help="How often it is evaluated and saved.")
    ] = _DEFAULT.evaluations_per_epoch,
    batch_size: Annotated[int, typer.Option(min=1, help="Sentences a step.")] = _DEFAULT.batch_size,
    learning_rate: Annotated[float, typer.Option(min=0, help="Peak, for the encoder.")] = _DEFAULT.learning_rate,
    head_learning_rate_factor: Annotated[
        float, typer.Option(min=0, help="The new layers learn so many times faster.")
    ] = _DEFAULT.head_learning_rate_factor,
    weight_decay: Annotated[float, typer.Option(min=0, help="As in the Trainer.")] = _DEFAULT.weight_decay,
    warmup_ratio: Annotated[float, typer.Option(min=0, max=1, help="As in the Trainer.")] = _DEFAULT.warmup_ratio,
    label_smoothing: Annotated[float, typer.Option(min=0, max=1, help="As in the Trainer.")] = _DEFAULT.label_smoothing,
    embeddings: Annotated[bool, typer.Option(help="Train the word embeddings too.")] = _DEFAULT.embeddings,
    class_balance: Annotated[
        float, typer.Option(min=0, max=1, help="Exponent of the inverse class frequency in the loss.")
    ] = _DEFAULT.class_balance,
    real_weight: Annotated[
        float, typer.Option(min=0, help="What a real sentence counts beside a written one.")
    ] = _DEFAULT.real_weight,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = _DEFAULT.seed,
) -> None:
    """Train a model on labelled sentences, and write it with its card and its measured quality."""
    values = locals() | {"held_out": tuple(held_out or ()), "vocabulary_size": vocabulary_size or None}
    values |= {"languages": tuple(values.pop("language") or ()), "teachers": tuple(values.pop("teacher") or ())}
    with _extra("Training", "train"):
        from training.train import train as run
    directory = run(TrainingSettings(**values))
    typer.echo(f"The model is in {directory}. To serve it: ru-stance serve --model {directory}")


@app.command()
def evaluate(
    data: Annotated[Path, typer.Option(help="File of rows with a text and a label: csv, tsv, jsonl or parquet.")],
    model: Model = None,
    json: Annotated[Path | None, typer.Option(help="File to write the figures to, as JSON.")] = None,
    by: Annotated[list[str] | None, typer.Option(help="Column to slice by, or length; may be given often.")] = None,
    prior: Prior = None,
) -> None:
    """Measure a model on labelled rows: accuracy, macro-F1, calibration, prediction sets, each with its interval."""
    with _extra("Evaluation", "train"):
        from training.evaluate import run_evaluation
        from training.tables import evaluation_tables
    tables = evaluation_tables(run_evaluation(data, model, json, by or (), prior))
    Console(width=None if sys.stdout.isatty() else 160).print(tables)


@contextmanager
def _extra(feature: str, extra: str) -> Iterator[None]:
    """Turns the absence of a package that an extra brings into an error that names the extra."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("models", "service", "training"):
            raise
        raise MissingExtra(feature, extra) from error


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
