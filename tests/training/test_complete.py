"""The card of a trained model gets the baselines and the open model's figures, of the same data only."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from models.directory import verify
from models.errors import TrainingError
from training.complete import Beside, complete
from training.settings import TrainingSettings
from training.train import train


def test_baselines_and_the_open_model_come_into_the_card(tiny_settings: TrainingSettings, tmp_path: Path) -> None:
    directory = train(replace(tiny_settings, epochs=0.2))
    other = tmp_path / "open"
    shutil.copytree(directory, other)
    metrics = json.loads((other / "metrics.json").read_text("utf-8"))
    metrics["sets"]["written test"]["overall"]["macro_f1"] = {"value": 0.987, "low": 0.981, "high": 0.989}
    (other / "metrics.json").write_text(json.dumps(metrics), "utf-8")

    complete(directory, tiny_settings, Beside(open_model=other))

    verify(directory)
    found = json.loads((directory / "metrics.json").read_text("utf-8"))["baselines"]["written test"]
    assert found["tfidf"]["accuracy"]["value"] > found["majority"]["macro_f1"]["value"]
    card = (directory / "README.md").read_text("utf-8")
    assert f"TF-IDF + logistic regression | {found['tfidf']['macro_f1']['value']:.3f}" in card
    assert "0.987 [0.981, 0.989]" in card

    with pytest.raises(TrainingError, match="trained on other sentences"):
        complete(directory, replace(tiny_settings, languages=("ru",)), Beside())
