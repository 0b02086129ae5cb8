"""Puts a trained model where it is shipped from: ``python -m training.release runs/model``."""

import shutil
import sys
from pathlib import Path
from typing import Final

from models.directory import RELEASED, SERVED, TRAINING, verify, write_checksums

# What serving needs and people read; the torch weights are made again from model.onnx (see training.export.rebuild).
SHIPPED: Final = (*SERVED, TRAINING, "tokenizer_config.json", "README.md", "reliability.svg", "confusion.svg")


def release(directory: Path, target: Path = RELEASED) -> None:
    """Copy what is shipped of a model directory, whole or not at all.

    Raises:
        ModelError: the directory is not a whole model directory.
    """
    verify(directory)
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name in SHIPPED:
        shutil.copy(directory / name, partial / name)
    write_checksums(partial)
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    partial.rename(target)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    release(Path(sys.argv[1]))
