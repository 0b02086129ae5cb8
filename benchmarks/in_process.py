"""One process, no HTTP: ours beside the Hugging Face pipeline and plain onnxruntime, same weights, same threads.

Every way runs every piece of the work, in turn and with a pause between, so that other work on the machine and the
threads that torch keeps spinning meet all alike.
"""

import itertools
import json
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from transformers import pipeline

from benchmarks.servers import MODEL
from benchmarks.texts import distinct_texts
from models import sentences
from models.classifier import Classifier
from models.directory import RELEASED
from models.encoding import Encoder
from models.labels import LABELS
from models.machine import usable_cores
from training.dataset import read_corpus
from training.export import export_fp32, rebuild
from training.record import write_json

OURS: Final = "ru-stance"
DEFAULT: Final = "pipeline, default"
BATCHED: Final = "pipeline, batches of 32"
_PIECE: Final = 128
_BATCH: Final = 32
_PAUSE: Final = 0.05
_FP32: Final = MODEL / "fp32.onnx"

Scores = NDArray[np.float64]
Way = Callable[[Sequence[str]], Scores]


def prepare() -> None:
    """Rebuild the shipped model for torch, and as fp32 ONNX, into ``runs/bench/model``; once for each shipped model."""
    told, stamp = (RELEASED / "checksums.json").read_text("utf-8"), MODEL / "rebuilt-from.json"
    if stamp.exists() and stamp.read_text("utf-8") == told:
        return
    shutil.rmtree(MODEL, ignore_errors=True)
    MODEL.mkdir(parents=True)
    model = rebuild(RELEASED)
    model.save_pretrained(MODEL)
    shutil.copy(RELEASED / "tokenizer.json", MODEL)
    # As much of a long text as ours reads, also for who does not ask for less.
    settings = json.loads((RELEASED / "tokenizer_config.json").read_text("utf-8"))
    write_json(MODEL / "tokenizer_config.json", settings | {"model_max_length": 128})
    export_fp32(model, _FP32)
    stamp.write_text(told, "utf-8")


def measure(count: int, documents: int) -> dict[str, Any]:
    """Run every way over so many sentences, and ours and the pipeline over documents.

    Returns:
        ``sentences`` (how many), ``words`` (least, mean, most), ``ways``: by name the seconds of each ``piece``, and
        how far scores are from those of the text alone; ``documents``: the same of documents.
    """
    torch.set_num_threads(usable_cores())
    texts = distinct_texts(count)
    classifier, pipe = Classifier.load(RELEASED), _pipeline()
    ways = {
        OURS: _ours(classifier),
        DEFAULT: lambda texts: _scores(pipe(list(texts), truncation=True, max_length=128)),
        BATCHED: lambda texts: _scores(pipe(list(texts), truncation=True, max_length=128, batch_size=_BATCH)),
        "onnxruntime fp32, one by one": _alone(_FP32),
        "onnxruntime int8, one by one": _alone(RELEASED / "model.onnx"),
        "onnxruntime int8, batches of 32 unsorted": _unsorted(RELEASED / "model.onnx"),
    }
    pieces = [texts[start : start + _PIECE] for start in range(0, len(texts), _PIECE)]
    seconds, scores = _in_turn(ways, pieces)
    # What each way says of a text that it is given alone.
    alone = {BATCHED: DEFAULT, "onnxruntime int8, batches of 32 unsorted": "onnxruntime int8, one by one"}
    ones = np.concatenate([ways[OURS]([text]) for text in texts])
    told = {
        name: {
            "seconds": seconds[name],
            "moved": float(np.abs(scores[name] - (ones if name == OURS else scores[alone.get(name, name)])).max()),
        }
        for name in ways
    }
    words = [len(text.split()) for text in texts]
    return {
        "sentences": len(texts),
        "pieces": [len(piece) for piece in pieces],
        "words": [min(words), float(np.mean(words)), max(words)],
        "threads": usable_cores(),
        "ways": told,
        "documents": _documents(classifier, ways, documents),
    }


def _documents(classifier: Classifier, ways: dict[str, Way], most: int) -> dict[str, Any]:
    """Whole articles: ours splits them itself, the pipeline is given the sentences that ours found, for nothing."""
    articles = [
        " ".join(item.text for item in items)
        for group, items in itertools.groupby(read_corpus(), key=lambda item: item.group)
        if group.startswith("articles")
    ][:most]
    split = {text: [text[start:end] for start, end in sentences.split(text)] for text in articles}

    def whole(texts: Sequence[str]) -> Scores:
        found = classifier.document(texts[0]).sentences
        return np.array([list(each.prediction.scores.values()) for each in found])

    chosen = {OURS: whole, **{name: _of_sentences(ways[name], split) for name in (DEFAULT, BATCHED)}}
    seconds, _ = _in_turn(chosen, [[text] for text in articles])
    return {
        "documents": len(articles),
        "sentences": sum(map(len, split.values())),
        "ways": {name: {"seconds": each} for name, each in seconds.items()},
    }


def _of_sentences(way: Way, split: dict[str, list[str]]) -> Way:
    return lambda texts: way(split[texts[0]])


def _in_turn(ways: dict[str, Way], pieces: list[list[str]]) -> tuple[dict[str, list[float]], dict[str, Scores]]:
    for way in ways.values():
        way(pieces[0][:8])
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    scores: dict[str, list[Scores]] = {name: [] for name in ways}
    for piece in pieces:
        for name, way in ways.items():
            time.sleep(_PAUSE)
            begun = time.perf_counter()
            found = way(piece)
            seconds[name].append(time.perf_counter() - begun)
            scores[name].append(found)
    return seconds, {name: np.concatenate(found) for name, found in scores.items()}


def _ours(classifier: Classifier) -> Way:
    return lambda texts: np.array([list(each.scores.values()) for each in classifier.classify(texts)])


def _pipeline() -> Any:
    return pipeline("text-classification", str(MODEL), device="cpu", top_k=None)


def _scores(answers: list[list[dict[str, Any]]]) -> Scores:
    rows = [{item["label"]: item["score"] for item in answer} for answer in answers]
    return np.array([[row[label] for label in LABELS] for row in rows])


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _alone(path: Path) -> Way:
    """Each text by itself on one thread, as many at a time as there are cores: ours without all that is around it."""
    session, encoder = _session(path, 1), Encoder(MODEL / "tokenizer.json", 128)
    executor = ThreadPoolExecutor(usable_cores())

    def one(text: str) -> Scores:
        ids = encoder.encode(text).ids[None]
        return _softmax(session.run(["logits"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0])

    return lambda texts: np.concatenate(list(executor.map(one, texts)))


def _unsorted(path: Path) -> Way:
    """Padded batches in the order that the texts come in, the cores within the batch: what int8 is commonly run as."""
    session, encoder = _session(path, usable_cores()), Encoder(MODEL / "tokenizer.json", 128)

    def batch(texts: Sequence[str]) -> Scores:
        rows = [encoder.encode(text).ids for text in texts]
        ids = np.ones((len(rows), max(map(len, rows))), np.int64)
        mask = np.zeros_like(ids)
        for number, row in enumerate(rows):
            ids[number, : len(row)], mask[number, : len(row)] = row, 1
        return _softmax(session.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0])

    return lambda texts: np.concatenate(
        [batch(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
    )


def _softmax(logits: NDArray[np.float32]) -> Scores:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True), dtype=np.float64)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
