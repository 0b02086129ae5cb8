"""Ten minutes of mixed traffic at ten times the capacity, with faults: clients that hang up, read slowly, send rubbish.

    python -m benchmarks.load --minutes 10

The clients are locust's (``benchmarks/load_users.py``). Every answer is held to what the model says in process, or to a
documented refusal; the memory is watched; at the end the server gets SIGTERM with work in its queue, and has to answer
all of it and exit with 0. The cache of results is off, or there would be nothing to do. Exits with status 1 if anything
was wrong. Writes ``runs/bench/load.json``.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.serving import ROOT, Serving, memory_told, serving, write
from benchmarks.texts import distinct_texts
from models.classifier import Classifier
from models.machine import machine, usable_cores
from service.schemas import fields_of

TIMES = 10
CLIENTS = 300
# Sentences that a request of load_users.py has on average: large ones wait longest, and so are asked less often.
SENTENCES_A_REQUEST = 9.0
GROWTH_MB = 32.0
# About three seconds of work: a queue that the clients can fill.
QUEUE = 40_000
REQUESTS_AT_STOP = 32

Fields = dict[str, Any]


def main(
    minutes: Annotated[float, typer.Option(min=0.1, help="How long.")] = 10.0,
    workers: Annotated[int, typer.Option(min=1, help="Processes that serve.")] = 1,
) -> None:
    """Run the clients, stop the server under load, and tell what was found."""
    texts = distinct_texts(400)
    with Classifier.load(threads=1) as classifier:
        begun = time.perf_counter()
        predictions = classifier.classify(texts)
        capacity = len(texts) / (time.perf_counter() - begun) * usable_cores()
    # As it goes over the wire, where a tuple is a list.
    expected = json.loads(json.dumps({text: fields_of(each) for text, each in zip(texts, predictions, strict=True)}))
    rate = TIMES * capacity / SENTENCES_A_REQUEST / CLIENTS
    settings = {"result_cache_bytes": 0, "workers": workers, "max_waiting_tokens": QUEUE, "deadline": 10}
    with serving(**settings) as server:
        told = {"expected": expected, "requests_a_second": rate, "url": server.url, "statuses": _statuses(server)}
        found = _attack(server, told, minutes)
        stopped = _stop_under_load(server, texts, expected)
        status = server.popen.wait(120)
        memory = memory_told(server.memory)
    offered = found["sentences"]["sent"] / (60 * minutes) / capacity
    facts = {
        "machine": machine(),
        "minutes": minutes,
        "workers": workers,
        "clients": CLIENTS,
        "capacity_sentences_a_second": round(capacity, 1),
        "offered_times_capacity": round(offered, 1),
        "memory": memory,
        "at_stop": stopped,
        "exit_status": status,
        **found,
    }
    grows = memory["last_quarter_mb"] - memory["second_quarter_mb"] > GROWTH_MB
    print(json.dumps(facts, indent=1), f"\nwritten to {write('load', facts)}")
    if found["wrong"] or stopped.keys() - {"right", "refused with 429"} or status or grows:
        raise typer.Exit(1)


def _attack(server: Serving, told: Fields, minutes: float) -> Fields:
    """Run locust in a process of its own, since it replaces parts of the standard library."""
    with tempfile.TemporaryDirectory() as folder:
        facts, result = Path(folder) / "facts.json", Path(folder) / "result.json"
        facts.write_text(json.dumps(told), "utf-8")
        users = [sys.executable, "-m", "locust", "-f", str(ROOT / "benchmarks" / "load_users.py"), "--headless"]
        options = ["-u", str(CLIENTS), "-r", "40", "-t", f"{round(60 * minutes)}s", "--host", server.url]
        command = [*users, *options, "--stop-timeout", "30", "--only-summary", "--loglevel", "WARNING"]
        # What went wrong in a client is in the result.
        command += ["--exit-code-on-error", "0"]
        environment = {**os.environ, "LOAD_FACTS": str(facts), "LOAD_RESULT": str(result)}
        subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        found: Fields = json.loads(result.read_text("utf-8"))
        return found


def _statuses(server: Serving) -> dict[str, list[str]]:
    """The statuses that the API's description has, by method and path."""
    paths = json.loads(_get(f"{server.url}/openapi.json"))["paths"]
    return {
        f"{method.upper()} {path}": list(operation["responses"])
        for path, operations in paths.items()
        for method, operation in operations.items()
    }


def _stop_under_load(server: Serving, texts: list[str], expected: Fields) -> dict[str, int]:
    """Send SIGTERM while requests wait, and count what becomes of these."""

    def ask(number: int) -> str:
        mine = texts[number : number + 4]
        request = urllib.request.Request(f"{server.url}/v1/classify", json.dumps({"texts": mine}).encode())
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return "right" if json.load(answer)["results"] == [expected[text] for text in mine] else "wrong"
        except urllib.error.HTTPError as error:
            return f"refused with {error.code}" if error.code == 429 else f"answered with {error.code}"
        except OSError:
            return "lost"

    with ThreadPoolExecutor(REQUESTS_AT_STOP) as clients:
        asked = [clients.submit(ask, number) for number in range(REQUESTS_AT_STOP)]
        while b"ru_stance_queue_depth 0.0" in _get(f"{server.url}/metrics") and not any(each.done() for each in asked):
            time.sleep(0.01)
        time.sleep(0.2)  # all are sent, few are answered
        server.popen.send_signal(signal.SIGTERM)
        return dict(Counter(each.result() for each in asked))


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        content: bytes = answer.read()
        return content


if __name__ == "__main__":
    typer.run(main)
