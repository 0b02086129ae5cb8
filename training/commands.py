"""The commands ``train`` and ``evaluate``. What they need beyond the base install is imported when they run."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from models.errors import MissingExtra
from training.settings import TrainingSettings

_DEFAULT = TrainingSettings(output=Path())

Model = Annotated[Path | None, typer.Option(help="Directory of the model; the shipped one when left out.")]
Prior = Annotated[
    str | None,
    typer.Option(
        help="How often each label is assumed to occur; one of the model's priors, its default when left out."
    ),
]


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
    with training_extra("Training", "train"):
        from training.train import train as run
    directory = run(TrainingSettings(**values))
    typer.echo(f"The model is in {directory}. To serve it: ru-stance serve --model {directory}")


def evaluate(
    data: Annotated[Path, typer.Option(help="File of rows with a text and a label: csv, tsv, jsonl or parquet.")],
    model: Model = None,
    json: Annotated[Path | None, typer.Option(help="File to write the figures to, as JSON.")] = None,
    by: Annotated[list[str] | None, typer.Option(help="Column to slice by, or length; may be given often.")] = None,
    prior: Prior = None,
) -> None:
    """Measure a model on labelled rows: accuracy, macro-F1, calibration, prediction sets, each with its interval."""
    with training_extra("Evaluation", "train"):
        from training.evaluate import run_evaluation
        from training.tables import evaluation_tables
    tables = evaluation_tables(run_evaluation(data, model, json, by or (), prior))
    Console(width=None if sys.stdout.isatty() else 160).print(tables)


@contextmanager
def training_extra(feature: str, extra: str) -> Iterator[None]:
    """Turns the absence of a package that an extra brings into an error that names the extra."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("models", "service", "training"):
            raise
        raise MissingExtra(feature, extra) from error
