"""The commands ``evaluate`` and ``review``: how good a model is, and whose labels would make it better."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from models.errors import OutputError
from models.registry import Registry
from models.rows import read_rows
from training.commands import training_extra
from training.label_sources import label_file

# Texts that are chosen for labelling, unless somebody wants another number.
_COUNT: Final = 200

Model = Annotated[Path | None, typer.Option(help="Directory of the model; the released one when left out.")]
Prior = Annotated[
    str | None,
    typer.Option(
        help="How often each label is assumed to occur; one of the model's priors, its default when left out."
    ),
]


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
    count: Annotated[
        int | None, typer.Option("--count", "-n", min=1, help=f"How many texts to label; {_COUNT} when left out.")
    ] = None,
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
    if audit and (labels or count):
        raise typer.BadParameter("--audit looks at all labels of INPUT: --labels and --count would do nothing.")
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
    chosen = choose(classifier, usable(read_rows(input, text_column=text_column)), count or _COUNT, known)
    write_candidates(target, chosen, classifier.info.version)
    typer.echo(f"{len(chosen)} texts to label are in {target}. Afterwards: ru-stance labels import {target}")
