"""A model directory is used whole or not at all."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from models import Classifier
from models.directory import DIRECTORY_VARIABLE, open_directory, verify, write_checksums
from models.errors import ModelBroken, ModelError, ModelNotFound


@pytest.fixture
def directory(tiny_model_dir: Path, tmp_path: Path) -> Path:
    """A model directory to be damaged."""
    return shutil.copytree(tiny_model_dir, tmp_path / "model")


def rewrite(file: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Change a JSON file, and its checksum with it, as a wrong export would."""
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))
    write_checksums(file.parent)


def test_a_model_describes_itself(directory: Path) -> None:
    info = open_directory(directory).info
    assert (info.name, info.version, info.max_length, info.coverage) == ("ru-stance", "0.0.1", 16, 0.9)
    assert (info.labels, info.priors) == (("critical", "neutral", "supportive"), ("balanced", "news"))
    assert info.metrics == {"macro_f1": 1.0}


def test_a_model_tells_what_it_was_trained_on_where_it_says(directory: Path) -> None:
    assert open_directory(directory).info.trained_on == {}
    counts = {"critical": 1, "neutral": 2, "supportive": 3}
    record = {"data": {"sha256": "ab", "mine": {"train": counts, "test": counts}, "kept": {"test": counts}}}
    (directory / "training.json").write_text(json.dumps(record))
    assert open_directory(directory).info.trained_on == {"mine": counts}


def test_the_environment_names_the_default(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(directory))
    assert Classifier.load(threads=1).info.version == "0.0.1"


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.onnx", "calibration.json", "checksums.json"])
def test_a_missing_file_is_named(directory: Path, name: str) -> None:
    (directory / name).unlink()
    with pytest.raises(ModelNotFound, match=name):
        open_directory(directory)


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="nowhere"):
        open_directory(tmp_path / "nowhere")


def test_one_changed_byte_is_found(directory: Path) -> None:
    graph = bytearray((directory / "model.onnx").read_bytes())
    graph[-1] ^= 1
    (directory / "model.onnx").write_bytes(graph)
    with pytest.raises(ModelBroken, match=r"model\.onnx does not match its checksum"):
        open_directory(directory)


def test_verify_checks_files_that_serving_does_not_need(directory: Path) -> None:
    (directory / "README.md").write_text("card")
    write_checksums(directory)
    verify(directory)
    (directory / "README.md").write_text("changed")
    open_directory(directory)
    with pytest.raises(ModelBroken, match=r"README\.md"):
        verify(directory)


def test_other_labels_are_refused(directory: Path) -> None:
    rewrite(directory / "config.json", lambda config: config.update(id2label={"0": "NEGATIVE", "1": "POSITIVE"}))
    with pytest.raises(ModelBroken, match="critical, neutral, supportive"):
        open_directory(directory)


@pytest.mark.parametrize("key", ["version", "priors", "max_length", "default_prior"])
def test_a_calibration_that_lacks_something_is_refused(directory: Path, key: str) -> None:
    rewrite(directory / "calibration.json", lambda calibration: calibration.pop(key))
    with pytest.raises(ModelBroken, match=key):
        open_directory(directory)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"priors": {"balanced": {"shift": [0, float("nan"), 0], "thresholds": [1, 1, 1]}}}, "no number"),
        ({"priors": {"balanced": {"shift": [0, 0, 0], "thresholds": [1, float("inf"), 1]}}}, "no number"),
        ({"max_length": 2}, "out of range"),
        ({"max_length": -5}, "out of range"),
        ({"coverage": 1}, "out of range"),
    ],
)
def test_a_calibration_that_no_text_could_be_read_by_is_refused(
    directory: Path, change: dict[str, object], told: str
) -> None:
    rewrite(directory / "calibration.json", lambda calibration: calibration.update(change))
    with pytest.raises(ModelBroken, match=told):
        open_directory(directory)


def test_a_graph_without_logits_is_refused(directory: Path) -> None:
    graph = onnx.load(directory / "model.onnx")
    graph.graph.output[0].name = "sum"
    graph.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    onnx.save(graph, directory / "model.onnx")
    write_checksums(directory)
    with pytest.raises(ModelBroken, match="output logits"):
        Classifier.load(directory)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "config.json", "calibration.json"])
def test_a_file_of_rubbish_is_refused_with_its_name(directory: Path, name: str) -> None:
    (directory / name).write_text("rubbish")
    write_checksums(directory)
    with pytest.raises(ModelError, match=name):
        Classifier.load(directory)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="Linux has a file that is there and cannot be read")
@pytest.mark.parametrize("name", ["checksums.json", "config.json", "model.onnx"])
def test_a_file_that_cannot_be_read_is_named(directory: Path, name: str) -> None:
    (directory / name).unlink()
    (directory / name).symlink_to("/proc/self/mem")
    with pytest.raises(ModelBroken, match=f"{name} cannot be read: Input/output error"):
        open_directory(directory)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_may_not_be_looked_into_is_named(directory: Path) -> None:
    directory.parent.chmod(0)
    try:
        with pytest.raises(ModelBroken, match="cannot be read: Permission denied"):
            open_directory(directory)
    finally:
        directory.parent.chmod(0o700)
