"""A fused graph gives what it gave before, padded or not; one that is built otherwise is left alone."""

from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from transformers import BertConfig, BertForSequenceClassification, MPNetConfig, MPNetForSequenceClassification

from training.export import export_fp32
from training.fuse import CONTRIB, fuse_attention, prune
from training.quantize import quantize

SIZES = {"vocab_size": 50, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
IDS = np.array([[0, 7, 8, 9, 2], [0, 11, 2, 1, 1], [0, 12, 13, 2, 1]], dtype=np.int64)
MASK = (IDS != 1).astype(np.int64)


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> tuple[BertForSequenceClassification, Path]:
    torch.manual_seed(0)
    model = BertForSequenceClassification(BertConfig(**SIZES, num_labels=3, pad_token_id=1)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(".bias"):
                parameter.normal_()
    path = tmp_path_factory.mktemp("bert") / "fp32.onnx"
    export_fp32(model, path)
    return model, path


def logits(graph: onnx.ModelProto, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    found: NDArray[np.float32] = session.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0]
    return found


def fused(path: Path) -> tuple[onnx.ModelProto, int]:
    model = onnx.load(path)
    count = fuse_attention(model.graph)
    prune(model.graph)
    model.opset_import.append(onnx.helper.make_opsetid(CONTRIB, 1))
    return model, count


def test_every_attention_becomes_one_node_and_gives_the_same(bert: tuple[object, Path]) -> None:
    before = onnx.load(bert[1])
    after, count = fused(bert[1])
    kinds = Counter(node.op_type for node in after.graph.node)
    assert count == kinds["MultiHeadAttention"] == 2
    assert kinds["Softmax"] == kinds["Transpose"] == kinds["Where"] == 0
    np.testing.assert_allclose(logits(after, IDS, MASK), logits(before, IDS, MASK), atol=1e-5)


def test_padding_changes_nothing(bert: tuple[object, Path]) -> None:
    after, _ = fused(bert[1])
    together = logits(after, IDS, MASK)
    for ids, mask, row in zip(IDS, MASK, together, strict=True):
        alone = logits(after, ids[None, mask == 1], mask[None, mask == 1])[0]
        np.testing.assert_allclose(alone, row, atol=1e-5)


def test_attention_with_learned_positions_is_left_alone(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = MPNetForSequenceClassification(MPNetConfig(**SIZES, num_labels=3)).eval()
    export_fp32(model, tmp_path / "fp32.onnx")
    assert fused(tmp_path / "fp32.onnx")[1] == 0


def test_no_bias_is_lost_in_int8(bert: tuple[BertForSequenceClassification, Path], tmp_path: Path) -> None:
    model, path = bert
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    quantize(path, tmp_path / "int8.onnx", state, list(IDS))
    before, after = onnx.load(path), onnx.load(tmp_path / "int8.onnx")
    assert Counter(node.op_type for node in after.graph.node)["DynamicQuantizeMatMul"] == 12
    np.testing.assert_allclose(logits(after, IDS[:1], MASK[:1]), logits(before, IDS[:1], MASK[:1]), atol=0.02)
