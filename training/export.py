"""A torch model to ONNX, and back from the shipped int8 file to torch."""

import hashlib
import logging
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedModel

from models.errors import ModelBroken
from training.graph_names import torch_state

INPUTS: Final = ("input_ids", "attention_mask")
OUTPUT: Final = "logits"
_DITHER_SEED: Final = 13


def export_fp32(model: PreTrainedModel, path: Path) -> None:
    """Write the model as ONNX: ``input_ids``, ``attention_mask`` int64 [batch, length] -> ``logits`` [batch, 3]."""
    ids = torch.tensor([[0, 4, 5, 6, 2], [0, 4, 2, 1, 1]])
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length")}
    # Fused attention kernels have no ONNX operator; the plain form is what onnxruntime fuses.
    model.set_attn_implementation("eager")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("torch.onnx", "onnx_ir"):
            logging.getLogger(name).setLevel(logging.ERROR)
        torch.onnx.export(
            model.eval(),
            kwargs={"input_ids": ids, "attention_mask": torch.ones_like(ids)},
            f=path,
            input_names=list(INPUTS),
            output_names=[OUTPUT],
            dynamic_shapes=dict.fromkeys(INPUTS, axes),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    _strip_origins(path)


def scale_logits(path: Path, temperature: float) -> None:
    """Fold a calibration temperature into the last layer of an ONNX file.

    Raises:
        ModelBroken: the graph has no layer named ``classifier``.
    """
    graph = onnx.load(path)
    tensors = graph.graph.initializer
    last, scaled = _last_layer([tensor.name for tensor in tensors]), 0
    for tensor in tensors:
        if tensor.name in last:
            tensor.CopyFrom(
                numpy_helper.from_array(numpy_helper.to_array(tensor) / np.float32(temperature), tensor.name)
            )
            scaled += 1
    if scaled != 2:
        raise ModelBroken(f"{path} has no classification layer with weight and bias to scale")
    onnx.save(graph, path)


def scale_torch_logits(model: PreTrainedModel, temperature: float) -> None:
    """Fold a calibration temperature into the last layer of a torch model."""
    names = _last_layer([name for name, _ in model.named_parameters()])
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in names:
                parameter.div_(temperature)


def rebuild(directory: Path, dither: np.random.Generator | None = None) -> PreTrainedModel:
    """The torch model of a model directory that has ``model.onnx`` but no ``model.safetensors``.

    Args:
        directory: the model directory.
        dither: see :func:`training.graph_names.torch_state`.

    Raises:
        ModelBroken: the ONNX file lacks a weight of the model.
    """
    model = AutoModelForSequenceClassification.from_config(AutoConfig.from_pretrained(directory))
    tensors = {item.name: numpy_helper.to_array(item) for item in onnx.load(directory / "model.onnx").graph.initializer}
    wanted = dict(model.named_parameters())
    state = torch_state(tensors, set(wanted), dither)
    missing = sorted(set(wanted) - set(state))
    # The exporter leaves out a bias that is zero throughout.
    lost = [name for name in missing if not name.endswith(".bias")]
    if lost:
        raise ModelBroken(f"{directory}/model.onnx lacks {len(lost)} weights, such as {lost[0]}")
    with torch.no_grad():
        for name, parameter in wanted.items():
            parameter.copy_(torch.from_numpy(state[name].copy()) if name in state else torch.zeros_like(parameter))
    return model.eval()


def rebuild_safetensors(directory: Path, target: Path) -> None:
    """Write ``model.safetensors``, to be trained on, of a model directory that has only ``model.onnx``.

    The weights get a seeded dither (Gray & Stockham 1993, "Dithered quantizers"). Without it they lie on the levels of
    their int8 form: what a short training adds is less than half a level, and the next rounding would undo it.

    Raises:
        ModelBroken: the ONNX file lacks a weight of the model.
    """
    state = {
        name: tensor.contiguous()
        for name, tensor in rebuild(directory, np.random.default_rng(_DITHER_SEED)).state_dict().items()
    }
    save_file(state, target, metadata={"format": "pt"})


def content_version(path: Path) -> str:
    """Version of an exported model: the day, and the beginning of the file's SHA-256."""
    return f"{datetime.now(UTC):%Y.%m.%d}-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"


def _strip_origins(path: Path) -> None:
    """Drop what the exporter notes of each node: source lines and the paths of the machine that it ran on."""
    model = onnx.load(path)
    for item in (
        model,
        model.graph,
        *model.graph.node,
        *model.graph.value_info,
        *model.graph.input,
        *model.graph.output,
    ):
        del item.metadata_props[:]
        item.doc_string = ""
    onnx.save(model, path)


def _last_layer(names: list[str]) -> tuple[str, str]:
    prefix = "classifier.out_proj" if "classifier.out_proj.weight" in names else "classifier"
    return f"{prefix}.weight", f"{prefix}.bias"
