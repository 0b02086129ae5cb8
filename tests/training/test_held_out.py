"""What a model is to be measured on is looked at before the training, which takes hours."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import InputError, TrainingError
from training.settings import TrainingSettings
from training.train import train


def write(path: Path, *texts: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps({"text": text, "label": "neutral"}) + "\n" for text in texts), "utf-8")
    return path


def test_files_that_cannot_be_measured_on_are_refused_before_training(
    tiny_settings: TrainingSettings, tmp_path: Path
) -> None:
    one, other = write(tmp_path / "a" / "rows.jsonl", "Talks went on."), write(tmp_path / "b" / "rows.jsonl", "A road.")
    for files, message in (
        ((write(tmp_path / "empty.jsonl"),), "no sentence in the held-out empty"),
        ((one, other), "the same name"),
    ):
        with pytest.raises(TrainingError, match=message):
            train(replace(tiny_settings, held_out=files))
    with pytest.raises(InputError, match="cannot be read"):
        train(replace(tiny_settings, held_out=(tmp_path / "none.jsonl",)))
    assert not tiny_settings.output.exists()


def test_a_corpus_too_small_for_every_split_is_refused(tiny_settings: TrainingSettings, tmp_path: Path) -> None:
    write(tmp_path / "corpus" / "rows.jsonl", "Talks went on.")
    with pytest.raises(TrainingError, match="too few sentences: none in the"):
        train(replace(tiny_settings, corpus=tmp_path / "corpus"))
