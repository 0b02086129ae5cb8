"""Rewrites an exported ONNX graph so that onnxruntime does the same work in fewer, larger steps.

onnxruntime's transformer optimiser (``onnxruntime.transformers``) knows the graphs of torch's older exporter; of those
of the present one it fuses no attention. Its operators can be used all the same: the eleven nodes of an attention
become one ``MultiHeadAttention``. A graph that is built otherwise is left as it is.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

CONTRIB: Final = "com.microsoft"
_MASK: Final = "attention_mask"
_MASK_INT32: Final = "attention_mask.int32"

Weights = dict[str, NDArray[np.float32]]


class _Unlike(Exception):
    """The nodes are not those of an attention that can be fused."""


class Wiring:
    """Who makes and who reads each value of a graph, and what its constants hold.

    Args:
        graph: changes to it are not followed.
    """

    def __init__(self, graph: GraphProto) -> None:
        self.weights: Weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        self._maker = {output: node for node in graph.node for output in node.output}
        self._readers: dict[str, list[NodeProto]] = defaultdict(list)
        for node in graph.node:
            for name in node.input:
                self._readers[name].append(node)
        self._results = {output.name for output in graph.output}

    def reader(self, node: NodeProto, kind: str) -> NodeProto | None:
        """The node of this kind that alone reads what a node makes; None if there is none, or more than one."""
        readers = self._readers[node.output[0]]
        alone = len(readers) == 1 and readers[0].op_type == kind and node.output[0] not in self._results
        return readers[0] if alone else None

    def bias(self, product: NodeProto) -> tuple[NodeProto, str] | None:
        """The addition that alone reads a product and adds a constant row to it, with the name of that row."""
        added = self.reader(product, "Add")
        if added is None:
            return None
        other = added.input[1] if added.input[0] == product.output[0] else added.input[0]
        return (added, other) if other in self.weights and self.weights[other].ndim == 1 else None

    def made(self, name: str, kind: str) -> NodeProto:
        """The node of this kind that makes a value.

        Raises:
            _Unlike: another one makes it.
        """
        node = self._maker.get(name)
        if node is None or node.op_type != kind:
            raise _Unlike(name)
        return node

    def sources(self, name: str) -> set[str]:
        """The inputs and constants of the graph that a value is computed from."""
        seen, waiting, found = {name}, [name], set()
        while waiting:
            if (node := self._maker.get(current := waiting.pop())) is None:
                found.add(current)
                continue
            new = set(node.input) - seen - {""}
            seen |= new
            waiting.extend(new)
        return found


def fuse_attention(graph: GraphProto) -> int:
    """Put one ``MultiHeadAttention`` in place of each attention that masks by ``attention_mask`` alone.

    Returns:
        How many attentions were fused.
    """
    wiring, fused, gone = Wiring(graph), {}, set()
    for softmax in (node for node in graph.node if node.op_type == "Softmax"):
        try:
            node, replaced = _attention(wiring, softmax)
        except _Unlike:
            continue
        fused[id(replaced[-1])] = node
        gone |= {id(each) for each in replaced}
    if not fused:
        return 0
    nodes = [fused.get(id(node), node) for node in graph.node if id(node) in fused or id(node) not in gone]
    mask = helper.make_node("Cast", [_MASK], [_MASK_INT32], to=TensorProto.INT32)
    replace_nodes(graph, [mask, *nodes])
    return len(fused)


def prune(graph: GraphProto) -> None:
    """Drop the nodes and constants that no output needs."""
    needed, kept = {output.name for output in graph.output}, []
    for node in reversed(graph.node):
        if needed & set(node.output):
            kept.append(node)
            needed |= set(node.input)
    replace_nodes(graph, kept[::-1])
    tensors = [tensor for tensor in graph.initializer if tensor.name in needed]
    del graph.initializer[:]
    graph.initializer.extend(tensors)


def replace_nodes(graph: GraphProto, nodes: Sequence[NodeProto]) -> None:
    """Give a graph other nodes, which may be its own."""
    copies = [NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:], graph.value_info[:]
    graph.node.extend(copies)


def _attention(wiring: Wiring, softmax: NodeProto) -> tuple[NodeProto, list[NodeProto]]:
    """The fused node, and those whose work it does; the last of them makes the same value."""
    masked = wiring.made(softmax.input[0], "Add")
    scaled = wiring.made(masked.input[0], "Mul")
    scores = wiring.made(scaled.input[0], "MatMul")
    scale = wiring.weights.get(scaled.input[1])
    if scale is None or scale.size != 1 or not _from_mask_alone(wiring, masked.input[1]):
        raise _Unlike(softmax.name)
    query, turned_query, width = _heads(wiring, scores.input[0], [0, 2, 1, 3])
    key, turned_key, _ = _heads(wiring, scores.input[1], [0, 2, 3, 1])
    weighted = wiring.reader(softmax, "MatMul")
    turned = wiring.reader(weighted, "Transpose") if weighted else None
    joined = wiring.reader(turned, "Reshape") if turned else None
    if weighted is None or turned is None or joined is None or _order(turned) != [0, 2, 1, 3]:
        raise _Unlike(softmax.name)
    value, turned_value, _ = _heads(wiring, weighted.input[1], [0, 2, 1, 3])
    node = helper.make_node(
        "MultiHeadAttention",
        [query, key, value, "", _MASK_INT32],
        [joined.output[0]],
        domain=CONTRIB,
        num_heads=_columns(wiring, query) // width,
        scale=float(scale.item()),
    )
    replaced = [*turned_query, *turned_key, *turned_value, scores, scaled, masked, softmax, weighted, turned, joined]
    return node, replaced


def _heads(wiring: Wiring, name: str, order: list[int]) -> tuple[str, list[NodeProto], int]:
    """What was cut into heads to make a value [batch, head, ...], by which nodes, and how wide a head is."""
    turned = wiring.made(name, "Transpose")
    cut = wiring.made(turned.input[0], "Reshape")
    shape = cut.input[1]
    # Batch and length are only known when it runs; the width of a head is the last of the four numbers.
    last = shape if shape in wiring.weights else wiring.made(shape, "Concat").input[-1]
    if _order(turned) != order or last not in wiring.weights or wiring.weights[last].size not in (1, 4):
        raise _Unlike(name)
    return cut.input[0], [cut, turned], int(wiring.weights[last].ravel()[-1])


def _columns(wiring: Wiring, name: str) -> int:
    product = wiring.made(name, "Add")
    for each in product.input:
        if each in wiring.weights:
            return int(wiring.weights[each].shape[-1])
    raise _Unlike(name)


def _order(turned: NodeProto) -> list[int]:
    return [int(axis) for each in turned.attribute if each.name == "perm" for axis in each.ints]


def _from_mask_alone(wiring: Wiring, name: str) -> bool:
    """Whether what is added to the scores comes from the mask, with no weights such as those of relative positions."""
    sources = wiring.sources(name)
    learned = [each for each in sources if each in wiring.weights and wiring.weights[each].size > 1]
    return _MASK in sources and not any(wiring.weights[each].dtype == np.float32 for each in learned)
