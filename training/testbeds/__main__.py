"""Measure a model on the test beds, and write the figures into its ``metrics.json`` and its card::

python -m training.testbeds runs/model
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from models.classifier import Classifier
from models.directory import METRICS, verify, write_checksums
from training.card import write_card
from training.dataset import CORPUS, hashed, read_corpus
from training.record import write_json
from training.testbeds.bias import bias_figures
from training.testbeds.robustness import PAIRS, noise_flips, pair_figures


def measure(directory: Path, sentences: int, corpus: Path) -> dict[str, object]:
    """Figures of both test beds, as they stand in ``metrics.json``.

    Args:
        directory: the model directory.
        sentences: how many of the corpus' test split get noise; they are chosen by a hash.
        corpus: folder of the written corpus.

    Raises:
        ModelError: the directory is not a whole model directory.
    """
    test = sorted({item.text for item in read_corpus(corpus) if item.split == "test"}, key=hashed)[:sentences]
    with Classifier.load(directory) as classifier:
        pairs = {kind: pair_figures(classifier, kind) for kind in PAIRS}
        bias = bias_figures(classifier)
    return {"robustness": {"noise": noise_flips(directory, test), "pairs": pairs}, "bias": bias}


def main(
    directory: Annotated[Path, typer.Argument(help="What `ru-stance train` wrote.")],
    sentences: Annotated[int, typer.Option(min=1, help="Sentences of the test split that get noise.")] = 400,
    corpus: Annotated[Path, typer.Option(help="Folder of written sentences, as in the training.")] = CORPUS,
) -> None:
    """Add the figures of the test beds to a trained model and its card."""
    verify(directory)
    found = measure(directory, sentences, corpus)
    write_json(directory / METRICS, json.loads((directory / METRICS).read_text("utf-8")) | found)
    write_card(directory)
    write_checksums(directory)


if __name__ == "__main__":
    typer.run(main)
