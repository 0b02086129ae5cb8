"""What teachers say of sentences: scores that a smaller model learns beside the labels (Hinton et al. 2015)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from models.casing import cased
from models.errors import BaseModelError
from models.labels import ID2LABEL, LABELS
from training.augment import AUGMENTED
from training.dataset import Example
from training.hardware import has_bf16

_BATCH: Final = 64
_MAX_LENGTH: Final = 128


def taught_scores(teachers: Sequence[Path], examples: Sequence[Example]) -> NDArray[np.float64]:
    """Mean scores of the teachers, each asked only about sentences of the languages that it was trained on.

    Returns:
        Of shape [examples, 3], rows summing to 1; NaN in the rows that no teacher was asked about.

    Raises:
        BaseModelError: a folder holds no torch model with our labels.
    """
    total, votes = np.zeros((len(examples), len(LABELS))), np.zeros(len(examples))
    for folder in teachers:
        known = _languages(folder)
        asked = [
            row
            for row, example in enumerate(examples)
            if (not known or (example.lang or "en") in known) and example.register not in AUGMENTED
        ]
        if not asked:
            continue
        total[asked] += _scores(folder, [examples[row].text for row in asked])
        votes[asked] += 1
    with np.errstate(invalid="ignore"):
        return total / votes[:, None]


def _languages(folder: Path) -> tuple[str, ...]:
    record = folder / "training.json"
    return tuple(json.loads(record.read_text("utf-8"))["settings"].get("languages", ())) if record.is_file() else ()


def _scores(folder: Path, texts: Sequence[str]) -> NDArray[np.float64]:
    if not (folder / "model.safetensors").is_file():
        raise BaseModelError(f"{folder} has no model.safetensors: a teacher is a folder that `ru-stance train` wrote")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    if model.config.id2label != ID2LABEL:
        raise BaseModelError(f"{folder} has other labels than {', '.join(LABELS)}: it cannot be a teacher")
    most = min(_MAX_LENGTH, model.config.max_position_embeddings)
    found = np.zeros((len(texts), len(LABELS)))
    order = np.argsort([len(text) for text in texts], kind="stable")
    for start in range(0, len(order), _BATCH):
        rows = order[start : start + _BATCH]
        batch = tokenizer(
            [cased(texts[row]) for row in rows], truncation=True, max_length=most, padding=True, return_tensors="pt"
        )
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=has_bf16()):
            found[rows] = model(**batch).logits.double().softmax(dim=-1).numpy()
    return found
