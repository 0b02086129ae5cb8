"""Training into the registry: the run is kept until it has ended, and the model then becomes a version."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from models.directory import open_directory
from models.registry import Registry
from training.retrain import labels_hash, retrain
from training.settings import TrainingSettings
from training.user_labels import read_labels


def train_version(settings: TrainingSettings, registry: Registry, tell: Callable[[str], None]) -> Path:
    """Train on a user's labels and return the directory of the new version; what is released stays as it is.

    A killed run goes on when it is started again with the same settings and labels.

    Args:
        settings: what to train with; its ``output`` is not used.
        registry: where the version goes.
        tell: called with a line of progress now and then.

    Raises:
        RuStanceError: as :func:`training.retrain.retrain`.
    """
    told = sorted((name, str(value)) for name, value in vars(settings).items() if name not in ("output", "labels"))
    key = hashlib.sha256(f"{labels_hash(read_labels(settings.labels))}{told}".encode()).hexdigest()[:12]
    run = registry.folder / "runs" / key
    version = open_directory(retrain(replace(settings, output=run), tell)).info.version
    place = registry.place_of(version)
    shutil.rmtree(run / "run")
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_dir():  # the same training, done before
        shutil.rmtree(run)
    else:
        run.rename(place)
    return place
