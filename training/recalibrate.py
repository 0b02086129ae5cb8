"""Fits the priors of a trained model anew, without training it again, after a change of how they are fitted::

    python -m training.recalibrate runs/model --real DIR --held-out FILE

The calibration sentences are those of the training. The weights, and with them version and temperature, stay; new are
the priors, the figures on the same sets, the card and the checksums. The test beds' figures are to be made again.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from models.classifier import Classifier
from models.directory import METRICS, verify, write_checksums
from training.calibrate import described, fit_priors
from training.card import write_card
from training.complete import same_data
from training.record import write_json
from training.reexport import measure
from training.settings import TrainingSettings
from training.train import judging, sets_of


def recalibrate(directory: Path, settings: TrainingSettings) -> None:
    """Write ``calibration.json`` and all that tells of it anew.

    Args:
        directory: what ``ru-stance train`` wrote.
        settings: with the same data as that training.

    Raises:
        ModelError: the directory is not a whole model directory.
        TrainingError: the data are not those that the model was trained on.
    """
    verify(directory)
    examples = same_data(directory, settings)
    fitted_on = judging([item for item in examples if item.split == "calibration"])
    with Classifier.load(directory) as classifier:
        logits = classifier.logits([item.text for item in fitted_on])
    before = json.loads((directory / "calibration.json").read_text("utf-8"))
    write_json(directory / "calibration.json", before | described(fit_priors(logits, fitted_on), fitted_on))
    write_checksums(directory)
    metrics = json.loads((directory / METRICS).read_text("utf-8"))
    measure(directory, metrics, sets_of(settings.held_out, [item for item in examples if item.split == "test"]))
    write_card(directory)
    write_checksums(directory)


def main(
    directory: Annotated[Path, typer.Argument(help="What `ru-stance train` wrote.")],
    real: Annotated[Path | None, typer.Option(help="As in the training.")] = None,
    held_out: Annotated[list[Path] | None, typer.Option(help="As in the training; repeatable.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="As in the training; repeatable.")] = None,
) -> None:
    """Fit a trained model's priors anew."""
    recalibrate(
        directory,
        TrainingSettings(output=directory, real=real, held_out=tuple(held_out or ()), languages=tuple(language or ())),
    )


if __name__ == "__main__":
    typer.run(main)
