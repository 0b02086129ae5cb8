"""A model directory that is made in a moment: real files of every kind, with weights that are read off the words."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from models.classifier import Classifier
from models.directory import write_checksums
from models.labels import ID2LABEL

MAX_LENGTH = 16
# Logits of (critical, neutral, supportive) that each word brings; a text has the mean over its tokens.
WORDS = {
    "[PAD]": (0, 0, 0), "[UNK]": (0, 6, 0), "[CLS]": (0, 0, 0), "[SEP]": (0, 0, 0),
    "bad": (30, 0, 0), "good": (0, 0, 30), "doubtful": (11, 10, 0), "plain": (0, 12, 0),
}  # fmt: skip


def make_model(directory: Path, *, version: str = "0.0.1") -> Path:
    """Write a whole model directory."""
    directory.mkdir()
    _tokenizer().save(str(directory / "tokenizer.json"))
    onnx.save(_graph(), str(directory / "model.onnx"))
    contents = {
        "config.json": {"id2label": {str(index): label for index, label in ID2LABEL.items()}},
        "metrics.json": {"macro_f1": 1.0},
        "calibration.json": {
            "version": version,
            "name": "ru-stance",
            "base": "a table of words",
            "max_length": MAX_LENGTH,
            "coverage": 0.9,
            "default_prior": "balanced",
            "priors": {
                "balanced": {"shift": [0, 0, 0], "thresholds": [0.75, 0.75, 0.75]},
                "news": {"shift": [-2, 2, -2], "thresholds": [0.5, 0.5, 0.5]},
            },
        },
    }
    for name, content in contents.items():
        (directory / name).write_text(json.dumps(content), encoding="utf-8")
    write_checksums(directory)
    return directory


def _tokenizer() -> Tokenizer:
    ids = {word: index for index, word in enumerate(WORDS)}
    tokenizer = Tokenizer(WordLevel(ids, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])]
    )
    return tokenizer


def _graph() -> onnx.ModelProto:
    shape = ["batch", "length"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("input_ids", "attention_mask")]
    table = numpy_helper.from_array(np.array(list(WORDS.values()), dtype=np.float32), "table")
    axes = numpy_helper.from_array(np.array([1], dtype=np.int64), "axes")
    last = numpy_helper.from_array(np.array([-1], dtype=np.int64), "last")
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["words"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide_mask"]),
        helper.make_node("Mul", ["words", "wide_mask"], ["seen"]),
        helper.make_node("ReduceSum", ["seen", "axes"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["mask", "axes"], ["count"], keepdims=1),
        helper.make_node("Div", ["sum", "count"], ["logits"]),
    ]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 3])
    graph = helper.make_graph(nodes, "tiny", inputs, [output], [table, axes, last])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.fixture(scope="session")
def tiny_model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory that tests only read."""
    return make_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def tiny(tiny_model_dir: Path) -> Classifier:
    """The tiny model, loaded, with two threads."""
    return Classifier.load(tiny_model_dir, threads=2)


@pytest.fixture(scope="session")
def released() -> Classifier:
    """The model that is shipped."""
    return Classifier.load(threads=2)
