"""Adds to a trained model what other runs say beside it, and writes its card anew::

    python -m training.complete runs/model --real DIR --held-out FILE --open-model runs/open

All goes into ``metrics.json``, from which every later card has it, too. The baselines are fitted on the very sentences
that the model was trained on, and measured on the same sets.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from models.directory import METRICS, verify, write_checksums
from models.errors import TrainingError
from training.baselines import Baselines
from training.card import read_facts, write_card
from training.dataset import Example, data_hash
from training.record import write_json
from training.settings import TrainingSettings, command_of
from training.slices import from_examples
from training.train import gather, sets_of


@dataclass(frozen=True)
class Beside:
    """What stands beside a model in its card.

    Attributes:
        open_model: directory of the model that was trained on the written corpus alone, or None.
        embedder: base whose frozen embeddings are one of the baselines, or None.
    """

    open_model: Path | None = None
    embedder: str | None = None


def complete(directory: Path, settings: TrainingSettings, beside: Beside) -> None:
    """Put the baselines and the open model's figures into ``metrics.json``, and write the card and the checksums.

    The command that trains so is written anew, from the settings in ``training.json``.

    Args:
        directory: what ``ru-stance train`` wrote.
        settings: with the same data as that training.
        beside: what is added.

    Raises:
        ModelError: the directory is not a whole model directory.
        TrainingError: the data are not those that the model was trained on.
    """
    verify(directory)
    examples = same_data(directory, settings)
    record = json.loads((directory / "training.json").read_text("utf-8"))
    of = {split: [item for item in examples if item.split == split] for split in ("train", "validation", "test")}
    baselines = Baselines(of["train"], of["validation"], beside.embedder)
    measured = sets_of(settings.held_out, of["test"])
    metrics = json.loads((directory / METRICS).read_text("utf-8"))
    metrics["command"] = command_of(record["settings"])
    if beside.open_model is not None:
        told = read_facts(beside.open_model / METRICS)
        sets = {name: {"overall": found["overall"]} for name, found in told["sets"].items()}
        metrics["open_model"] = {"model": told["model"], "sets": sets}
    metrics["baselines"] = {
        name: {method: figures.to_dict() for method, figures in baselines.measure(from_examples(rows)).items()}
        for name, rows in measured.items()
    }
    write_json(directory / METRICS, metrics)
    write_card(directory)
    write_checksums(directory)


def same_data(directory: Path, settings: TrainingSettings) -> list[Example]:
    """All examples of the training that made a directory, gathered again.

    Raises:
        TrainingError: they are not those that the model was trained on.
    """
    examples = gather(settings)
    if data_hash(examples) != json.loads((directory / "training.json").read_text("utf-8"))["data"]["sha256"]:
        raise TrainingError(
            f"{directory} was trained on other sentences: give the same --real, --held-out and --language as then, and "
            "the corpus as it was"
        )
    return examples


def main(
    directory: Annotated[Path, typer.Argument(help="What `ru-stance train` wrote.")],
    real: Annotated[Path | None, typer.Option(help="As in the training.")] = None,
    held_out: Annotated[list[Path] | None, typer.Option(help="As in the training.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="As in the training.")] = None,
    open_model: Annotated[
        Path | None, typer.Option(help="Model of the corpus alone; its figures are told, too.")
    ] = None,
    embedder: Annotated[
        str | None, typer.Option(help="Base for the baseline of frozen embeddings; without it, that one is left out.")
    ] = "multilingual-e5-small",
) -> None:
    """Add baselines and the open model's figures to a trained model's card."""
    settings = TrainingSettings(
        output=directory, real=real, held_out=tuple(held_out or ()), languages=tuple(language or ())
    )
    complete(directory, settings, Beside(open_model, embedder))


if __name__ == "__main__":
    typer.run(main)
