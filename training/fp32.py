"""The fp32 twin of a trained model, to measure what int8 costs on any labelled rows::

    python -m training.fp32 runs/model runs/model-fp32
    ru-stance model compare runs/model-fp32 runs/model --data FILE

The same weights, temperature, priors and thresholds; only ``model.onnx`` is another.
"""

import json
import shutil
from pathlib import Path
from typing import Annotated

import torch
import typer
from transformers import AutoModelForSequenceClassification

from models.directory import CALIBRATION, GRAPH, SERVED, verify, write_checksums
from models.errors import TrainingError
from training.export import export_fp32
from training.record import write_json


def write_fp32(directory: Path, target: Path) -> None:
    """Write the fp32 twin of a model directory.

    Args:
        directory: what ``ru-stance train`` wrote, with ``model.safetensors``.
        target: a folder that is not there yet.

    Raises:
        ModelError: the directory is not a whole model directory.
        TrainingError: it has no torch weights, or the target is there.
    """
    verify(directory)
    if not (directory / "model.safetensors").is_file():
        raise TrainingError(f"{directory} has no model.safetensors; give the folder that ru-stance train wrote")
    if target.exists():
        raise TrainingError(f"{target} is there already: name a new folder")
    target.mkdir(parents=True)
    for name in SERVED:
        shutil.copy(directory / name, target / name)
    export_fp32(AutoModelForSequenceClassification.from_pretrained(directory, dtype=torch.float32), target / GRAPH)
    calibration = json.loads((directory / CALIBRATION).read_text("utf-8"))
    write_json(target / CALIBRATION, calibration | {"version": f"{calibration['version']}-fp32"})
    write_checksums(target)


def main(
    directory: Annotated[Path, typer.Argument(help="What `ru-stance train` wrote.")],
    target: Annotated[Path, typer.Argument(help="Folder to write; it must not be there.")],
) -> None:
    """Write the fp32 twin of a trained model."""
    write_fp32(directory, target)
    typer.echo(f"To compare: ru-stance model compare {target} {directory} --data FILE")


if __name__ == "__main__":
    typer.run(main)
