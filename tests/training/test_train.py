"""A whole training of a tiny base: the directory it leaves behind, and what other libraries make of it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoModelForSequenceClassification, PreTrainedModel, pipeline

from models import Classifier
from models.directory import verify, write_checksums
from models.errors import ModelBroken, TrainingError
from models.labels import ID2LABEL, LABEL2ID, LABELS
from tests.training.conftest import train_tiny
from training.dataset import CORPUS, read_corpus
from training.export import rebuild
from training.finetune import finetune
from training.fp32 import write_fp32
from training.reexport import reexport
from training.settings import TrainingSettings
from training.train import train

TEXTS = [
    "Russia started this war.",
    "Спасибо России за помощь",
    "The minister arrived in Bamako on Tuesday, TASS said.",
]


@pytest.fixture(scope="module")
def trained(tiny_base: Path, small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tiny(tiny_base, small_corpus, tmp_path_factory.mktemp("trained") / "model", epochs=10)


def test_directory_is_whole(trained: Path, tiny_base: Path) -> None:
    verify(trained)
    files = {file.name for file in trained.iterdir() if file.is_file()}
    assert files >= {
        *("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors", "model.onnx"),
        *("calibration.json", "metrics.json", "training.json", "README.md", "checksums.json"),
    }
    config = json.loads((trained / "config.json").read_text("utf-8"))
    assert config["id2label"] == {str(index): label for index, label in ID2LABEL.items()}
    assert config["label2id"] == LABEL2ID
    record = json.loads((trained / "training.json").read_text("utf-8"))
    assert record["seed"] == record["settings"]["seed"] == 13
    assert record["data"]["written"]["train"]["critical"] > 0
    assert record["export"]["fp32_to_torch"] >= 0.999
    assert record["export"]["int8_to_fp32"] >= 0.97
    for file in ("training.json", "calibration.json", "README.md"):
        assert tiny_base.name in (content := (trained / file).read_text("utf-8"))
        assert str(tiny_base) not in content
        assert str(Path.home()) not in content


def test_card_has_the_header_that_the_hub_expects(trained: Path) -> None:
    _, header, body = (trained / "README.md").read_text("utf-8").split("---\n", 2)
    assert "pipeline_tag: text-classification" in header
    metrics = json.loads((trained / "metrics.json").read_text("utf-8"))
    assert f"{metrics['sets']['written test']['overall']['macro_f1']['value']:.3f}" in body


def test_stock_classes_agree_with_our_path(trained: Path) -> None:
    stock = pipeline("text-classification", str(trained), device="cpu", top_k=None)
    ours = Classifier.load(trained, prior="balanced").classify(TEXTS)
    for prediction, scores in zip(ours, stock(TEXTS), strict=True):
        theirs = {item["label"]: item["score"] for item in scores}
        assert prediction.scores == pytest.approx(theirs, abs=0.05)


def test_weights_come_back_from_the_int8_file(trained: Path) -> None:
    torch_model = AutoModelForSequenceClassification.from_pretrained(trained)
    rebuilt = dict(rebuild(trained).named_parameters())
    for name, parameter in torch_model.named_parameters():
        # Seven bits: half a step of the largest weight in the column.
        most = float(parameter.detach().abs().max()) / 63 / 2 + 1e-6
        assert np.abs(parameter.detach().numpy() - rebuilt[name].detach().numpy()).max() <= most, name


def test_scores_do_not_depend_on_neighbours(trained: Path) -> None:
    classifier = Classifier.load(trained)
    together = classifier.classify(TEXTS * 5)
    for text, prediction in zip(TEXTS * 5, together, strict=True):
        assert prediction.scores == pytest.approx(classifier.classify([text])[0].scores, abs=1e-3)


def test_the_fp32_twin_gives_what_torch_gives(trained: Path, tmp_path: Path) -> None:
    write_fp32(trained, tmp_path / "fp32")
    ours, twin = Classifier.load(trained), Classifier.load(tmp_path / "fp32")
    stock = pipeline("text-classification", str(trained), device="cpu", top_k=None, function_to_apply="none")
    theirs = [[{item["label"]: item["score"] for item in found}[label] for label in LABELS] for found in stock(TEXTS)]
    assert twin.logits(TEXTS) == pytest.approx(np.array(theirs), abs=2e-6)
    assert twin.logits(TEXTS) != pytest.approx(ours.logits(TEXTS), abs=2e-6), "int8 is not what fp32 is"
    assert twin.info.version == f"{ours.info.version}-fp32"
    assert (twin.info.priors, twin.info.max_length) == (ours.info.priors, ours.info.max_length)
    with pytest.raises(TrainingError, match="is there already"):
        write_fp32(trained, tmp_path / "fp32")


def test_a_trained_model_is_exported_anew(trained: Path, small_corpus: Path, tmp_path: Path) -> None:
    directory = Path(shutil.copytree(trained, tmp_path / "model", ignore=shutil.ignore_patterns("run")))
    before = {file.name: file.read_bytes() for file in directory.iterdir()}
    logits = Classifier.load(directory).logits(TEXTS)
    (directory / "model.onnx").write_bytes(before["model.onnx"] + b"\n")
    with pytest.raises(ModelBroken):
        reexport(directory, corpus=small_corpus)
    (directory / "model.onnx").write_bytes(before["model.onnx"])
    fidelity = reexport(directory, corpus=small_corpus)
    verify(directory)
    assert fidelity["int8_to_fp32"] >= 0.97
    assert {file.name for file in directory.iterdir()} == set(before)
    calibration = json.loads((directory / "calibration.json").read_text("utf-8"))
    assert calibration | {"version": ""} == json.loads(before["calibration.json"]) | {"version": ""}
    assert json.loads((directory / "metrics.json").read_text("utf-8"))["model"] == calibration["version"]
    assert np.abs(Classifier.load(directory).logits(TEXTS) - logits).max() < 0.05


def test_no_figure_is_lost_by_a_new_export(trained: Path, tmp_path: Path) -> None:
    directory = Path(shutil.copytree(trained, tmp_path / "model", ignore=shutil.ignore_patterns("run")))
    metrics = json.loads((directory / "metrics.json").read_text("utf-8"))
    metrics["sets"]["tweets"] = metrics["sets"]["written test"]
    (directory / "metrics.json").write_text(json.dumps(metrics), "utf-8")
    write_checksums(directory)
    with pytest.raises(TrainingError, match=r"tweets.*--held-out"):
        reexport(directory)


def test_it_learns(trained: Path, small_corpus: Path) -> None:
    learned = [item for item in read_corpus(small_corpus) if item.split == "train"]
    found = Classifier.load(trained, prior="balanced").classify([item.text for item in learned])
    assert sum(one.label == item.label for one, item in zip(found, learned, strict=True)) / len(learned) > 0.9
    metrics = json.loads((trained / "metrics.json").read_text("utf-8"))
    assert set(metrics["sets"]["written test"]["overall"]["labels"]) == set(LABELS)


def test_other_settings_in_the_same_folder_are_refused(trained: Path, tiny_base: Path, small_corpus: Path) -> None:
    settings = TrainingSettings(output=trained, base=str(tiny_base), corpus=small_corpus, seed=14)
    with pytest.raises(TrainingError, match="other settings"):
        train(settings)


def test_the_folder_of_a_model_of_another_origin_is_refused(trained: Path, tiny_settings: TrainingSettings) -> None:
    tiny_settings.output.mkdir()
    shutil.copy(trained / "model.onnx", tiny_settings.output)
    with pytest.raises(TrainingError, match="another origin"):
        train(tiny_settings)
    assert [file.name for file in tiny_settings.output.iterdir()] == ["model.onnx"]


def test_a_training_that_was_killed_at_its_first_weights_goes_on(
    tiny_settings: TrainingSettings, tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: PreTrainedModel, folder: Path) -> None:
        (folder / "model.safetensors").write_bytes(b"half of the weights")
        raise KeyboardInterrupt

    examples = [item for item in read_corpus(tiny_settings.corpus or CORPUS) if item.split == "train"][:32]
    with monkeypatch.context() as patched:
        patched.setattr(PreTrainedModel, "save_pretrained", killed)
        with pytest.raises(KeyboardInterrupt):
            finetune(tiny_settings, tiny_base, examples, ())
    assert (finetune(tiny_settings, tiny_base, examples, ()) / "model.safetensors").is_file()


def test_a_killed_training_goes_on(tiny_settings: TrainingSettings) -> None:
    settings = replace(tiny_settings, epochs=3.0, evaluations_per_epoch=4)
    options = {"output": settings.output, "base": settings.base, "corpus": settings.corpus, "max-length": 48}
    options |= {"vocabulary-size": 0, "epochs": 3, "evaluations-per-epoch": 4, "learning-rate": 2e-3}
    options |= {"name-swaps": 0, "reported": 0, "noise": 0}
    command = [sys.executable, "-m", "ru_stance", "train", "--embeddings"]
    command += [word for name, value in options.items() for word in (f"--{name}", str(value))]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL)
    run = settings.output / "run"
    deadline = time.monotonic() + 120
    while not list(run.glob("checkpoint-*/trainer_state.json")):
        assert process.poll() is None, "the training ended before it wrote a checkpoint"
        assert time.monotonic() < deadline, "no checkpoint within two minutes"
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = {path.name for path in run.glob("checkpoint-*")}
    assert not (settings.output / "model.onnx").exists()
    train(settings)
    state = json.loads(max(run.glob("checkpoint-*/trainer_state.json"), key=os.path.getmtime).read_text("utf-8"))
    steps = [entry["step"] for entry in state["log_history"] if "eval_macro_f1" in entry]
    assert steps == sorted(set(steps)), "steps were trained twice"
    assert before
    verify(settings.output)
