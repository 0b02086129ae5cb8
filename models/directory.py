"""A model directory: what is in it, whether it is whole, and which one is the default.

Made by training, in Hugging Face layout; serving reads ``SERVED`` of it::

    config.json  tokenizer.json  model.onnx      what the model is
    calibration.json  metrics.json               how its logits are read, and how good it is
    training.json                                what it was trained on; a model may lack it
    README.md  tokenizer_config.json             for people, and for other libraries
    checksums.json                               SHA-256 of every other file
"""

import hashlib
import json
import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from models.calibration import Prior
from models.errors import ModelBroken, ModelNotFound
from models.labels import ID2LABEL, LABELS, Label
from models.languages import LANGUAGES
from models.registry import Registry

RELEASED: Final = Path(__file__).parent / "released"
DIRECTORY_VARIABLE: Final = "RU_STANCE_MODEL"

CONFIG, TOKENIZER, GRAPH = "config.json", "tokenizer.json", "model.onnx"
CALIBRATION, METRICS, CHECKSUMS = "calibration.json", "metrics.json", "checksums.json"
TRAINING: Final = "training.json"
# Two tokens stand around every text.
_SHORTEST: Final = 3
SERVED: Final = (CONFIG, TOKENIZER, GRAPH, CALIBRATION, METRICS)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a model says of itself.

    Attributes:
        name: name of the model.
        version: version of these weights.
        labels: the labels, in the order of the logits.
        base: the pretrained model that it was made from.
        max_length: tokens that it reads of a text; the rest is cut off, and told so.
        coverage: how often the prediction set holds the right label, as calibrated, in (0, 1).
        priors: names of the priors that can be chosen.
        default_prior: the prior that is used when none is named.
        languages: ISO 639-1 codes of the languages that it was made for.
        metrics: what ``metrics.json`` holds.
        trained_on: sentences that it was trained on, by source and label; empty where it does not say.
    """

    name: str
    version: str
    labels: tuple[Label, ...]
    base: str
    max_length: int
    coverage: float
    priors: tuple[str, ...]
    default_prior: str
    languages: tuple[str, ...]
    metrics: dict[str, Any]
    trained_on: dict[str, dict[Label, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelDirectory:
    """A model directory that was found whole.

    Attributes:
        path: where it is.
        info: what the model says of itself.
        priors: how the logits are read, by the name of the prior.
    """

    path: Path
    info: ModelInfo
    priors: dict[str, Prior]

    @property
    def tokenizer(self) -> Path:
        """Its ``tokenizer.json``."""
        return self.path / TOKENIZER

    @property
    def graph(self) -> Path:
        """Its ``model.onnx``."""
        return self.path / GRAPH


def default_directory() -> Path:
    """The directory that ``RU_STANCE_MODEL`` names, else the version that is released here, else the shipped model.

    Raises:
        ModelBroken: the registry's pointer cannot be read.
    """
    named = os.environ.get(DIRECTORY_VARIABLE)
    return Path(named) if named else Registry().released_directory() or RELEASED


def open_directory(path: str | Path | None = None) -> ModelDirectory:
    """Check the files that serving needs, and read the small ones.

    Args:
        path: the model directory; the default one when left out.

    Raises:
        ModelNotFound: there is no such directory, or a file is missing.
        ModelBroken: a file cannot be read, does not match its checksum, or does not hold what it should.
    """
    directory = default_directory() if path is None else Path(path)
    verify(directory, SERVED)
    _require_labels(directory)
    try:
        calibration = _read(directory / CALIBRATION)
        priors = {name: _prior(values) for name, values in calibration["priors"].items()}
        info = ModelInfo(
            name=str(calibration["name"]),
            version=str(calibration["version"]),
            labels=LABELS,
            base=str(calibration["base"]),
            max_length=int(calibration["max_length"]),
            coverage=float(calibration["coverage"]),
            priors=tuple(priors),
            default_prior=str(calibration["default_prior"]),
            languages=LANGUAGES,
            metrics=_read(directory / METRICS),
            trained_on=_trained_on(directory),
        )
        if info.max_length < _SHORTEST or not 0 < info.coverage < 1:
            raise ValueError("max_length or coverage is out of range")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelBroken(
            f"{directory / CALIBRATION} or {TRAINING} does not hold what it should ({type(error).__name__}: {error}); "
            "export the model again."
        ) from error
    if info.default_prior not in priors:
        raise ModelBroken(f"{directory / CALIBRATION} has no prior {info.default_prior!r}; export the model again.")
    return ModelDirectory(directory, info, priors)


def verify(directory: Path, names: Iterable[str] | None = None) -> None:
    """Check files against ``checksums.json``.

    Args:
        directory: the model directory.
        names: the files to check; all that the list has when left out.

    Raises:
        ModelNotFound: there is no such directory, or a file is missing.
        ModelBroken: a file cannot be read, does not match its checksum, or has none.
    """
    if not _is(Path.is_dir, directory):
        raise ModelNotFound(
            f"There is no model directory {directory}. Give one that `ru-stance train` wrote, or leave it out "
            f"(and {DIRECTORY_VARIABLE} unset) for the model that is shipped."
        )
    if not _is(Path.is_file, directory / CHECKSUMS):
        raise ModelNotFound(f"{directory} has no {CHECKSUMS}: it is no model directory, or only part of one.")
    listed = _read(directory / CHECKSUMS)
    for name in listed if names is None else names:
        if not _is(Path.is_file, directory / name):
            raise ModelNotFound(f"{directory} has no {name}; copy the whole directory again.")
        if name not in listed:
            raise ModelBroken(f"{directory / CHECKSUMS} has no line for {name}; export the model again.")
        if _sha256(directory / name) != listed[name]:
            raise ModelBroken(f"{directory / name} does not match its checksum; copy the whole directory again.")


def write_checksums(directory: Path) -> None:
    """Write ``checksums.json`` for the files that are in a model directory now."""
    sums = {
        file.name: _sha256(file) for file in sorted(directory.iterdir()) if file.is_file() and file.name != CHECKSUMS
    }
    (directory / CHECKSUMS).write_text(json.dumps(sums, indent=1) + "\n", encoding="utf-8")


def _trained_on(directory: Path) -> dict[str, dict[Label, int]]:
    if not _is(Path.is_file, directory / TRAINING):
        return {}
    sources = _read(directory / TRAINING).get("data", {})
    return {
        source: {label: int(splits["train"][label]) for label in LABELS if label in splits["train"]}
        for source, splits in sources.items()
        if isinstance(splits, dict) and "train" in splits
    }


def _require_labels(directory: Path) -> None:
    found = _read(directory / CONFIG).get("id2label")
    if found != {str(index): label for index, label in ID2LABEL.items()}:
        raise ModelBroken(
            f"{directory / CONFIG} must have the labels {', '.join(LABELS)}, in this order, as its id2label; "
            "train a model with `ru-stance train`."
        )


def _prior(values: dict[str, list[float]]) -> Prior:
    (shift_c, shift_n, shift_s), (most_c, most_n, most_s) = values["shift"], values["thresholds"]
    if not all(map(math.isfinite, (*values["shift"], *values["thresholds"]))):
        raise ValueError("a shift or a threshold is no number")
    return Prior((float(shift_c), float(shift_n), float(shift_s)), (float(most_c), float(most_n), float(most_s)))


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(_bytes(file))
    except ValueError as error:
        raise ModelBroken(f"{file} is no JSON; copy the whole directory again.") from error
    if not isinstance(content, dict):
        raise ModelBroken(f"{file} must hold one JSON object; export the model again.")
    return content


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    try:
        return kind(path)
    except OSError as error:  # a folder above it may not be looked into
        raise _unreadable(path, error) from error


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: OSError) -> ModelBroken:
    return ModelBroken(
        f"{file} cannot be read: {error.strerror or error}. Copy the whole directory again, and give the user who "
        "runs this the right to read it."
    )


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(file, error) from error
