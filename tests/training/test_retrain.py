"""Training on with a user's labels: what it leaves behind, what it keeps, and what it refuses."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.directory import DIRECTORY_VARIABLE, open_directory, verify
from models.errors import TrainingError
from models.registry import Registry
from tests.training.conftest import train_tiny
from training.bases import fetch_base
from training.dataset import CORPUS
from training.finetune import weighted_targets
from training.retrain import LEAST_REPLAYED, retrain
from training.settings import TrainingSettings, recipe
from training.user_labels import SOURCE, as_examples, part, read_labels
from training.versions import train_version


@pytest.fixture(scope="module")
def released(tiny_base: Path, small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model in the place of the released one."""
    return train_tiny(tiny_base, small_corpus, tmp_path_factory.mktemp("released") / "model", epochs=2)


@pytest.fixture
def settings(released: Path, small_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainingSettings:
    """Settings of a training on with 120 labels."""
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(released))
    lines = (CORPUS / "telegram.jsonl").read_text("utf-8").splitlines()[:120]
    labels = tmp_path / "labels.jsonl"
    labels.write_text("\n".join(lines), "utf-8")
    chosen = recipe(True, False, None) | {"epochs": 1.0, "max_length": 48, "corpus": small_corpus}
    return TrainingSettings(output=tmp_path / "model", labels=(labels,), **chosen)  # type: ignore[arg-type]


def test_a_version_is_made_and_nothing_is_released(settings: TrainingSettings, released: Path, tmp_path: Path) -> None:
    told: list[str] = []
    registry = Registry(tmp_path / "registry")
    place = train_version(settings, registry, told.append)
    assert registry.versions() == [place.name] == [open_directory(place).info.version]
    assert registry.released() is None
    assert not list((registry.folder / "runs").iterdir())
    verify(place)
    checksums = json.loads((place / "checksums.json").read_text("utf-8"))
    assert {"frozen.jsonl", "model.safetensors", "README.md"} <= set(checksums)
    record = json.loads((place / "training.json").read_text("utf-8"))
    before = open_directory(released)
    assert (record["trained_on_from"], record["calibration"]) == (before.info.version, "kept")
    assert open_directory(place).priors == before.priors
    assert open_directory(place).info.base == before.info.base
    parted = part(read_labels(settings.labels), settings.test_share)
    frozen = [json.loads(line) for line in (place / "frozen.jsonl").read_text("utf-8").splitlines()]
    assert [(row["text"], row["label"]) for row in frozen] == [(row.text, row.label) for row in parted.frozen]
    counts = {split: sum(labels.values()) for split, labels in record["data"][SOURCE].items()}
    assert counts == {"train": len(parted.learned), "test": len(parted.frozen)}
    assert 0.9 * LEAST_REPLAYED <= sum(record["data"]["written"]["train"].values()) <= LEAST_REPLAYED
    metrics = json.loads((place / "metrics.json").read_text("utf-8"))
    assert set(metrics["sets"]) == {"your frozen test", "written test"}
    assert any(f"{len(parted.learned)} to learn from" in line for line in told)
    with_torch = fetch_base("released")
    assert with_torch == released, "a model that has its torch weights is its own base"


def test_enough_labels_are_calibrated_on_and_only_needs_no_corpus(settings: TrainingSettings) -> None:
    chosen = recipe(True, True, settings.base) | {"epochs": 1.0, "max_length": 48}
    only = TrainingSettings(output=settings.output, labels=settings.labels, only=True, **chosen)  # type: ignore[arg-type]
    directory = retrain(only)
    record = json.loads((directory / "training.json").read_text("utf-8"))
    assert record["calibration"] == "fitted"
    assert set(record["data"]) == {"sha256", SOURCE}
    assert json.loads((directory / "calibration.json").read_text("utf-8"))["fitted_on"][SOURCE] >= 5


def test_a_run_does_not_go_on_with_other_labels(settings: TrainingSettings, tmp_path: Path) -> None:
    (tmp_path / "model" / "run").mkdir(parents=True)
    (tmp_path / "model" / "run" / "labels.sha256").write_text("0", "utf-8")
    with pytest.raises(TrainingError, match="other labels"):
        retrain(settings)


def test_the_teacher_has_another_share_in_labels_than_in_replayed_sentences(settings: TrainingSettings) -> None:
    mine = as_examples(read_labels(settings.labels))[:2]
    both = [mine[0], replace(mine[1], source="written")]
    plain = replace(settings, class_balance=0, label_smoothing=0, real_weight=1)
    taught = np.full((2, 3), 1 / 3)
    truth = weighted_targets(both, both, plain)
    found = weighted_targets(both, both, plain, taught)
    for row, share in enumerate((settings.teacher_weight_on_labels, settings.teacher_weight)):
        assert found[row] == pytest.approx((1 - share) * truth[row] + share / 3)


def test_each_kind_of_training_has_a_recipe() -> None:
    assert recipe(False, False, None)["name_swaps"] > 0
    assert recipe(True, False, None)["base"] == "released"
    assert recipe(True, False, "all-MiniLM-L6-v2")["replay"] == 1e6
    known, small, large = (recipe(True, True, base) for base in (None, "multilingual-e5-small", "all-mpnet-base-v2"))
    assert [made["base"] for made in (known, small, large)] == [
        "released",
        "multilingual-e5-small",
        "all-mpnet-base-v2",
    ]
    rates = [float(str(made["learning_rate"])) for made in (known, large, small)]
    assert rates[0] == rates[1] < rates[2]
