"""A million lines through ``/v1/score`` by curl: every line is answered, rightly, and the memory does not grow.

    python -m benchmarks.million --lines 1000000 --distinct 20000

The lines repeat the distinct texts, as corpora repeat theirs; every 1,000th is no JSON. It is run once more without the
cache of results if ``--twice`` is given. Exits with status 1 if a line is lost, answered wrongly or out of place, or
if the memory grows. Writes ``runs/bench/million.json``.
"""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from benchmarks.serving import Serving, memory_told, serving, write
from benchmarks.texts import distinct_texts
from models.classifier import Classifier
from models.machine import machine
from service.schemas import fields_of

BAD_EVERY = 1000
# The last quarter of a run may hold so much more than the second: the allocator's pieces, and not the lines.
GROWTH_MB = 16.0

Fields = dict[str, Any]


def main(
    lines: Annotated[int, typer.Option(min=1, help="Lines to send.")] = 1_000_000,
    distinct: Annotated[int, typer.Option(min=1, help="Different texts among them.")] = 20_000,
    twice: Annotated[bool, typer.Option("--twice", help="Once more without the cache of results.")] = False,
) -> None:
    """Send the lines, check every answer, and tell the speed and the memory."""
    texts = distinct_texts(distinct)
    with Classifier.load() as classifier:
        expected = [fields_of(prediction) for prediction in classifier.classify(texts)]
    runs = {"cache": _run(texts, expected, lines)}
    if twice:
        runs["no cache"] = _run(texts, expected, lines, result_cache_bytes=0)
    facts = {"machine": machine(), "lines": lines, "distinct": distinct, "runs": runs}
    print(json.dumps(facts, indent=1), f"\nwritten to {write('million', facts)}")
    if any(run["wrong"] or run["answered"] != lines or run["grows"] for run in runs.values()):
        raise typer.Exit(1)


def _run(texts: list[str], expected: list[Fields], lines: int, **settings: object) -> dict[str, Any]:
    with serving(**settings) as server:
        begun = time.perf_counter()
        answered = wrong = 0
        for number, answer in enumerate(_answers(server, texts, lines), 1):
            answered += 1
            wrong += not _right(json.loads(answer), number, expected)
        seconds = time.perf_counter() - begun
        memory = memory_told(server.memory)
        status = server.stop()
    grows = memory["last_quarter_mb"] - memory["second_quarter_mb"] > GROWTH_MB
    facts = {"answered": answered, "wrong": wrong, "seconds": round(seconds, 1), "grows": grows, "exit_status": status}
    return facts | {"lines_a_second": round(lines / seconds), "memory": memory}


def _answers(server: Serving, texts: list[str], lines: int) -> Iterator[bytes]:
    url, kind = f"{server.url}/v1/score", "Content-Type: application/x-ndjson"
    command = ["curl", "--silent", "--show-error", "--no-buffer", "-X", "POST", "-H", kind, "-T", "-", url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as curl:
        assert curl.stdin is not None
        assert curl.stdout is not None
        sender = threading.Thread(target=_send, args=(curl.stdin, texts, lines))
        sender.start()
        yield from curl.stdout
        sender.join()


def _send(stream: Any, texts: list[str], lines: int) -> None:
    with stream:
        for number in range(1, lines + 1):
            line = json.dumps({"text": texts[number % len(texts)], "id": f"n{number}"}, ensure_ascii=False)
            stream.write((line[:-1] if number % BAD_EVERY == 0 else line).encode() + b"\n")


def _right(answer: Fields, number: int, expected: list[Fields]) -> bool:
    if number % BAD_EVERY == 0:
        return bool(answer["line"] == number and answer["status"] == 400)
    wanted = expected[number % len(expected)] | {"line": number, "id": f"n{number}"}
    return bool(answer == wanted | {"prediction_set": list(wanted["prediction_set"])})


if __name__ == "__main__":
    typer.run(main)
