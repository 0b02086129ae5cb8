"""The command ``train``. What the base install lacks is imported when it runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from models.errors import MissingExtra
from models.registry import RELEASED, Registry
from training.idle_options import refuse_idle_options
from training.label_sources import label_file
from training.settings import TrainingSettings, recipe

_DEFAULT = TrainingSettings(output=Path())


def train(
    context: typer.Context,
    output: Annotated[
        Path | None,
        typer.Option(
            help="Folder that the model is written to; a killed run goes on there. With --labels it may be left out: "
            "the model then becomes a version in the registry."
        ),
    ] = None,
    labels: Annotated[
        list[str] | None,
        typer.Option(
            help="Your labels: a file (csv, tsv, jsonl or parquet with text and label), the word database for the "
            "service's own, or the file or URL of another database; repeatable."
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            help=f"Weights to start from: hub name, folder, short name, or released. {_DEFAULT.base} when left out; "
            "with --labels the released model."
        ),
    ] = None,
    only: Annotated[
        bool, typer.Option("--only", help="Learn from --labels alone, and from no model's scores.")
    ] = False,
    test_share: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=0.9,
            help=f"Share of --labels that is set aside as their frozen test; {_DEFAULT.test_share} when left out.",
        ),
    ] = None,
    replay: Annotated[float | None, typer.Option(min=0, help="Sentences of the corpus replayed a label.")] = None,
    corpus: Annotated[Path | None, typer.Option(help="Folder of written sentences; ours when left out.")] = None,
    real: Annotated[Path | None, typer.Option(help="Folder of real annotated sentences, trained on too.")] = None,
    held_out: Annotated[list[Path] | None, typer.Option(help="File that training must not see; repeatable.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Only sentences of this language; repeatable.")] = None,
    teacher: Annotated[list[Path] | None, typer.Option(help="Trained model to learn from, too; repeatable.")] = None,
    teacher_weight: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Share of the teachers in what is learned; the labels have the rest."),
    ] = None,
    teacher_weight_on_labels: Annotated[
        float | None, typer.Option(min=0, max=1, help="The same where the sentence is one of --labels.")
    ] = None,
    vocabulary_size: Annotated[
        int, typer.Option(min=0, help="Pieces kept of the vocabulary; 0 keeps all.")
    ] = _DEFAULT.vocabulary_size or 0,
    max_length: Annotated[
        int | None,
        typer.Option(
            min=8,
            help=f"Tokens that the model reads; {_DEFAULT.max_length}, or the released model's where it is the base.",
        ),
    ] = None,
    epochs: Annotated[float | None, typer.Option(min=0, help="At most so many passes.")] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=f"Evaluations without gain until it stops; {_DEFAULT.patience} when left out. Not with --labels.",
        ),
    ] = None,
    evaluations_per_epoch: Annotated[
        int, typer.Option(min=1, help="How often it is evaluated and saved.")
    ] = _DEFAULT.evaluations_per_epoch,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Sentences a step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(min=0, help="Peak, for the encoder.")] = None,
    head_learning_rate_factor: Annotated[
        float | None, typer.Option(min=0, help="The new layers learn so many times faster.")
    ] = None,
    weight_decay: Annotated[float, typer.Option(min=0, help="As in the Trainer.")] = _DEFAULT.weight_decay,
    warmup_ratio: Annotated[float, typer.Option(min=0, max=1, help="As in the Trainer.")] = _DEFAULT.warmup_ratio,
    label_smoothing: Annotated[float, typer.Option(min=0, max=1, help="As in the Trainer.")] = _DEFAULT.label_smoothing,
    embeddings: Annotated[
        bool | None, typer.Option("--embeddings/--no-embeddings", help="Train the word embeddings too.")
    ] = None,
    class_balance: Annotated[
        float | None, typer.Option(min=0, max=1, help="Exponent of the inverse class frequency in the loss.")
    ] = None,
    real_weight: Annotated[
        float | None, typer.Option(min=0, help="What a real sentence, or one of --labels, counts beside a written one.")
    ] = None,
    name_swaps: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Share of English sentences copied as neutral, Russia's name swapped."),
    ] = None,
    reported: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of sentences copied as neutral, told as someone's words.")
    ] = None,
    noise: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of sentences learned with typing errors and the like.")
    ] = None,
    variants: Annotated[int | None, typer.Option(min=0, help="Texts a real sentence that only teachers judge.")] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = _DEFAULT.seed,
) -> None:
    """Train a model on labelled sentences, or the released one on with your labels; write its card and its quality.

    What has no default here has the one of the kind of training, as told in docs/retraining.md.
    """
    given = {name: value for name, value in locals().items() if name != "context"}
    refuse_idle_options(given)
    values = {name: value for name, value in given.items() if name not in ("output", "labels", "only")}
    values |= {"held_out": tuple(held_out or ()), "vocabulary_size": vocabulary_size or None}
    values |= {"languages": tuple(values.pop("language") or ()), "teachers": tuple(values.pop("teacher") or ())}
    chosen = recipe(bool(labels), only, base) | {
        name: value for name, value in values.items() if value is not None or name == "vocabulary_size"
    }
    if chosen.get("base") == RELEASED:
        # What it was calibrated to read, and has places for.
        from models.directory import open_directory

        chosen = {"max_length": open_directory().info.max_length} | chosen
    if not labels:
        if output is None:
            raise typer.BadParameter("Give --output, the folder of the model, or --labels to learn from your labels.")
        with training_extra("Training", "train"):
            from training.train import train as run
        directory = run(TrainingSettings(output=output, **chosen))  # type: ignore[arg-type]
        typer.echo(f"The model is in {directory}. To serve it: ru-stance serve --model {directory}")
        return
    with training_extra("Training", "train"):
        from training.retrain import retrain
        from training.versions import train_version
    registry = Registry()
    settings = TrainingSettings(
        output=output or Path(),
        labels=tuple(label_file(each, registry.folder, context.obj) for each in labels),
        only=only,
        **chosen,  # type: ignore[arg-type]
    )
    if output is not None:
        directory = retrain(settings, _tell)
        typer.echo(f"The model is in {directory}. To serve it: ru-stance serve --model {directory}")
        return
    version = train_version(settings, registry, _tell).name
    typer.echo(
        f"Version {version} is in the registry; what is served has not changed.\n"
        f"To compare it: ru-stance model compare released {version} --data shipped-test\n"
        f"To release it: ru-stance model release {version}"
    )


def _tell(line: str) -> None:
    typer.echo(line, err=True)


@contextmanager
def training_extra(feature: str, extra: str) -> Iterator[None]:
    """Turns the absence of a package that an extra brings into an error that names the extra."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("models", "service", "training"):
            raise
        raise MissingExtra(feature, extra) from error
