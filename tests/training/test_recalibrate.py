"""A trained model gets its priors anew from the data of its training, and nothing else of it changes."""

import json
from dataclasses import replace

import pytest

from models.classifier import Classifier
from models.directory import verify, write_checksums
from models.errors import TrainingError
from training.recalibrate import recalibrate
from training.settings import TrainingSettings
from training.train import train


def test_lost_priors_come_back_as_the_training_fitted_them(tiny_settings: TrainingSettings) -> None:
    directory = train(replace(tiny_settings, epochs=0.2))
    file = directory / "calibration.json"
    fitted = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(fitted | {"default_prior": "bare", "priors": {"bare": fitted["priors"]["balanced"]}}))
    write_checksums(directory)
    with pytest.raises(TrainingError, match="trained on other sentences"):
        recalibrate(directory, replace(tiny_settings, languages=("ru",)))

    recalibrate(directory, tiny_settings)

    verify(directory)
    found = json.loads(file.read_text("utf-8"))
    assert found["default_prior"] == "mixed"
    assert found["fitted_on"] == fitted["fitted_on"]
    for name, prior in fitted["priors"].items():
        assert found["priors"][name]["shift"] == pytest.approx(prior["shift"], abs=1e-4)
        assert found["priors"][name]["thresholds"] == pytest.approx(prior["thresholds"], abs=1e-4)
    assert found["version"] == Classifier.load(directory).info.version == fitted["version"]
    assert "`mixed`" in (directory / "README.md").read_text("utf-8")
