"""fp32 ONNX to int8, so that a sentence that runs alone is fast and its scores depend on nothing else.

Every product with a constant weight becomes a ``DynamicQuantizeMatMul``: the weight in 7-bit integers with a scale for
each output column, the activation in 8 bits with one scale for the tensor. That one scale is why the classifier runs
each sentence alone and unpadded. Seven bits, because two products of 8 by 8 bits overflow the 16-bit accumulator of
processors without VNNI (onnxruntime documentation, "Quantize ONNX models: reduce_range"). Word embeddings are kept in 8
bits with a scale for each row.
"""

from pathlib import Path
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

WEIGHT: Final = ".int8"
SCALE: Final = ".scale"
_ZERO: Final = ".zero_point"
_WEIGHT_LIMIT: Final = 63
_EMBEDDING_LIMIT: Final = 127
_CONTRIB: Final = "com.microsoft"
# Smaller tables (positions, token types) are not worth the rounding.
_LARGE_TABLE: Final = 4096


def quantize(source: Path, target: Path, state: dict[str, NDArray[np.float32]]) -> None:
    """Write an int8 form of an fp32 ONNX file.

    Args:
        source: an fp32 file written by :func:`training.export.export_fp32`.
        target: where to write.
        state: the model's weights under their torch names, by which the int8 tensors are named.
    """
    model = onnx.load(source)
    graph = model.graph
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    names = _torch_names(weights, state)
    nodes: list[NodeProto] = []
    tensors: dict[str, TensorProto] = {}
    replaced: set[str] = set()
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in weights:
            replaced.add(node.input[1])
            nodes.append(_int8_product(node, weights[node.input[1]], names[node.input[1]], tensors))
        elif node.op_type == "Gather" and len(weights.get(node.input[0], ())) >= _LARGE_TABLE:
            replaced.add(node.input[0])
            nodes.extend(_int8_lookup(node, weights[node.input[0]], names[node.input[0]], tensors))
        else:
            nodes.append(node)
    kept = [tensor for tensor in graph.initializer if tensor.name not in replaced]
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(nodes)
    graph.initializer.extend([*kept, *tensors.values()])
    if all(opset.domain != _CONTRIB for opset in model.opset_import):
        model.opset_import.append(helper.make_opsetid(_CONTRIB, 1))
    onnx.save(model, target)


def dequantize(tensor: NDArray[np.int8], scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """An int8 tensor back in the torch layout: products were stored transposed, lookups were not."""
    weight = tensor.astype(np.float32) * scale
    return weight if scale.ndim == 2 else np.ascontiguousarray(weight.T)


def _torch_names(weights: dict[str, NDArray[np.float32]], state: dict[str, NDArray[np.float32]]) -> dict[str, str]:
    """ONNX name -> torch name: the exporter renames the weights that it transposes."""
    transposed = {value.T.tobytes(): name for name, value in state.items() if value.ndim == 2}
    return {
        name: name if name in state else transposed[value.tobytes()]
        for name, value in weights.items()
        if name in state or (value.ndim == 2 and value.tobytes() in transposed)
    }


def _int8_product(
    node: NodeProto, weight: NDArray[np.float32], name: str, tensors: dict[str, TensorProto]
) -> NodeProto:
    scale = _scale(weight, 0, _WEIGHT_LIMIT)
    inputs = [node.input[0]]
    parts = (
        (WEIGHT, np.rint(weight / scale).astype(np.int8)),
        (SCALE, scale),
        (_ZERO, np.zeros(weight.shape[1], np.int8)),
    )
    for suffix, value in parts:
        tensors[name + suffix] = numpy_helper.from_array(value, name + suffix)
        inputs.append(name + suffix)
    return helper.make_node("DynamicQuantizeMatMul", inputs, list(node.output), name=node.name, domain=_CONTRIB)


def _int8_lookup(
    node: NodeProto, table: NDArray[np.float32], name: str, tensors: dict[str, TensorProto]
) -> list[NodeProto]:
    scale = _scale(table, 1, _EMBEDDING_LIMIT)[:, None]
    tensors[name + WEIGHT] = numpy_helper.from_array(np.rint(table / scale).astype(np.int8), name + WEIGHT)
    tensors[name + SCALE] = numpy_helper.from_array(scale, name + SCALE)
    ids, out = node.input[1], node.output[0]
    return [
        helper.make_node("Gather", [name + WEIGHT, ids], [out + WEIGHT]),
        helper.make_node("Cast", [out + WEIGHT], [out + ".float"], to=TensorProto.FLOAT),
        helper.make_node("Gather", [name + SCALE, ids], [out + SCALE]),
        helper.make_node("Mul", [out + ".float", out + SCALE], [out]),
    ]


def _scale(weight: NDArray[np.float32], axis: int, limit: int) -> NDArray[np.float32]:
    highest = np.abs(weight).max(axis=axis)
    return np.where(highest > 0, highest / limit, 1).astype(np.float32)
