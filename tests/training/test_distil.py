"""Teachers are asked in the languages that they know, and what they say is mixed into what is learned."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from models.errors import BaseModelError
from models.labels import ID2LABEL, LABEL2ID
from training.dataset import Example
from training.distil import taught_scores
from training.finetune import weighted_targets
from training.settings import TrainingSettings


def example(text: str, lang: str) -> Example:
    return Example(text=text, label="critical", source="written", group=text, lang=lang)


EXAMPLES = [
    example("Russia started this war, whatever anybody says about it in the evening.", "en"),
    example("Спасибо России за помощь", "ru"),
    example("Russia helped.", "en"),
]


@pytest.fixture
def teacher(tiny_base: Path, tmp_path: Path) -> Path:
    """A folder as training leaves it, its head drawn at random."""
    folder = tmp_path / "teacher"
    torch.manual_seed(3)
    config = AutoConfig.from_pretrained(tiny_base, num_labels=3, id2label=ID2LABEL, label2id=LABEL2ID)
    AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tiny_base / name, folder)
    return folder


def test_scores_are_those_of_the_model_alone_on_each_text(teacher: Path) -> None:
    model, tokenizer = (
        AutoModelForSequenceClassification.from_pretrained(teacher),
        AutoTokenizer.from_pretrained(teacher),
    )
    alone = [model.eval()(**tokenizer(item.text, return_tensors="pt")).logits[0].softmax(dim=-1) for item in EXAMPLES]
    assert taught_scores([teacher], EXAMPLES) == pytest.approx(torch.stack(alone).detach().numpy(), abs=0.01)


def test_a_teacher_is_not_asked_about_languages_that_it_was_not_trained_on(teacher: Path) -> None:
    (teacher / "training.json").write_text(json.dumps({"settings": {"languages": ["en"]}}), "utf-8")
    taught = taught_scores([teacher], EXAMPLES)
    assert np.isnan(taught).any(axis=1).tolist() == [False, True, False]


def test_what_teachers_say_is_mixed_into_the_target_and_the_rest_is_left(tmp_path: Path) -> None:
    settings = TrainingSettings(output=tmp_path, label_smoothing=0, class_balance=0, teacher_weight=0.25)
    taught = np.array([[0.2, 0.2, 0.6], [np.nan] * 3, [0.0, 1.0, 0.0]])
    targets = weighted_targets(EXAMPLES, EXAMPLES, settings, taught)
    assert targets == pytest.approx(np.array([[0.8, 0.05, 0.15], [1, 0, 0], [0.75, 0.25, 0]]))


def test_a_folder_that_cannot_teach_is_refused(teacher: Path, tmp_path: Path) -> None:
    with pytest.raises(BaseModelError, match=r"no model\.safetensors"):
        taught_scores([tmp_path], EXAMPLES)
    config = json.loads((teacher / "config.json").read_text("utf-8"))
    (teacher / "config.json").write_text(json.dumps(config | {"id2label": {"0": "bad", "1": "so-so", "2": "good"}}))
    with pytest.raises(BaseModelError, match="other labels"):
        taught_scores([teacher], EXAMPLES)
