"""The training script: a base and labelled examples in, a model directory out."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from models.calibration import Prior
from models.classifier import Classifier
from models.directory import write_checksums
from models.encoding import Encoder
from models.errors import TrainingError
from models.labels import LABELS
from models.machine import machine
from training import calibrate, export
from training.bases import fetch_base, origin
from training.card import write_card
from training.dataset import (
    CORPUS,
    SPLITS,
    WRITTEN,
    Example,
    count_examples,
    data_hash,
    drop_near_duplicates,
    read_corpus,
    read_documents,
    read_real,
    refuse_leaks,
)
from training.evaluate import evaluate
from training.finetune import finetune, started_at
from training.quantize import quantize
from training.record import write_json, write_metrics
from training.settings import TrainingSettings
from training.slices import from_examples

NAME: Final = "ru-stance"
_PACKAGES: Final = ("torch", "transformers", "datasets", "tokenizers", "onnx", "onnxruntime", "numpy")
PEAK_SENTENCES: Final = 128
SLICES: Final = ("source", "lang", "register", "theatre")
# Least share of equal labels, over the held-out examples, for an export to count as faithful.
FAITHFUL_FP32: Final = 0.999
FAITHFUL_INT8: Final = 0.97


def train(settings: TrainingSettings) -> Path:
    """Train a model and return its directory, ``settings.output``; a killed run goes on when started again.

    Raises:
        TrainingError: the data, the base or the export is not as it must be.
        RowError: a row of the data is not valid.
    """
    examples = gather(settings)
    splits = {name: [item for item in examples if item.split == name] for name in SPLITS}
    empty = [name for name, items in splits.items() if not items]
    if empty:
        raise TrainingError(f"too few sentences: none in the {' or the '.join(empty)} split; give more")
    sets = sets_of(settings.held_out, splits["test"])
    best = finetune(settings, fetch_base(settings.base), splits["train"], splits["validation"])
    # What is judged by real text is calibrated on real text; a model of written text claims no more than that.
    judged = [item for item in splits["calibration"] if item.source != WRITTEN] or splits["calibration"]
    partial = settings.output / "partial"
    fidelity = assemble(best, partial, settings, judged, splits["validation"])
    classifier = Classifier.load(partial)
    evaluations = {}
    for name, held_out in sets.items():
        rows = from_examples(held_out)
        columns = [column for column in SLICES if any(column in row.fields for row in rows)]
        evaluations[name] = evaluate(classifier, rows, [*columns, "length"])
    write_metrics(partial, classifier.info.version, settings.command(), evaluations)
    packaged = origin(settings.base)
    started = started_at(best.parent)
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
            "export": fidelity,
            "versions": {package: version(package) for package in _PACKAGES},
            "seed": settings.seed,
            "started": started.isoformat(timespec="seconds"),
            "seconds": round((datetime.now(UTC) - started).total_seconds()),
            "machine": machine(),
        },
    )
    write_card(partial)
    write_checksums(partial)
    for file in partial.iterdir():
        file.replace(settings.output / file.name)
    partial.rmdir()
    return settings.output


def gather(settings: TrainingSettings) -> list[Example]:
    """All examples of a training, split. What is near to a sentence of the test split or of a held-out file is dropped.

    Raises:
        RowError: a row is not valid.
        LeakError: a document of a held-out file would be trained on.
    """
    examples = read_corpus(settings.corpus or CORPUS)
    if settings.real is not None:
        examples += read_real(settings.real)
    if settings.languages:
        examples = [item for item in examples if (item.lang or "en") in settings.languages]
    test = [item for item in examples if item.split == "test"]
    held_out = [item for path in settings.held_out for item in read_documents(path)]
    seen = drop_near_duplicates([item for item in examples if item.split != "test"], [*test, *held_out])
    refuse_leaks(seen, [*test, *held_out])
    return [*seen, *test]


def sets_of(held_out: Sequence[Path], test: list[Example]) -> dict[str, list[Example]]:
    """What the model is measured on, by name; looked at before the training, which takes hours."""
    # Real text first: written text flatters, and it is the first set that the card draws.
    sets = {path.stem: read_documents(path) for path in held_out}
    if len(sets) < len(held_out):
        raise TrainingError("two held-out files have the same name, by which their figures would be told: rename one")
    if empty := [name for name, examples in sets.items() if not examples]:
        raise TrainingError(f"there is no sentence in the held-out {' and '.join(empty)}: leave it out")
    return {**sets, "written test": test}


def assemble(
    checkpoint: Path,
    directory: Path,
    settings: TrainingSettings,
    calibration: Sequence[Example],
    comparison: Sequence[Example],
) -> dict[str, float]:
    """Make a model directory of a checkpoint: fp32 and int8 ONNX, temperature, priors; and check the exports.

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

    logits = Classifier.load(directory).logits([item.text for item in calibration])
    temperature = calibrate.temperature_of(logits, calibration)
    export.scale_logits(directory / "model.onnx", temperature)
    export.scale_torch_logits(model, temperature)
    model.save_pretrained(directory)
    priors = calibrate.fit_priors(logits / np.float32(temperature), calibration)
    _describe(directory, settings, export.content_version(directory / "model.onnx"), priors, calibration)
    return fidelity


def _torch_logits(model: Any, directory: Path, settings: TrainingSettings, texts: Sequence[str]) -> Any:
    tokenizer = AutoTokenizer.from_pretrained(directory)
    with torch.inference_mode():
        return np.concatenate(
            [
                model(**tokenizer(text, truncation=True, max_length=settings.max_length, return_tensors="pt")).logits
                for text in texts
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
        "base": settings.base_name,
        "max_length": settings.max_length,
        "coverage": calibrate.COVERAGE,
        "labels": list(LABELS),
        "default_prior": calibrate.BALANCED,
        "priors": {name: asdict(prior) for name, prior in priors.items()},
        "fitted_on": calibrate.fitted_on(calibration),
    }
    (directory / "calibration.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    (directory / "metrics.json").write_text("{}\n", "utf-8")
    write_checksums(directory)
