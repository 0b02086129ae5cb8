"""fp32 ONNX to int8, so that a sentence that runs alone is fast and its scores depend on nothing else.

Every product with a constant weight becomes a ``DynamicQuantizeMatMul``: the weight in 7-bit integers with a scale for
each output column, the activation in 8 bits with one scale for the tensor. That one scale is why the classifier runs
each sentence alone and unpadded. Seven bits, because two products of 8 by 8 bits overflow the 16-bit accumulator of
processors without VNNI (onnxruntime documentation, "Quantize ONNX models: reduce_range").

A few channels of a transformer carry values many times larger than the rest; with one scale they would round the rest
away. They are multiplied in fp32, beside the others (Dettmers, Lewis, Belkada & Zettlemoyer 2022, "LLM.int8()"). Which
they are is measured on sentences. Word embeddings are kept in 8 bits with a scale for each row. Biases are added by
the products themselves, and each attention becomes one node (see :mod:`training.fuse`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from training.fuse import CONTRIB, Wiring, fuse_attention, prune, replace_nodes
from training.graph_names import INT8, OUTLIER_ROWS, OUTLIERS, SCALE, torch_names

_ZERO: Final = ".zero_point"
_INSIDE: Final = ".inside"
_MASKED: Final = ".masked"
_WEIGHT_LIMIT: Final = 63
_EMBEDDING_LIMIT: Final = 127
# Smaller tables (positions, token types) are not worth the rounding.
_LARGE_TABLE: Final = 4096
# A channel is an outlier whose peak exceeds so many times the 90th percentile of all channels' peaks.
_OUTLIER: Final = 2.5
_MOST_OUTLIERS: Final = 16

Weights = dict[str, NDArray[np.float32]]


class _Product(NamedTuple):
    """A product with a constant weight: what it reads and makes, the weight's torch name, the bias or an empty name."""

    source: str
    out: str
    name: str
    bias: str


def quantize(source: Path, target: Path, state: Weights, sentences: Sequence[NDArray[np.int64]]) -> None:
    """Write an int8 form of an fp32 ONNX file.

    Args:
        source: an fp32 file written by :func:`training.export.export_fp32`.
        target: where to write.
        state: the model's weights under their torch names, by which the int8 tensors are named.
        sentences: token ids, each of shape [length], on which the channels' peaks are measured; without any, no
            channel is an outlier.
    """
    model = onnx.load(source)
    graph = model.graph
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    names = torch_names(weights, state)
    fuse_attention(graph)
    wiring = Wiring(graph)
    products = [node for node in graph.node if node.op_type == "MatMul" and node.input[1] in weights]
    peaks = _peaks(source, sorted({node.input[0] for node in products}), sentences)
    tensors: dict[str, NDArray[np.generic]] = {}
    # Products that read the same tensor share what takes the outliers out of it.
    nodes: dict[str, NodeProto] = {}
    for node in graph.node:
        made = [node]
        if node.op_type == "MatMul" and node.input[1] in weights:
            added, bias = wiring.bias(node) or (node, "")
            product = _Product(node.input[0], added.output[0], names[node.input[1]], bias)
            made = _int8_product(product, weights[node.input[1]], _outliers(peaks.get(node.input[0])), tensors)
        elif node.op_type == "Gather" and len(weights.get(node.input[0], ())) >= _LARGE_TABLE:
            made = _int8_lookup(node, weights[node.input[0]], names[node.input[0]], tensors)
        for each in made:
            nodes.setdefault(each.output[0], each)
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in tensors.items())
    replace_nodes(graph, list(nodes.values()))
    prune(graph)
    if all(opset.domain != CONTRIB for opset in model.opset_import):
        model.opset_import.append(helper.make_opsetid(CONTRIB, 1))
    onnx.save(model, target)


def _peaks(source: Path, names: Sequence[str], sentences: Sequence[NDArray[np.int64]]) -> Weights:
    """Largest absolute value of each channel of the named tensors, over all tokens of the sentences."""
    model = onnx.load(source)
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    peaks: Weights = {}
    for ids in sentences:
        row = ids[np.newaxis]
        values = session.run(list(names), {"input_ids": row, "attention_mask": np.ones_like(row)})
        for name, value in zip(names, values, strict=True):
            # The pooler's input has no axis for tokens.
            peak = np.abs(value).reshape(-1, value.shape[-1]).max(axis=0)
            peaks[name] = np.maximum(peaks.get(name, peak), peak)
    return peaks


def _outliers(peaks: NDArray[np.float32] | None) -> NDArray[np.int64]:
    if peaks is None:
        return np.empty(0, np.int64)
    large = np.flatnonzero(peaks > _OUTLIER * np.quantile(peaks, 0.9))
    return np.sort(large[np.argsort(-peaks[large])][:_MOST_OUTLIERS]).astype(np.int64)


def _int8_product(
    product: _Product,
    weight: NDArray[np.float32],
    outliers: NDArray[np.int64],
    tensors: dict[str, NDArray[np.generic]],
) -> list[NodeProto]:
    source, out, name = product.source, product.out, product.name
    inside = np.ones(len(weight), np.float32)
    inside[outliers] = 0
    rest = weight * inside[:, None]
    scale = _scale(rest, 0, _WEIGHT_LIMIT)
    tensors[name + INT8] = np.rint(rest / scale).astype(np.int8)
    tensors[name + SCALE] = scale
    tensors[name + _ZERO] = np.zeros(weight.shape[1], np.int8)
    parameters = [name + INT8, name + SCALE, name + _ZERO, product.bias]
    if not len(outliers):
        return [helper.make_node("DynamicQuantizeMatMul", [source, *parameters], [out], domain=CONTRIB)]
    tensors[source + _INSIDE] = inside
    tensors[name + OUTLIERS] = outliers
    tensors[name + OUTLIER_ROWS] = weight[outliers]
    return [
        helper.make_node("Mul", [source, source + _INSIDE], [source + _MASKED]),
        helper.make_node("DynamicQuantizeMatMul", [source + _MASKED, *parameters], [out + INT8], domain=CONTRIB),
        # onnxruntime itself makes one of several lookups of the same channels.
        helper.make_node("Gather", [source, name + OUTLIERS], [out + OUTLIERS], axis=-1),
        helper.make_node("MatMul", [out + OUTLIERS, name + OUTLIER_ROWS], [out + OUTLIER_ROWS]),
        helper.make_node("Add", [out + INT8, out + OUTLIER_ROWS], [out]),
    ]


def _int8_lookup(
    node: NodeProto, table: NDArray[np.float32], name: str, tensors: dict[str, NDArray[np.generic]]
) -> list[NodeProto]:
    scale = _scale(table, 1, _EMBEDDING_LIMIT)[:, None]
    tensors[name + INT8] = np.rint(table / scale).astype(np.int8)
    tensors[name + SCALE] = scale
    ids, out = node.input[1], node.output[0]
    return [
        helper.make_node("Gather", [name + INT8, ids], [out + INT8]),
        helper.make_node("Cast", [out + INT8], [out + ".float"], to=TensorProto.FLOAT),
        helper.make_node("Gather", [name + SCALE, ids], [out + SCALE]),
        helper.make_node("Mul", [out + ".float", out + SCALE], [out]),
    ]


def _scale(weight: NDArray[np.float32], axis: int, limit: int) -> NDArray[np.float32]:
    highest = np.abs(weight).max(axis=axis)
    return np.where(highest > 0, highest / limit, 1).astype(np.float32)
