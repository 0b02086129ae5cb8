"""A data set that we did not make: RUW, tweets with their stance toward Russia (FAVOR, AGAINST, NONE), GBK-encoded.

    python -m benchmarks.ruw FOLDER [--seeds 13 14 15] [--base released] [--test FILE] [OPTIONS OF TRAIN]

FOLDER holds ``train.csv`` and ``validation.csv`` as their authors gave them out; they are not part of this repository.
Only stock commands take them from the raw files to figures: `ru-stance labels import`, `ru-stance train --only`,
`ru-stance evaluate`. Figures are macro-F1 over the three labels on the validation part, for every seed, and on a test
file if one is named. Nothing is chosen by the validation part: the last checkpoint is taken. Models and figures stay in
a folder beside --out, one for each choice of options: a benchmark that was stopped goes on there when it is started
again, and more seeds are added to those that are done. Delete the folder where the training code has changed.

Published on the test part: BERT 54.1, BERT-A 56.4, CKD 58.7, KDCL 78.2.
"""

import argparse
import hashlib
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.commands import ROOT, command
from models.machine import machine
from training.record import write_json

COLUMNS: Final = ("--text", "Tweet", "--label", "Stance 1")
LABELS: Final = ("--map", "FAVOR=supportive", "--map", "AGAINST=critical", "--map", "NONE=neutral")
PUBLISHED: Final = {"BERT": 54.1, "BERT-A": 56.4, "CKD": 58.7, "KDCL": 78.2}


@dataclass(frozen=True)
class Options:
    """What to run.

    Attributes:
        folder: holds ``train.csv`` and ``validation.csv``.
        seeds: one training each.
        train: further words for ``ru-stance train``.
        test: a csv file of the test part, if there is one.
        out: the JSON file to write.
    """

    folder: Path
    seeds: Sequence[int]
    train: Sequence[str]
    test: Path | None
    out: Path


def run(options: Options) -> dict[str, Any]:
    """Import, train and evaluate; return the figures of each seed on each part."""
    parts = {"validation": options.folder / "validation.csv"}
    if options.test is not None:
        parts["test"] = options.test
    told = json.dumps([*options.train, *map(str, parts.values())])
    place = options.out.with_suffix("") / hashlib.sha256(told.encode()).hexdigest()[:8]
    place.mkdir(parents=True, exist_ok=True)
    files = {name: imported(raw, place / f"{name}.jsonl") for name, raw in parts.items()}
    training = imported(options.folder / "train.csv", place / "train.jsonl")
    runs = []
    for seed in options.seeds:
        model, done = place / f"model-{seed}", place / f"figures-{seed}.json"
        if not done.is_file():
            words = ["--labels", training, "--only", "--test-share", 0, "--seed", seed, "--output", model]
            held_out = [word for file in files.values() for word in ("--held-out", file)]
            command("train", *words, *held_out, *options.train)
            figures = {name: evaluated(model, file, place / "figures.json") for name, file in files.items()}
            write_json(done, {"seed": seed, **figures})
        runs.append(json.loads(done.read_text("utf-8")))
        record = json.loads((model / "training.json").read_text("utf-8"))
    result = {
        "options": list(options.train),
        "settings": record["settings"],
        "machine": machine(),
        "seconds": record["seconds"],
        "published": PUBLISHED,
        "runs": runs,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_json(options.out, result)
    return result


def imported(raw: Path, target: Path) -> Path:
    """The raw file as labels in our words, one row a text: imported into a database of its own, and exported."""
    if target.is_file():
        return target
    database = target.with_suffix(".sqlite3")
    options = ("--encoding", "gbk", "--on-conflict", "drop", "--database", database)
    command("labels", "import", raw, *COLUMNS, *LABELS, *options)
    command("labels", "export", "--majority", "--database", database, "--output", target)
    return target


def evaluated(model: Path, data: Path, figures: Path) -> dict[str, float]:
    """Macro-F1 and accuracy of a model on a file."""
    command("evaluate", "--model", model, "--data", data, "--json", figures)
    overall = json.loads(figures.read_text("utf-8"))["overall"]
    return {name: overall[name]["value"] for name in ("macro_f1", "accuracy")}


def section(result: dict[str, Any]) -> str:
    """The result as Markdown."""
    runs, published = result["runs"], result["published"]
    lines = ["| part | " + " | ".join(f"seed {run['seed']}" for run in runs) + " | mean | spread |"]
    lines.append("|---" * (len(runs) + 3) + "|")
    for part in (name for name in ("validation", "test") if name in runs[0]):
        values = [100 * run[part]["macro_f1"] for run in runs]
        spread = statistics.stdev(values) if len(values) > 1 else 0.0
        told = " | ".join(f"{value:.1f}" for value in (*values, statistics.mean(values), spread))
        lines.append(f"| {part} | {told} |")
    others = ", ".join(f"{name} {value}" for name, value in published.items())
    base = result["settings"]["base"]
    lines += ["", f"Macro-F1 x 100; base {base}, {result['seconds']} seconds a training ({result['machine']})."]
    return "\n".join([*lines, f"Published, on the test part: {others}."])


def main() -> None:
    """Read the command line, run, and print the section."""
    parser = argparse.ArgumentParser(description="RUW, from the raw files to a model and its figures.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[13, 14, 15])
    parser.add_argument("--base", default="released", help="the weights to start from")
    parser.add_argument("--test", type=Path, help="csv file of the test part")
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "bench" / "ruw.json")
    asked, others = parser.parse_known_args()
    train = ["--base", asked.base, *others]
    print(section(run(Options(asked.folder, asked.seeds, train, asked.test, asked.out))))


if __name__ == "__main__":
    main()
