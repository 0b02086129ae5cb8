"""What 300 labels of a new style teach, and what is forgotten: by the commands that a newsroom has.

    python -m benchmarks.retrain [LABELS [--test FILE]] [--style code-words] [--count 300] [--seed 13]
        [--out runs/bench/retrain.json] [OPTIONS OF TRAIN]

LABELS is a file of labelled texts in a style that the released model was not made for; without one it is a style of
:mod:`benchmarks.new_style`. So many of them, drawn by the seed, go through `ru-stance train --labels`; the new model is
compared with the released one, by `ru-stance model compare`, on all the other rows (of a style that is made by a rule:
on those of the shipped test split, too; with --test: on that file instead) and on the shipped test split as it is. None
of these was trained on. Everything is written to a folder of its own; what is released stays as it is. Further options
are handed to `ru-stance train`.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.commands import ROOT, command
from benchmarks.new_style import STYLES, TAUGHT, TESTED, restyled
from models.machine import machine
from models.rows import write_rows
from training.compare import SHIPPED_TEST
from training.dataset import read_corpus
from training.duplicates import shared_sentences
from training.record import write_json
from training.slices import LabelledRow, read_labelled


@dataclass(frozen=True)
class Options:
    """What to run.

    Attributes:
        labels: file of labelled texts; None for a style that is made by a rule.
        test: file to compare on beside the shipped test split; None for the labels that are not drawn.
        style: which one of :data:`benchmarks.new_style.STYLES`, where there is no file.
        count: how many of them are learned from (a fifth of them is the frozen test).
        seed: of the draw and of the training.
        train: further words for ``ru-stance train``.
        out: the JSON file to write.
    """

    labels: Path | None
    test: Path | None
    style: str
    count: int
    seed: int
    train: Sequence[str]
    out: Path


def run(options: Options) -> dict[str, Any]:
    """Train, compare, and return what was found: the seconds that training took, and the two comparisons."""
    if options.labels is None:
        corpus = read_corpus()
        known, more = (restyled(corpus, options.style, splits) for splits in (TAUGHT, TESTED))
    else:
        known, more = read_labelled(options.labels), read_labelled(options.test) if options.test else []
    taught, rest = drawn(known, options.count, options.seed, more, only_more=options.test is not None)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name, rows in (("taught", taught), ("new-style", rest)):
            write_rows(place / f"{name}.jsonl", ({"text": row.text, "label": row.label} for row in rows))
        begun = time.monotonic()
        words = ["--labels", place / "taught.jsonl", "--output", place / "model", "--seed", options.seed]
        command("train", *words, *options.train)
        seconds = time.monotonic() - begun
        figures = place / "figures.json"
        sets = ["--data", place / "new-style.jsonl", "--data", SHIPPED_TEST, "--json", figures]
        command("model", "compare", "released", place / "model", *sets)
        found = json.loads(figures.read_text("utf-8"))
        record = json.loads((place / "model" / "training.json").read_text("utf-8"))
    result = {
        "style": options.style if options.labels is None else options.labels.stem,
        "labels": len(taught),
        "seed": options.seed,
        "options": list(options.train),
        "settings": record["settings"],
        "seconds": round(seconds),
        "machine": machine(),
        "comparisons": found,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_json(options.out, result)
    return result


def drawn(
    rows: Sequence[LabelledRow], count: int, seed: int, more: Sequence[LabelledRow] = (), *, only_more: bool = False
) -> tuple[list[LabelledRow], list[LabelledRow]]:
    """So many rows to learn from, and those to test on that are not near to any of them, quote none and are not quoted.

    Args:
        rows: what is drawn from.
        count: how many are learned from.
        seed: of the draw.
        more: rows to test on beside the others.
        only_more: test on these alone.
    """
    order = random.Random(seed).sample(list(rows), len(rows))
    taught, others = order[:count], [*([] if only_more else order[count:]), *more]
    near = {other for _, other in shared_sentences([row.text for row in taught], [row.text for row in others])}
    return taught, [row for number, row in enumerate(others) if number not in near]


def section(result: dict[str, Any]) -> str:
    """The result as Markdown."""
    lines = [
        f"{result['labels']} labels of a new style ({result['style']}), trained on in {result['seconds']} seconds "
        f"({result['machine']}):",
        "",
        "| set | rows | released: macro-F1 | retrained | change [95% interval] | McNemar p | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    for found in result["comparisons"]:
        overall = found["overall"]
        change = overall["difference"]
        lines.append(
            f"| {found['name']} | {overall['rows']} | {overall['a']:.3f} | {overall['b']:.3f} | {change['value']:+.3f} "
            f"[{change['low']:+.3f}, {change['high']:+.3f}] | {found['p']:.3g} | {found['verdict']} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Read the command line, run, and print the section."""
    parser = argparse.ArgumentParser(description="What labels of a new style teach, and what is forgotten.")
    parser.add_argument("labels", type=Path, nargs="?")
    parser.add_argument("--test", type=Path, help="labelled texts to compare on, instead of the LABELS not drawn")
    parser.add_argument("--style", choices=list(STYLES), default="code-words", help="the style, without LABELS")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "bench" / "retrain.json")
    asked, train = parser.parse_known_args()
    if asked.test and not asked.labels:
        parser.error("--test goes with LABELS")
    print(section(run(Options(asked.labels, asked.test, asked.style, asked.count, asked.seed, train, asked.out))))


if __name__ == "__main__":
    main()
