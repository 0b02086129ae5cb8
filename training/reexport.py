"""Exports a trained model anew, without training it again, after a change of the export::

    python -m training.reexport runs/model --held-out FILE

From its ``model.safetensors`` come a new ``model.onnx``, held to torch and to fp32 as after a training, a new version,
new figures on the same sets, a new card and new checksums. Temperature (it is in the weights) and priors stay, and so
do the figures of other models; those of the test beds are to be made again.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from models.classifier import Classifier
from models.directory import METRICS, open_directory, verify, write_checksums
from models.errors import TrainingError
from training.assemble import SLICES, assemble
from training.card import write_card
from training.dataset import CORPUS, Example, read_corpus
from training.evaluate import evaluate
from training.record import write_json, write_metrics
from training.settings import TrainingSettings
from training.slices import from_examples, usable_columns
from training.train import sets_of

_WEIGHTS: Final = "model.safetensors"
# What other models reached does not hang on this one's export.
_OF_OTHERS: Final = ("baselines", "open_model")
_START: Final = ("config.json", "tokenizer.json", "tokenizer_config.json")


def reexport(directory: Path, held_out: Sequence[Path] = (), corpus: Path = CORPUS) -> dict[str, float]:
    """Write ``model.onnx`` and all that tells of it anew; a directory is only changed when all is well.

    Args:
        directory: what ``ru-stance train`` wrote.
        held_out: the files that its figures are of.
        corpus: the folder of written sentences that it was trained on.

    Returns:
        Shares of equal labels, fp32 ONNX against torch and int8 against fp32.

    Raises:
        ModelError: the directory is not a whole model directory.
        TrainingError: it has no torch weights, a held-out file is missing, or the export is not faithful.
    """
    verify(directory)
    if not (directory / _WEIGHTS).exists():
        raise TrainingError(f"{directory} has no {_WEIGHTS}; give the folder that ru-stance train wrote")
    facts = {name: json.loads((directory / name).read_text("utf-8")) for name in ("training.json", METRICS)}
    told = facts["training.json"]["settings"]
    languages = tuple(told.get("languages") or ())
    examples = [item for item in read_corpus(corpus) if not languages or (item.lang or "en") in languages]
    sets = sets_of(held_out, [item for item in examples if item.split == "test"])
    if missing := set(facts[METRICS]["sets"]) - set(sets):
        raise TrainingError(
            f"the figures of {', '.join(sorted(missing))} would be lost: give these files by --held-out"
        )
    work = directory / "reexport"
    shutil.rmtree(work, ignore_errors=True)
    try:
        partial, fidelity = _assembled(directory, work, told, examples)
        measure(partial, facts[METRICS], sets)
        write_json(partial / "training.json", facts["training.json"] | {"export": fidelity})
        write_card(partial)
        write_checksums(partial)
        for file in partial.iterdir():
            file.replace(directory / file.name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return fidelity


def _assembled(
    directory: Path, work: Path, told: dict[str, object], examples: list[Example]
) -> tuple[Path, dict[str, float]]:
    """The new model directory, in the folder ``work``, and what its export was found to be."""
    for name in ("start", "checkpoint"):
        (work / name).mkdir(parents=True)
    for name in _START:
        shutil.copy(directory / name, work / "start" / name)
    shutil.copy(directory / "config.json", work / "checkpoint")
    (work / "checkpoint" / _WEIGHTS).hardlink_to(directory / _WEIGHTS)
    settings = TrainingSettings(output=directory, base=str(told["base"]), max_length=int(str(told["max_length"])))
    of = {split: [item for item in examples if item.split == split] for split in ("calibration", "validation")}
    kept, partial = open_directory(directory), work / "model"
    fidelity = assemble(work / "checkpoint", partial, settings, of["calibration"], of["validation"], kept)
    before, after = (json.loads((folder / "calibration.json").read_text("utf-8")) for folder in (directory, partial))
    write_json(partial / "calibration.json", before | {"version": after["version"]})
    write_checksums(partial)
    return partial, fidelity


def measure(partial: Path, before: Mapping[str, object], sets: Mapping[str, Sequence[Example]]) -> None:
    """Write ``metrics.json`` of a model directory: its figures on the sets; the command and other models' as before."""
    with Classifier.load(partial) as classifier:
        evaluations = {}
        for name, examples in sets.items():
            rows = from_examples(examples)
            evaluations[name] = evaluate(classifier, rows, usable_columns(rows, SLICES))
        write_metrics(partial, classifier.info.version, str(before["command"]), evaluations)
    after = json.loads((partial / METRICS).read_text("utf-8"))
    write_json(partial / METRICS, after | {name: before[name] for name in _OF_OTHERS if name in before})


def main(
    directory: Annotated[Path, typer.Argument(help="What `ru-stance train` wrote.")],
    held_out: Annotated[list[Path] | None, typer.Option(help="As in the training; repeatable.")] = None,
    corpus: Annotated[Path, typer.Option(help="As in the training.")] = CORPUS,
) -> None:
    """Export a trained model anew, without training it again."""
    fidelity = reexport(directory, held_out or (), corpus)
    typer.echo(f"equal labels: {json.dumps(fidelity)}; version {open_directory(directory).info.version}")
    typer.echo(f"The test beds' figures, if there were any, are gone: python -m training.testbeds {directory}")


if __name__ == "__main__":
    typer.run(main)
