"""The model card tells what the run's files say, and nothing else."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard

from models.classifier import Classifier
from models.errors import ModelBroken
from models.machine import machine
from training.card import write_card
from training.evaluate import evaluate
from training.record import write_json, write_metrics
from training.slices import LabelledRow

TRAINING: dict[str, Any] = {
    "settings": {"learning_rate": 0.000123, "base": "multilingual-e5-small"},
    "base": {"name": "multilingual-e5-small", "hub_id": "intfloat/multilingual-e5-small", "license": "MIT"},
    "data": {
        "sha256": "abc123",
        "written": {"train": {"critical": 11, "neutral": 12, "supportive": 13}, "test": {"critical": 3, "neutral": 4}},
    },
    "versions": {"torch": "9.8.7"},
    "seed": 4711,
    "seconds": 3605,
    "started": "2031-02-03T04:05:06+00:00",
    "machine": "a machine",
}
ROWS = [
    LabelledRow("We condemn the invasion of a peaceful neighbour", "critical", {"register": "a|b"}),
    LabelledRow("They praise the new base in the north", "neutral", {"register": "news"}),
    LabelledRow("We praise the help that they bring", "supportive", {"register": "news"}),
    LabelledRow("The ministers met on Tuesday in the capital to talk about grain", "neutral", {"register": "news"}),
]


@pytest.fixture
def directory(tmp_path: Path, tiny_model: Path, tiny_classifier: Classifier) -> Path:
    (tmp_path / "calibration.json").write_bytes((tiny_model / "calibration.json").read_bytes())
    write_json(tmp_path / "training.json", TRAINING)
    found = evaluate(tiny_classifier, ROWS, ["register", "length"])
    write_metrics(tmp_path, "tiny-1", "make figures", {"news test": found})
    metrics = read(tmp_path / "metrics.json")
    write_json(tmp_path / "metrics.json", metrics | {"baselines": {"news test": {"tfidf": found.overall.to_dict()}}})
    return tmp_path


def read(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text("utf-8"))
    assert isinstance(content, dict)
    return content


def test_the_header_is_what_the_hub_expects(directory: Path) -> None:
    card = ModelCard.load(write_card(directory))
    header = card.data.to_dict()
    macro = read(directory / "metrics.json")["sets"]["news test"]["overall"]["macro_f1"]["value"]
    assert header["license"] == "apache-2.0"
    assert header["library_name"] == "transformers"
    assert header["pipeline_tag"] == "text-classification"
    assert header["base_model"] == "intfloat/multilingual-e5-small"
    assert {"en", "ru", "uk", "ar"} <= set(header["language"])
    results = {item["type"]: item["value"] for item in header["model-index"][0]["results"][0]["metrics"]}
    assert header["model-index"][0]["name"] == "tiny"
    assert results["f1"] == macro


def test_the_body_tells_the_facts_of_the_run(directory: Path) -> None:
    text = write_card(directory).read_text("utf-8")
    macro = read(directory / "metrics.json")["sets"]["news test"]["overall"]["macro_f1"]
    assert f"{macro['value']:.3f} [{macro['low']:.3f}, {macro['high']:.3f}]" in text
    for fact in ("0.000123", "4711", "3605", "abc123", "torch 9.8.7", "a machine", "| 11 | 12 | 13 | 36 |"):
        assert fact in text
    for fact in (
        "| 3 | 4 | 0 | 7 |",
        "make figures",
        machine(),
        "tiny-1",
        "a\\|b",
        "90%",
        "TF-IDF",
        "By length",
        "(licence: MIT)",
    ):
        assert fact in text
    assert "This is an *open* model" in text
    assert "not a verdict" in text


def test_pictures_are_there_and_small(directory: Path) -> None:
    text = write_card(directory).read_text("utf-8")
    for name in ("reliability.svg", "confusion.svg"):
        assert f"({name})" in text
        assert 1000 < (directory / name).stat().st_size < 60_000


def test_writing_it_again_changes_nothing(directory: Path) -> None:
    write_card(directory)
    first = {path.name: path.read_bytes() for path in directory.iterdir()}
    write_card(directory)
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == first


def test_a_released_model_names_what_cannot_be_passed_on(directory: Path) -> None:
    training = copy.deepcopy(TRAINING)
    training["data"]["tweets"] = {"train": {"critical": 900}}
    training["settings"] |= {"teachers": ["large"], "variants": 2}
    write_json(directory / "training.json", training)
    metrics = read(directory / "metrics.json")
    other = copy.deepcopy(metrics["sets"])
    other["news test"]["overall"]["accuracy"]["value"] = 0.1234
    write_json(directory / "metrics.json", metrics | {"open_model": {"model": "open-1", "sets": other}})
    text = write_card(directory).read_text("utf-8")
    assert "*released* model" in text
    assert "(`tweets`)" in text
    assert (
        "what other models said of the same sentences (`large`), and of texts made of the real ones: 2 of each" in text
    )
    assert "open model, open-1, trained on the written corpus alone" in text
    assert "0.123 [" in text


def test_figures_of_another_version_are_told(directory: Path) -> None:
    metrics = read(directory / "metrics.json")
    write_json(directory / "metrics.json", {**metrics, "model": "tiny-0"})
    assert "figures of version tiny-0, not of this one" in write_card(directory).read_text("utf-8")


@pytest.mark.parametrize("kept", ["training.json", "metrics.json", "calibration.json"])
def test_what_is_not_known_is_left_out(directory: Path, kept: str) -> None:
    for path in directory.iterdir():
        if path.name != kept:
            path.unlink()
    text = write_card(directory).read_text("utf-8")
    header = ModelCard(text).data.to_dict()
    assert ("base_model" in header) == ("## How it was trained" in text) == (kept == "training.json")
    assert ("model-index" in header) == ("## How good it is" in text) == (kept == "metrics.json")
    assert ("prediction sets and priors" in text) == (kept == "calibration.json")
    assert "None" not in text


def test_a_local_base_is_no_hub_name_and_its_licence_is_not_guessed(directory: Path) -> None:
    base = {"name": "/home/someone/base", "hub_id": "/home/someone/base", "license": "unknown"}
    write_json(directory / "training.json", {**TRAINING, "base": base})
    text = write_card(directory).read_text("utf-8")
    assert "someone" not in text
    assert "unknown" not in text
    assert "license:" not in text


def test_nothing_to_write_from(tmp_path: Path) -> None:
    with pytest.raises(ModelBroken, match=r"has no training\.json"):
        write_card(tmp_path)
    (tmp_path / "metrics.json").write_text("[1]")
    with pytest.raises(ModelBroken, match="not a JSON object"):
        write_card(tmp_path)
    (tmp_path / "metrics.json").write_text("{")
    with pytest.raises(ModelBroken, match="not JSON"):
        write_card(tmp_path)
