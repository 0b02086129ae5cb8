"""fp32 ONNX to int8, so that a sentence that runs alone is fast and its scores depend on nothing else.

Every product with a constant weight becomes a ``DynamicQuantizeMatMul``: the weight in 7-bit integers with a scale for
each output column, the activation in 8 bits with one scale for the tensor. That one scale is why the classifier runs
each sentence alone and unpadded. Seven bits, because two products of 8 by 8 bits overflow the 16-bit accumulator of
processors without VNNI (onnxruntime documentation, "Quantize ONNX models: reduce_range").

A few channels of a transformer carry values many times larger than the rest; with one scale they would round the rest
away. They are multiplied in fp32, beside the others (Dettmers, Lewis, Belkada & Zettlemoyer 2022, "LLM.int8()"). Which
they are is measured on sentences. Word embeddings are kept in 8 bits with a scale for each row.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from training.graph_names import INT8, OUTLIER_ROWS, OUTLIERS, SCALE, torch_names

_ZERO: Final = ".zero_point"
_INSIDE: Final = ".inside"
_WEIGHT_LIMIT: Final = 63
_EMBEDDING_LIMIT: Final = 127
_CONTRIB: Final = "com.microsoft"
# Smaller tables (positions, token types) are not worth the rounding.
_LARGE_TABLE: Final = 4096
# A channel is an outlier whose peak exceeds so many times the 90th percentile of all channels' peaks.
_OUTLIER: Final = 2.5
_MOST_OUTLIERS: Final = 16

Weights = dict[str, NDArray[np.float32]]


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
    products = [node for node in graph.node if node.op_type == "MatMul" and node.input[1] in weights]
    peaks = _peaks(source, sorted({node.input[0] for node in products}), sentences)
    replaced = {node.input[1] for node in products}
    tensors: dict[str, NDArray[np.generic]] = {}
    nodes: list[NodeProto] = []
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in weights:
            name = names[node.input[1]]
            nodes.extend(
                _int8_product(node, weights[node.input[1]], name, _outliers(peaks.get(node.input[0])), tensors)
            )
        elif node.op_type == "Gather" and len(weights.get(node.input[0], ())) >= _LARGE_TABLE:
            replaced.add(node.input[0])
            nodes.extend(_int8_lookup(node, weights[node.input[0]], names[node.input[0]], tensors))
        else:
            nodes.append(node)
    kept = [tensor for tensor in graph.initializer if tensor.name not in replaced]
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(nodes)
    graph.initializer.extend([*kept, *(numpy_helper.from_array(value, name) for name, value in tensors.items())])
    if all(opset.domain != _CONTRIB for opset in model.opset_import):
        model.opset_import.append(helper.make_opsetid(_CONTRIB, 1))
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
    node: NodeProto,
    weight: NDArray[np.float32],
    name: str,
    outliers: NDArray[np.int64],
    tensors: dict[str, NDArray[np.generic]],
) -> list[NodeProto]:
    inside = np.ones(len(weight), np.float32)
    inside[outliers] = 0
    rest = weight * inside[:, None]
    scale = _scale(rest, 0, _WEIGHT_LIMIT)
    tensors[name + INT8] = np.rint(rest / scale).astype(np.int8)
    tensors[name + SCALE] = scale
    tensors[name + _ZERO] = np.zeros(weight.shape[1], np.int8)
    parameters = [name + INT8, name + SCALE, name + _ZERO]
    source, out = node.input[0], node.output[0]
    if not len(outliers):
        return [helper.make_node("DynamicQuantizeMatMul", [source, *parameters], [out], domain=_CONTRIB)]
    tensors[name + _INSIDE] = inside
    tensors[name + OUTLIERS] = outliers
    tensors[name + OUTLIER_ROWS] = weight[outliers]
    return [
        helper.make_node("Mul", [source, name + _INSIDE], [out + _INSIDE]),
        helper.make_node("DynamicQuantizeMatMul", [out + _INSIDE, *parameters], [out + INT8], domain=_CONTRIB),
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
