"""A real model directory, small enough to be made for a test: its logits are the mean over the words of a text."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from models.directory import write_checksums
from models.labels import ID2LABEL, LABEL2ID

# Logits of each word; every other word is the unknown one.
WORDS = {"<unk>": (0, 1, 0), "condemn": (30, 0, 0), "praise": (0, 0, 30), "perhaps": (8, 0, 7)}


def write_tiny_model(directory: Path) -> Path:
    """Write a model directory that the classifier loads; it has the priors balanced and news."""
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(directory / "tokenizer.json"))
    onnx.save(_graph(), directory / "model.onnx")
    priors = {
        "balanced": {"shift": [0, 0, 0], "thresholds": [0.7, 0.5, 0.7]},
        "news": {"shift": [0, 50, 0], "thresholds": [0.7, 0.5, 0.7]},
    }
    facts = {"version": "tiny-1", "name": "tiny", "base": "none", "max_length": 128, "coverage": 0.9}
    contents = {
        "config.json": {"id2label": ID2LABEL, "label2id": LABEL2ID},
        "calibration.json": {**facts, "default_prior": "balanced", "priors": priors},
        "metrics.json": {},
    }
    for name, content in contents.items():
        (directory / name).write_text(json.dumps(content))
    write_checksums(directory)
    return directory


def _graph() -> onnx.ModelProto:
    weights = numpy_helper.from_array(np.array(list(WORDS.values()), dtype=np.float32), "words")
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 3])
    nodes = [
        helper.make_node("Gather", ["words", "input_ids"], ["vectors"]),
        helper.make_node("ReduceMean", ["vectors"], ["logits"], axes=[1], keepdims=0),
    ]
    graph = helper.make_graph(nodes, "tiny", inputs, [output], [weights])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
