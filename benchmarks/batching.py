"""One sentence at a time, or padded batches: which is faster on a core, and what the batch does to the scores.

    python -m benchmarks.batching

The shipped model on one thread, over distinct texts of real length: each alone and unpadded, as it is served; in
batches in the order of arrival; in batches sorted by length; and in batches of a token budget, sorted by length. The
ways are measured in turn, several times over, in processor time, and the best of each counts, so that other work on the
machine changes little. Writes ``runs/bench/batching.json``.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final

import numpy as np
import onnxruntime
import typer
from numpy.typing import NDArray

from benchmarks.serving import write
from benchmarks.texts import distinct_texts
from models.calibration import softmax
from models.directory import open_directory
from models.encoding import Encoder
from models.machine import machine

ALONE: Final = "alone, unpadded (ours)"

Ids = NDArray[np.int64]
Batches = list[list[int]]


def main(
    count: Annotated[int, typer.Option(min=1, help="Texts.")] = 2000,
    rounds: Annotated[int, typer.Option(min=1, help="Times that each way is measured.")] = 3,
) -> None:
    """Measure every way, and tell the speed and the distance of the scores from those of each text alone."""
    directory = open_directory()
    session, padding = _session(str(directory.graph)), _padding(directory.tokenizer)
    encoder = Encoder(directory.tokenizer, directory.info.max_length)
    ids = [encoder.encode(text).ids for text in distinct_texts(count)]
    ways = _ways([len(each) for each in ids])
    best = dict.fromkeys(ways, float("inf"))
    scores = {}
    for _ in range(rounds):
        for name, batches in ways.items():
            begun = time.process_time()
            scores[name] = softmax(_run(session, ids, batches, padding))
            best[name] = min(best[name], time.process_time() - begun)
    facts = {
        "machine": machine(),
        "texts": count,
        "tokens": round(float(np.mean([len(each) for each in ids])), 1),
        "ways": {name: _told(scores[name], scores[ALONE], count / best[name]) for name in ways},
    }
    path = write("batching", facts)
    print(section(facts), f"\nwritten to {path}")


def section(facts: dict[str, Any]) -> str:
    """The figures in Markdown."""
    rows = [
        f"| {name} | {told['texts_a_second']:.0f} | {told['largest_difference']:.3f} | {told['other_labels']} |"
        for name, told in facts["ways"].items()
    ]
    intro = (
        f"{facts['texts']} distinct texts, {facts['tokens']:g} tokens on average; {facts['machine']}, one thread. The "
        "difference is the largest one of any score from that of the text alone."
    )
    head = "| forward pass | texts a second of processor time | largest difference | other labels |\n|---|---|---|---|"
    return "\n".join([intro, "", head, *rows, ""])


def _told(found: NDArray[np.float64], alone: NDArray[np.float64], speed: float) -> dict[str, float]:
    return {
        "texts_a_second": round(speed, 1),
        "largest_difference": round(float(np.abs(found - alone).max()), 4),
        "other_labels": int((found.argmax(axis=1) != alone.argmax(axis=1)).sum()),
    }


def _ways(lengths: Sequence[int]) -> dict[str, Batches]:
    order = sorted(range(len(lengths)), key=lambda index: lengths[index])
    ways = {ALONE: [[index] for index in range(len(lengths))]}
    for size in (8, 32):
        ways[f"batches of {size}, in order"] = list(_cut(range(len(lengths)), size))
        ways[f"batches of {size}, sorted by length"] = list(_cut(order, size))
    ways["batches of 1,024 tokens, sorted by length"] = list(_budgeted(order, lengths, 1024))
    return ways


def _cut(order: Sequence[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(order), size):
        yield list(order[start : start + size])


def _budgeted(order: Sequence[int], lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    batch: list[int] = []
    for index in order:
        if batch and (len(batch) + 1) * lengths[index] > budget:
            yield batch
            batch = []
        batch.append(index)
    yield batch


def _run(session: onnxruntime.InferenceSession, ids: list[Ids], batches: Batches, padding: int) -> NDArray[np.float32]:
    logits = np.zeros((len(ids), 3), dtype=np.float32)
    for batch in batches:
        length = max(len(ids[index]) for index in batch)
        inputs = np.full((len(batch), length), padding, dtype=np.int64)
        mask = np.zeros_like(inputs)
        for row, index in enumerate(batch):
            inputs[row, : len(ids[index])] = ids[index]
            mask[row, : len(ids[index])] = 1
        logits[batch] = session.run(["logits"], {"input_ids": inputs, "attention_mask": mask})[0]
    return logits


def _padding(tokenizer: Any) -> int:
    from tokenizers import Tokenizer

    return int(Tokenizer.from_file(str(tokenizer)).token_to_id("<pad>") or 0)


def _session(graph: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


if __name__ == "__main__":
    typer.run(main)
