"""The command ``ru-stance``. It alone knows both sides: the service, which never loads torch, and the training."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from models.errors import RuStanceError
from service.corpus.command import score
from service.corpus.report.command import report
from service.feedback.commands import labels
from service.key_commands import keys
from service.spreadsheet import spreadsheet
from training.commands import train
from training.model_commands import model as model_commands
from training.review_commands import evaluate, review


def write_labels(database: str | None, path: Path) -> None:
    """Write the majority labels of a database to a file of lines of JSON.

    Args:
        database: an SQLite file or a URL; None for the service's own.
        path: the file.

    Raises:
        RuStanceError: the database or the file cannot be used.
    """
    from service.feedback.commands import store_at
    from service.feedback.export import write_majorities

    with store_at(database) as store:
        write_majorities(store, path)


app = typer.Typer(
    name="ru-stance",
    help="Tells which way a sentence bears on Russian involvement abroad: critical, neutral or supportive.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    # How a command of the training gets at the labels that the service keeps.
    context_settings={"obj": write_labels},
)

app.add_typer(keys)
app.add_typer(labels)
app.add_typer(model_commands)

Model = Annotated[Path | None, typer.Option(help="Directory of the model; the released one when left out.")]
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


app.command()(score)
app.command()(report)
app.command()(spreadsheet)
app.command()(train)
app.command()(evaluate)
app.command()(review)


if __name__ == "__main__":
    main()
