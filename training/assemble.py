"""From a fine-tuned checkpoint to a whole model directory: exported, calibrated, measured, described."""

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from models.calibration import Prior
from models.casing import cased
from models.classifier import Classifier
from models.directory import ModelDirectory, open_directory, write_checksums
from models.encoding import Encoder
from models.errors import TrainingError
from models.labels import LABELS
from models.machine import machine
from training import calibrate, export
from training.bases import SHIPPED, origin
from training.card import write_card
from training.dataset import Example, count_examples, data_hash
from training.evaluate import evaluate
from training.quantize import quantize
from training.record import write_json, write_metrics
from training.settings import TrainingSettings
from training.slices import from_examples, usable_columns

NAME: Final = "ru-stance"
_PACKAGES: Final = ("torch", "transformers", "datasets", "tokenizers", "onnx", "onnxruntime", "numpy")
PEAK_SENTENCES: Final = 128
SLICES: Final = ("source", "lang", "register", "theatre")
# Least share of equal labels, over the held-out examples, for an export to count as faithful.
FAITHFUL_FP32: Final = 0.999
FAITHFUL_INT8: Final = 0.97


def assemble(
    checkpoint: Path,
    directory: Path,
    settings: TrainingSettings,
    calibration: Sequence[Example],
    comparison: Sequence[Example],
    kept: ModelDirectory | None = None,
) -> dict[str, float]:
    """Make a model directory of a checkpoint: fp32 and int8 ONNX, temperature, priors; and check the exports.

    Args:
        checkpoint: Hugging Face folder, in a run of :mod:`training.finetune`.
        directory: where to; what is there is deleted first.
        settings: those of the training.
        calibration: what temperature and priors are fitted on, and what the quantisation looks at.
        comparison: what the exports are compared on.
        kept: a model whose temperature (it is in the weights) and priors are kept instead of being fitted.

    Returns:
        Shares of equal labels, fp32 ONNX against torch and int8 against fp32, on the comparison examples.

    Raises:
        TrainingError: an export gives other labels than it may.
    """
    if directory.exists():
        shutil.rmtree(directory)
    directory.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copy(checkpoint.parent / "start" / name, directory / name)
    model = AutoModelForSequenceClassification.from_pretrained(checkpoint, dtype=torch.float32).eval()
    texts = [item.text for item in comparison]
    fp32 = directory.parent / "fp32"
    fp32.mkdir(exist_ok=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copy(directory / name, fp32 / name)
    export.export_fp32(model, fp32 / "model.onnx")
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    encoder = Encoder(directory / "tokenizer.json", settings.max_length)
    sentences = [encoder.encode(item.text).ids for item in calibration[:PEAK_SENTENCES]]
    quantize(fp32 / "model.onnx", directory / "model.onnx", state, sentences)

    uncalibrated = {calibrate.BALANCED: Prior((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))}
    for folder in (fp32, directory):
        _describe(folder, settings, "uncalibrated", uncalibrated, ())
    labels = {
        "torch": _torch_logits(model, directory, settings, texts).argmax(axis=1),
        "fp32": Classifier.load(fp32).logits(texts).argmax(axis=1),
        "int8": Classifier.load(directory).logits(texts).argmax(axis=1),
    }
    shutil.rmtree(fp32)
    fidelity = {
        "fp32_to_torch": float((labels["fp32"] == labels["torch"]).mean()),
        "int8_to_fp32": float((labels["int8"] == labels["fp32"]).mean()),
    }
    if fidelity["fp32_to_torch"] < FAITHFUL_FP32 or fidelity["int8_to_fp32"] < FAITHFUL_INT8:
        raise TrainingError(f"the export is not faithful to the model: shares of equal labels are {fidelity}")

    if kept is None:
        logits = Classifier.load(directory).logits([item.text for item in calibration])
        temperature = calibrate.temperature_of(logits, calibration)
        export.scale_logits(directory / "model.onnx", temperature)
        export.scale_torch_logits(model, temperature)
        priors, fitted_on = calibrate.fit_priors(logits / np.float32(temperature), calibration), calibration
    else:
        priors, fitted_on = kept.priors, ()
    model.save_pretrained(directory)
    _describe(directory, settings, export.content_version(directory / "model.onnx"), priors, fitted_on)
    return fidelity


def finish(
    partial: Path,
    settings: TrainingSettings,
    examples: Sequence[Example],
    sets: Mapping[str, Sequence[Example]],
    fidelity: Mapping[str, float],
    started: datetime,
    **facts: object,
) -> None:
    """Measure an assembled model, write its metrics, record, card and checksums, and move it into ``settings.output``.

    Args:
        partial: what :func:`assemble` made.
        settings: those of the training.
        examples: all that it saw or is measured on.
        sets: what it is measured on, by name.
        fidelity: what :func:`assemble` returned.
        started: when the training was first started.
        facts: further facts for ``training.json``.
    """
    classifier = Classifier.load(partial)
    evaluations = {}
    for name, held_out in sets.items():
        rows = from_examples(held_out)
        evaluations[name] = evaluate(classifier, rows, usable_columns(rows, SLICES))
    write_metrics(partial, classifier.info.version, settings.command(), evaluations)
    packaged = origin(settings.base)
    write_json(
        partial / "training.json",
        {
            "settings": {name: value for name, value in settings.to_dict().items() if name != "output"},
            "base": {
                "name": settings.base_name,
                "hub_id": packaged.hub_id if packaged else settings.base_name,
                "license": packaged.license if packaged else "unknown",
            },
            "data": {"sha256": data_hash(examples), **count_examples(examples)},
            "export": dict(fidelity),
            "versions": {package: version(package) for package in _PACKAGES},
            "seed": settings.seed,
            "started": started.isoformat(timespec="seconds"),
            "seconds": round((datetime.now(UTC) - started).total_seconds()),
            "machine": machine(),
            **facts,
        },
    )
    write_card(partial)
    write_checksums(partial)
    for file in partial.iterdir():
        file.replace(settings.output / file.name)
    partial.rmdir()


def _torch_logits(model: Any, directory: Path, settings: TrainingSettings, texts: Sequence[str]) -> Any:
    tokenizer = AutoTokenizer.from_pretrained(directory)
    with torch.inference_mode():
        return np.concatenate(
            [
                model(**tokenizer(text, truncation=True, max_length=settings.max_length, return_tensors="pt")).logits
                for text in map(cased, texts)
            ]
        )


def _describe(
    directory: Path,
    settings: TrainingSettings,
    model_version: str,
    priors: dict[str, Prior],
    calibration: Sequence[Example],
) -> None:
    """Write calibration.json, and enough beside it that the directory loads."""
    content = {
        "name": NAME,
        "version": model_version,
        "base": root_name(settings),
        "max_length": settings.max_length,
        "coverage": calibrate.COVERAGE,
        "labels": list(LABELS),
        **calibrate.described(priors, calibration),
    }
    (directory / "calibration.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    (directory / "metrics.json").write_text("{}\n", "utf-8")
    write_checksums(directory)


def root_name(settings: TrainingSettings) -> str:
    """The pretrained model that a training goes back to, also where it starts from one that was trained before."""
    return open_directory().info.base if settings.base == SHIPPED else settings.base_name
