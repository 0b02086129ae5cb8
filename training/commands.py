"""The commands ``train``, ``evaluate`` and ``review``. What the base install lacks is imported when they run."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from models.errors import MissingExtra, OutputError
from models.registry import Registry
from models.rows import read_rows
from training.label_sources import label_file
from training.settings import TrainingSettings, recipe

RELEASED_BASE: Final = "released"
_DEFAULT = TrainingSettings(output=Path())

Model = Annotated[Path | None, typer.Option(help="Directory of the model; the released one when left out.")]
Prior = Annotated[
    str | None,
    typer.Option(
        help="How often each label is assumed to occur; one of the model's priors, its default when left out."
    ),
]


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
    patience: Annotated[int, typer.Option(min=1, help="Evaluations without gain until it stops.")] = _DEFAULT.patience,
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
    seed: Annotated[int, typer.Option(help="Of everything random.")] = _DEFAULT.seed,
) -> None:
    """Train a model on labelled sentences, or the released one on with your labels; write its card and its quality.

    What has no default here has the one of the kind of training, as told in docs/retraining.md.
    """
    values = {name: value for name, value in locals().items() if name not in ("context", "output", "labels", "only")}
    values |= {"held_out": tuple(held_out or ()), "vocabulary_size": vocabulary_size or None}
    values |= {"languages": tuple(values.pop("language") or ()), "teachers": tuple(values.pop("teacher") or ())}
    chosen = recipe(bool(labels), only, base) | {
        name: value for name, value in values.items() if value is not None or name == "vocabulary_size"
    }
    if not labels:
        of_labels = {"test-share": test_share, "replay": replay, "teacher-weight-on-labels": teacher_weight_on_labels}
        if idle := [f"--{name}" for name, value in of_labels.items() if value is not None]:
            raise typer.BadParameter(f"{' and '.join(idle)} would do nothing without --labels.")
        if output is None or only:
            raise typer.BadParameter("Give --output, the folder of the model, or --labels to learn from your labels.")
        with training_extra("Training", "train"):
            from training.train import train as run
        directory = run(TrainingSettings(output=output, **chosen))  # type: ignore[arg-type]
        typer.echo(f"The model is in {directory}. To serve it: ru-stance serve --model {directory}")
        return
    if chosen.get("base") == RELEASED_BASE:
        # What it was calibrated to read, and has places for.
        from models.directory import open_directory

        chosen = {"max_length": open_directory().info.max_length} | chosen
    if real or teacher or language:
        raise typer.BadParameter(
            "--labels takes no --real, --teacher or --language: the released model is the teacher, of its languages."
        )
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
        f"To compare it: ru-stance model compare released {version}\nTo release it: ru-stance model release {version}"
    )


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
    from rich.console import Console

    tables = evaluation_tables(run_evaluation(data, model, json, by or (), prior))
    Console(width=None if sys.stdout.isatty() else 160).print(tables)


def review(
    input: Annotated[str, typer.Argument(metavar="INPUT", help="File of texts; with --audit, of labelled texts.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="File to write: csv, tsv, jsonl or parquet, or .json for Label Studio; "
            "INPUT-review.csv when left out.",
        ),
    ] = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many texts to label.")] = 200,
    audit: Annotated[bool, typer.Option("--audit", help="Find labels that look wrong instead.")] = False,
    labels: Annotated[
        list[str] | None, typer.Option(help="What is labelled already, as for train; not chosen again. Repeatable.")
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column of the texts; found by its name when left out.")
    ] = None,
    model: Model = None,
    *,
    context: typer.Context,
) -> None:
    """Choose the texts whose labels would teach the model most, or tell which labels look wrong."""
    target = output or Path(f"{Path(input).with_suffix('')}-review.csv")
    if output is None and target.exists():
        raise OutputError(f"{target} is there already, perhaps with labels in it; name another file with --output.")
    with training_extra("Choosing texts to label", "train"):
        from training.review import choose, doubts, usable, write_candidates, write_doubts
        from training.slices import read_labelled
    from models.classifier import Classifier

    classifier = Classifier.load(model)
    if audit:
        labelled = read_labelled(input)
        wrong = doubts(classifier, labelled)
        write_doubts(target, wrong)
        typer.echo(f"{len(wrong)} of {len(labelled)} labels look wrong; they are in {target}, the least likely first.")
        return
    folder = Registry().folder
    known = [row.text for each in labels or () for row in read_labelled(label_file(each, folder, context.obj))]
    chosen = choose(classifier, usable(read_rows(input, text_column=text_column)), count, known)
    write_candidates(target, chosen, classifier.info.version)
    typer.echo(f"{len(chosen)} texts to label are in {target}. Afterwards: ru-stance labels import {target}")


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
