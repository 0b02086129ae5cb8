"""The exported graph, as onnxruntime runs it."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from models.errors import ModelBroken

Logits = npt.NDArray[np.float32]


class Graph:
    """Runs one text at a time, on the calling thread. Safe to use from several threads.

    Args:
        path: a ``model.onnx``.

    Raises:
        ModelBroken: the file is no graph that can be run, or has other inputs or outputs than a stance model.
    """

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        # Lengths differ from text to text, so that memory kept or planned for one rarely fits the next: it costs some
        # megabytes a thread, and no time was saved by it.
        options.enable_mem_pattern = False
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the library raises a dozen kinds, one for each way a file can be broken
            raise ModelBroken(f"{path} cannot be run by onnxruntime; export the model again.") from error
        inputs, outputs = ({each.name for each in found} for found in (session.get_inputs(), session.get_outputs()))
        if inputs != {"input_ids", "attention_mask"} or "logits" not in outputs:
            raise ModelBroken(
                f"{path} must have the inputs input_ids and attention_mask and the output logits; export the model "
                "again."
            )
        self._session = session

    def run(self, ids: npt.NDArray[np.int64]) -> Logits:
        """The logits of one text.

        Args:
            ids: token ids with the special tokens, of shape [length].

        Returns:
            Of shape [3], in the order of :data:`models.labels.LABELS`.
        """
        row = ids[np.newaxis]
        outputs: list[Any] = self._session.run(["logits"], {"input_ids": row, "attention_mask": np.ones_like(row)})
        logits: Logits = outputs[0][0]
        return logits
