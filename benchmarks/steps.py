"""Where the time of a sentence goes: the steps of a classification, and the kinds of nodes of the graph."""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from benchmarks.texts import distinct_texts
from models import languages
from models.classifier import Classifier
from models.directory import RELEASED
from models.encoding import Encoder

_MOST_KINDS = 8


def measure(count: int) -> dict[str, Any]:
    """Milliseconds a sentence on one thread.

    Returns:
        ``sentences``, ``steps`` by name, ``whole`` (a classification with all that is in it) and ``nodes`` by kind,
        these by onnxruntime's profiler, which itself takes time.
    """
    texts = distinct_texts(count)
    encoder = Encoder(RELEASED / "tokenizer.json", 128)
    ids = [encoder.encode(text).ids[None] for text in texts]
    session = _session()
    with Classifier.load(RELEASED, threads=1) as classifier:
        return {
            "sentences": count,
            "steps": {
                "telling foreign text": _milliseconds(languages.is_supported, texts),
                "tokenising": _milliseconds(encoder.encode, texts),
                "the model": _milliseconds(lambda row: _run(session, row), ids),
            },
            "whole": _milliseconds(classifier.classify_one, texts),
            "nodes": _nodes(ids),
        }


def _milliseconds(function: Callable[[Any], Any], items: list[Any]) -> float:
    begun = time.perf_counter()
    for item in items:
        function(item)
    return 1000 * (time.perf_counter() - begun) / len(items)


def _nodes(ids: list[NDArray[np.int64]]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        session = _session(Path(folder) / "profile")
        for row in ids:
            _run(session, row)
        events = json.loads(Path(session.end_profiling()).read_text("utf-8"))
    spent: Counter[str] = Counter()
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("kernel_time"):
            spent[event["args"]["op_name"]] += event["dur"]
    return {kind: microseconds / len(ids) / 1000 for kind, microseconds in spent.most_common(_MOST_KINDS)}


def _session(profile: Path | None = None) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    if profile is not None:
        options.enable_profiling = True
        options.profile_file_prefix = str(profile)
    return onnxruntime.InferenceSession(str(RELEASED / "model.onnx"), options, providers=["CPUExecutionProvider"])


def _run(session: onnxruntime.InferenceSession, row: NDArray[np.int64]) -> Any:
    return session.run(["logits"], {"input_ids": row, "attention_mask": np.ones_like(row)})
