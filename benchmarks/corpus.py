"""Scoring a file beside the bare forward passes, and beside the usual script; and its memory for short and long files.

    python -m benchmarks.corpus

``ru-stance score`` is run as a user runs it, from the start of the process to its end. The bare passes are tokenizer
and onnxruntime alone, on texts that are in memory, with the model loaded before the clock starts, on as many threads.
The usual script is pandas and the transformers pipeline in batches of 32 as torch has them by default; its weights are
random, which takes the same time, since the shipped model has no torch weights. Peak memory is the resident set that
the system tells of the ended process. Exits with status 1 if a goal is missed. Writes ``runs/bench/corpus.json``.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import onnxruntime
import typer

from benchmarks.serving import write
from benchmarks.texts import distinct_texts
from models.directory import open_directory
from models.encoding import Encoder
from models.machine import machine, usable_cores

MODULE: Final = "benchmarks.corpus"
TIMES_BARE: Final = 1.1
TIMES_SCRIPT: Final = 5.0
BATCH: Final = 32
# Longer files may take so much more: SQLite's cache, which is of fixed size, fills with the texts.
GROWTH_MB: Final = 64.0

Facts = dict[str, Any]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    sentences: Annotated[int, typer.Option(min=1, help="Distinct sentences that are timed.")] = 20_000,
    script_sentences: Annotated[
        int | None, typer.Option(min=1, help="So many of them for the usual script, to spare time; all when left out.")
    ] = None,
    short: Annotated[int, typer.Option(min=1, help="Rows of the short file whose memory is taken.")] = 10_000,
    long: Annotated[int, typer.Option(min=1, help="Rows of the long file.")] = 1_000_000,
    distinct: Annotated[int, typer.Option(min=1, help="Distinct texts in both.")] = 20_000,
) -> None:
    """Time a file of distinct sentences, take the memory for two files, and tell what came of it."""
    if context.invoked_subcommand is not None:
        return
    with tempfile.TemporaryDirectory() as folder:
        texts = distinct_texts(max(sentences, distinct))
        path = Path(folder)
        timed = csv_file(path / "timed.csv", texts[:sentences], sentences)
        few = script_sentences or sentences
        part = csv_file(path / "script.csv", texts[:few], few)
        bare, _ = _told([sys.executable, "-m", MODULE, "bare", str(timed)])
        ours, _ = run_command(["score", str(timed), "-o", str(path / "out.csv")])
        script, _ = _told([sys.executable, "-m", MODULE, "script", str(part), str(path / "script-out.csv")])
        memory = {}
        for rows in (short, long):
            file = csv_file(path / "memory.csv", texts[:distinct], rows)
            seconds, peak = run_command(["score", str(file), "-o", str(path / "out.csv")])
            memory[rows] = {"peak_mb": round(peak / 1e6, 1), "seconds": round(seconds, 1)}
    facts: Facts = {
        "machine": machine(),
        "sentences": sentences,
        "seconds": {"bare": round(bare, 1), "ours": round(ours, 1)},
        "script": {"sentences": few, "seconds": round(script, 1), "batch": BATCH},
        "times_bare": round(ours / bare, 3),
        "times_script": round(script / few * sentences / ours, 2),
        "distinct": distinct,
        "memory": memory,
        "missed": [],
    }
    grown = memory[long]["peak_mb"] - memory[short]["peak_mb"]
    goals = {
        f"at most {TIMES_BARE} times the bare passes": facts["times_bare"] <= TIMES_BARE,
        f"at least {TIMES_SCRIPT} times as fast as the usual script": facts["times_script"] >= TIMES_SCRIPT,
        f"no more than {GROWTH_MB} MB more for the long file": grown <= GROWTH_MB,
    }
    facts["missed"] = [goal for goal, met in goals.items() if not met]
    print(json.dumps(facts, indent=1), f"\nwritten to {write('corpus', facts)}")
    if facts["missed"]:
        raise typer.Exit(1)


@app.command()
def bare(file: Path) -> None:
    """Print the seconds of the bare forward passes over a file's texts."""
    directory = open_directory()
    encoder = Encoder(directory.tokenizer, directory.info.max_length)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(directory.graph), options, providers=["CPUExecutionProvider"])

    def forward(text: str) -> Any:
        ids = encoder.encode(text).ids[np.newaxis]
        return session.run(["logits"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})

    with file.open(encoding="utf-8", newline="") as stream:
        texts = [row["text"] for row in csv.DictReader(stream)]
    with ThreadPoolExecutor(usable_cores()) as executor:
        forward(texts[0])
        began = time.perf_counter()
        for _ in executor.map(forward, texts):
            pass
        print(json.dumps(time.perf_counter() - began))


@app.command()
def script(file: Path, output: Path) -> None:
    """Label a file as the usual script does, and print the seconds of that, imports and loading included."""
    began = time.perf_counter()
    import pandas  # type: ignore[import-untyped]
    from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer, pipeline

    directory = str(open_directory().path)
    config = AutoConfig.from_pretrained(directory)
    model = AutoModelForSequenceClassification.from_config(config).eval()  # type: ignore[no-untyped-call]
    classify = pipeline(
        "text-classification", model=model, tokenizer=AutoTokenizer.from_pretrained(directory), device=-1
    )
    table = pandas.read_csv(file)
    results = classify(table["text"].tolist(), batch_size=BATCH, truncation=True)
    table["label"] = [result["label"] for result in results]
    table["score"] = [result["score"] for result in results]
    table.to_csv(output, index=False)
    print(json.dumps(time.perf_counter() - began))


def csv_file(path: Path, texts: Sequence[str], rows: int) -> Path:
    """Write a csv file of so many rows, over the texts in turn."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "text"])
        writer.writerows([number, texts[number % len(texts)]] for number in range(rows))
    return path


def _told(command: Sequence[str]) -> tuple[float, int]:
    """The seconds that a process tells on its last line, and its peak memory in bytes."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
        return float(lines[-1]), _peak(process)


def run_command(words: Sequence[str]) -> tuple[float, int]:
    """The seconds that the command takes from its start to its end, and its peak memory in bytes."""
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, "-m", "ru_stance", *words], stdout=subprocess.DEVNULL) as process:
        peak = _peak(process)
    return time.perf_counter() - began, peak


def _peak(process: "subprocess.Popen[Any]") -> int:
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise typer.Exit(process.returncode)
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    app()
