"""Which int8 form of a model is fast and faithful, each sentence alone on one thread.

    python -m benchmarks.int8 runs/model

Takes a directory that ``ru-stance train`` wrote (with ``model.safetensors``). Prints a Markdown table: file size,
labels equal to fp32 and mean distance of the logits on the test split of the corpus, milliseconds a sentence (the best
of several rounds, the forms in turn, so that other work on the machine meets all alike).
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from transformers import AutoModelForSequenceClassification

from models.encoding import Encoder
from models.machine import machine
from training import quantize as ours
from training.dataset import read_corpus
from training.export import export_fp32

SENTENCES: Final = 400
CALIBRATION: Final = 128
ROUNDS: Final = 5
MAX_LENGTH: Final = 128

Ids = list[NDArray[np.int64]]


def main(directory: Path) -> None:
    """Build every form of the model and print the table."""
    found = measure(directory, SENTENCES, ROUNDS)
    print(f"{found['sentences']} sentences, {found['tokens']:.0f} tokens on average; {machine()}, one thread.\n")
    print("\n".join(table(found["forms"])))


def measure(directory: Path, sentences: int, rounds: int) -> dict[str, Any]:
    """Build every form of the model, and run each over the same sentences.

    Args:
        directory: a model directory with ``model.safetensors``.
        sentences: of the test split of the corpus.
        rounds: of which the quickest counts.

    Returns:
        ``sentences``, ``tokens`` (on average) and ``forms``, one row a form.
    """
    encoder = Encoder(directory / "tokenizer.json", MAX_LENGTH)
    corpus = read_corpus()
    test = [encoder.encode(item.text).ids for item in corpus if item.split == "test"][:sentences]
    known = [encoder.encode(item.text).ids for item in corpus if item.split == "calibration"][:CALIBRATION]
    with tempfile.TemporaryDirectory() as folder:
        forms = build(directory, Path(folder), known)
        sessions = {name: _session(path) for name, path in forms.items()}
        best = dict.fromkeys(sessions, float("inf"))
        logits = {}
        for _ in range(rounds):
            for name, session in sessions.items():
                start = time.perf_counter()
                logits[name] = _run(session, test)
                best[name] = min(best[name], time.perf_counter() - start)
        sizes = {name: path.stat().st_size / 1e6 for name, path in forms.items()}
    reference = logits["fp32"]
    rows = [
        {
            "form": name,
            "megabytes": sizes[name],
            "equal": float((found.argmax(axis=1) == reference.argmax(axis=1)).mean()),
            "distance": float(np.abs(found - reference).mean()),
            "milliseconds": 1000 * best[name] / len(test),
        }
        for name, found in logits.items()
    ]
    return {"sentences": len(test), "tokens": float(np.mean([len(ids) for ids in test])), "forms": rows}


def table(forms: Sequence[dict[str, Any]]) -> list[str]:
    """The lines of a Markdown table."""
    rows = [
        f"| {form['form']} | {form['megabytes']:.0f} | {form['equal']:.3f} | {form['distance']:.3f} "
        f"| {form['milliseconds']:.2f} |"
        for form in forms
    ]
    return ["| form | MB | equal labels | mean distance | ms a sentence |", "|---|---|---|---|---|", *rows]


def build(directory: Path, folder: Path, known: Ids) -> dict[str, Path]:
    """Write every form into the folder; by name."""
    model = AutoModelForSequenceClassification.from_pretrained(directory).eval()
    fp32 = folder / "fp32.onnx"
    export_fp32(model, fp32)
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    forms = {"fp32": fp32}

    def form(name: str, write: Callable[[Path], None]) -> None:
        forms[name] = folder / f"{len(forms)}.onnx"
        write(forms[name])

    form("dynamic int8, outlier channels in fp32 (ours)", lambda path: ours.quantize(fp32, path, state, known))
    form("dynamic int8, no outlier channels", lambda path: ours.quantize(fp32, path, state, []))
    form("static QDQ, int8", lambda path: _static(fp32, path, known))
    form("MatMulNBits, 8 bits, blocks of 128", lambda path: _weight_only(fp32, path, 8, 128))
    form("MatMulNBits, 4 bits, blocks of 32", lambda path: _weight_only(fp32, path, 4, 32))
    return forms


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, known: Ids) -> None:
        self._rows = iter([{"input_ids": ids[None], "attention_mask": np.ones_like(ids[None])} for ids in known])

    def get_next(self) -> dict[str, NDArray[np.int64]] | None:
        return next(self._rows, None)


def _static(source: Path, target: Path, known: Ids) -> None:
    types = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8, "reduce_range": True}
    quantize_static(
        str(source),
        str(target),
        _Reader(known),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        extra_options={"MatMulConstBOnly": True},
        **types,
    )


def _weight_only(source: Path, target: Path, bits: int, block: int) -> None:
    quantizer = MatMulNBitsQuantizer(
        onnx.load(source), bits=bits, block_size=block, is_symmetric=True, accuracy_level=4
    )
    quantizer.process()
    quantizer.model.save_model_to_file(str(target))


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _run(session: onnxruntime.InferenceSession, sentences: Iterable[NDArray[np.int64]]) -> NDArray[np.float32]:
    rows = [
        session.run(["logits"], {"input_ids": ids[None], "attention_mask": np.ones_like(ids[None])})
        for ids in sentences
    ]
    return np.concatenate([row[0] for row in rows])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
