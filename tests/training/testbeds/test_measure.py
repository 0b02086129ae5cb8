"""The command measures a model directory, writes the figures beside it, and the card tells them."""

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from models.classifier import Classifier
from models.directory import verify, write_checksums
from tests.training.tiny_model import write_tiny_model
from training.card_testbeds import testbed_sections as sections
from training.testbeds.__main__ import main
from training.testbeds.bias import bias_figures
from training.testbeds.robustness import PAIRS, noise_flips, pair_figures, read_pairs
from training.tokenizer import with_rewrites


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A tiny model with our rewrites built in; it condemns and praises by one word, in small letters."""
    write_tiny_model(tmp_path)
    content = json.loads((tmp_path / "tokenizer.json").read_text("utf-8"))
    content["normalizer"] = with_rewrites(None)
    (tmp_path / "tokenizer.json").write_text(json.dumps(content), "utf-8")
    write_checksums(tmp_path)
    return tmp_path


def test_normalisation_takes_away_what_hides_a_word(model: Path) -> None:
    texts = [f"we condemn it , said number {number}" for number in range(30)]
    found = noise_flips(model, texts)
    for kind in ("invisible characters", "look-alike letters", "all upper case"):
        assert found[kind]["with"]["value"] == 0, kind  # type: ignore[index]
        assert found[kind]["without"]["value"] > 0.3, kind  # type: ignore[index]
    assert found["URL"]["without"]["value"] == 0  # type: ignore[index]


def test_a_model_to_which_all_is_neutral_never_flips_and_never_follows(model: Path) -> None:
    with Classifier.load(model) as classifier:
        found = {kind: pair_figures(classifier, kind) for kind in PAIRS}
        bias = bias_figures(classifier)
    assert {kind: found[kind]["failed"]["value"] for kind in PAIRS} == {  # type: ignore[index]
        "paraphrases": 0,
        "theatre_swaps": 0,
        "name_swaps": 0,
        "negations": 1,
        "attributions": 0,
    }
    assert found["negations"]["pairs"] == len(read_pairs("negations"))
    assert bias["mean"] == {"critical": 0, "neutral": 1, "supportive": 0}
    assert bias["farthest"]["distance"] == 0  # type: ignore[index]


def test_the_command_writes_figures_card_and_checksums(model: Path, small_corpus: Path, tmp_path: Path) -> None:
    directory = tmp_path / "copy"
    shutil.copytree(model, directory, ignore=shutil.ignore_patterns("copy"))
    app = typer.Typer()
    app.command()(main)
    result = CliRunner().invoke(app, [str(directory), "--sentences", "20", "--corpus", str(small_corpus)])
    assert result.exit_code == 0, result.output
    verify(directory)
    metrics = json.loads((directory / "metrics.json").read_text("utf-8"))
    assert set(metrics["robustness"]["noise"]["HTML"]) == {"rows", "without", "with"}
    card = (directory / "README.md").read_text("utf-8")
    assert "| negations | becomes the opposite | 64 |" in card
    assert "No group is more than 5 points away." in card


def test_the_card_names_groups_that_are_far_from_the_mean() -> None:
    share = {"value": 0.5, "low": 0.4, "high": 0.6}
    labels = dict.fromkeys(("critical", "neutral", "supportive"), share)
    group = {"rows": 30, "labels": labels}
    bias = {
        "rows": 60,
        "mean": {"critical": 0.1, "neutral": 0.8, "supportive": 0.1},
        "by": {"lang": {"en": {**group, "distance": 1.0}, "fr": {**group, "distance": 7.25}}},
        "farthest": {"column": "lang", "group": "fr", "distance": 7.25},
    }
    text = "\n".join(sections({"bias": bias}, 0))
    assert "treated unlike the others:** fr (lang), 7.2 points." in text
    assert list(sections({}, 0.25)) == []


def test_the_card_tells_that_noise_was_trained_on() -> None:
    metrics: dict[str, object] = {"robustness": {"noise": {}, "pairs": {}}}
    assert "was on 25% of the training sentences" in "".join(sections(metrics, 0.25))
    assert "of the training sentences" not in "".join(sections(metrics, 0))
