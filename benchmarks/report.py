"""``benchmarks/README.md`` from what the parts of a run have written; no figure in it is typed by hand."""

import statistics
from collections.abc import Callable, Iterable
from typing import Any, Final

from benchmarks import batching, corpus_table, int8, load_table, ray_table
from benchmarks.goals import OURS, Goal, goals
from benchmarks.rates import paired_ratio, rate

FIGURE: Final = "speed.svg"
_SERVED: Final = ("served-ours", "served-ours-2", "served-pipeline", "served-infinity")
_ABOUT: Final = """\
# Speed

`make bench` measures all of this in one run and writes this page. The last sections are commands of their own, which
take more when they are run by themselves; each tells how much it took.

Same weights everywhere (the shipped model; for torch, rebuilt from it), same cores, as many threads for each. Sentences
are distinct and the cache of results is off. Intervals are 95%, by the bootstrap over pieces of the work (in process)
or windows of time (served). The clients are on the same cores as the server and take their share, which is told;
latencies are from the request to the end of the answer. A client that is refused for lack of room (429) waits as it is
told to and sends the request again; its latency runs on.
"""
# Commands of their own, each with the title and the text of its section; they write ``runs/bench/NAME.json``.
EXTRA: Final[dict[str, tuple[str, Callable[[dict[str, Any]], str]]]] = {
    "batching": ("Alone or in batches", batching.section),
    "million": ("Many lines", load_table.million_section),
    "corpus": ("Scoring a file", corpus_table.section),
    "ray_crossover": ("Scoring on a cluster", ray_table.section),
    "load": ("Ten times too much", load_table.section),
}
_MET: Final = {True: "met", False: "**not met**", None: "not measured"}

Results = dict[str, Any]


def page(facts: Results, parts: dict[str, Results], extra: dict[str, Results]) -> str:
    """The whole page.

    Args:
        facts: ``date``, ``machine``, ``model``, ``versions`` and ``quick``.
        parts: by name, with either ``result`` or ``not_run``, a reason.
        extra: by name, what the commands in :data:`EXTRA` wrote; those that there are.
    """
    results = {name: part["result"] for name, part in parts.items() if "result" in part}
    missing = [f"- {name}: not run, because {part['not_run']}" for name, part in parts.items() if "not_run" in part]
    sections = [_ABOUT, _facts(facts), _goals(goals(results)), f"![Sentences a second]({FIGURE})\n"]
    if missing:
        sections.append("\n".join(["## Not run\n", *missing, ""]))
    if "in-process" in results:
        sections += [_in_process(results["in-process"]), _documents(results["in-process"]["documents"])]
    if "int8" in results:
        sections.append(_int8(results["int8"]))
    served = [results[name] for name in _SERVED if name in results]
    if served:
        sections += [_served(served, results.get("sizes", {})), _points(served)]
    if "steps" in results:
        sections.append(_steps(results["steps"]))
    for name, (title, section) in EXTRA.items():
        if name in extra:
            sections.append(f"## {title}\n\n`python -m benchmarks.{name}`. {section(extra[name])}")
    return "\n".join(f"{section.rstrip()}\n" for section in sections)


def _facts(facts: Results) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    told = f"{facts['date']}; {facts['machine']}; model {facts['model']}; {versions}.\n"
    return ("**A quick try of the command: too short for figures to be quoted.** " if facts["quick"] else "") + told


def _goals(found: Iterable[Goal]) -> str:
    rows = [[goal.what, goal.measured, _MET[goal.met]] for goal in found]
    return "## Goals\n\n" + _table(["goal", "measured", ""], rows)


def _in_process(found: Results) -> str:
    least, mean, most = found["words"]
    ours = found["ways"][OURS]["seconds"]
    rows = []
    for name, way in found["ways"].items():
        speed, times = rate(found["pieces"], way["seconds"]), paired_ratio(ours, way["seconds"])
        against = "" if name == OURS else f"{times.value:.2f} ({times.low:.2f} to {times.high:.2f})"
        rows.append([name, f"{speed.value:.0f} ({speed.low:.0f} to {speed.high:.0f})", against, f"{way['moved']:.2g}"])
    intro = (
        f"## In process\n\n{found['sentences']} distinct sentences of {least} to {most} words, {mean:.0f} on average; "
        f"{found['threads']} threads. The last column is how much a score changes at most by the texts that are "
        "classified in the same batch.\n\n"
    )
    return intro + _table(["way", "sentences a second", "ours is so many times as fast", "change of scores"], rows)


def _documents(found: Results) -> str:
    ours = found["ways"][OURS]["seconds"]
    rows = []
    for name, way in found["ways"].items():
        speed, times = rate([1.0] * len(ours), way["seconds"]), paired_ratio(ours, way["seconds"])
        against = "" if name == OURS else f"{times.value:.2f} ({times.low:.2f} to {times.high:.2f})"
        rows.append([name, f"{speed.value:.1f} ({speed.low:.1f} to {speed.high:.1f})", against])
    intro = (
        f"### Documents\n\n{found['documents']} articles of {found['sentences']} sentences in all, one after the "
        "other. Ours splits them itself; the pipeline is given the sentences.\n\n"
    )
    return intro + _table(["way", "documents a second", "ours is so many times as fast"], rows)


def _int8(found: Results) -> str:
    intro = (
        f"### Forms of the model\n\n{found['sentences']} sentences, {found['tokens']:.0f} tokens on average, each "
        "alone on one thread. *Equal labels* and *mean distance* (of the logits) are against fp32; all forms are made "
        "of the rebuilt weights.\n\n"
    )
    return intro + "\n".join(int8.table(found["forms"])) + "\n"


def _served(found: list[Results], sizes: Results) -> str:
    rows = []
    for each in found:
        size = sizes.get(each["name"].partition(",")[0])
        start = f"{statistics.median(each['starts']):.2f} ({min(each['starts']):.2f} to {max(each['starts']):.2f})"
        installed = "not measured" if size is None else f"{size:.0f}"
        rows.append([each["name"], start, f"{each['idle_mb']:.0f}", f"{each['peak_mb']:.0f}", installed])
    intro = (
        "## Served\n\nSeconds from the start of the process to its first answer, the files in the system's cache "
        "(median and range); resident memory of all its processes after the first "
        "answer and at most; installed packages.\n\n"
    )
    return intro + _table(["server", "first answer s", "idle MB", "peak MB", "installed MB"], rows)


def _points(found: list[Results]) -> str:
    rows = []
    for each in found:
        for point in each["points"]:
            start = [each["name"], str(point["clients"]), str(point["size"])]
            if not point.get("requests"):
                rows.append([*start, f"failed: {point.get('error', 'no answer in time')}", "", "", "", "", "", "", ""])
                continue
            speed = rate(point["sentences"], point["seconds"])
            told = [f"{speed.value:.0f} ({speed.low:.0f} to {speed.high:.0f})", f"{speed.value / each['cores']:.0f}"]
            times = [f"{point[name]:.0f}" for name in ("p50", "p95", "p99")]
            rows.append([*start, *told, *times, f"{point['cpu']:.0%}", str(point["refused"]), str(point["failed"])])
    head = [
        "server",
        "clients",
        "sentences a request",
        "sentences a second",
        "for each core",
        "p50 ms",
        "p95 ms",
        "p99 ms",
    ]
    return _table([*head, "clients' CPU, of one core", "429", "failed"], rows)


def _steps(found: Results) -> str:
    rest = found["whole"] - sum(found["steps"].values())
    steps = [[name, f"{value:.2f}"] for name, value in [*found["steps"].items(), ("the rest", rest)]]
    nodes = [[f"`{name}`", f"{value:.2f}"] for name, value in found["nodes"].items()]
    intro = (
        f"## Where the time goes\n\nMilliseconds a sentence on one thread, {found['sentences']} sentences; what limits "
        "the speed is what takes most of it. The nodes of the model are told by onnxruntime's profiler, which takes "
        "time itself.\n\n"
    )
    whole = _table(["step", "ms"], [*steps, ["all", f"{found['whole']:.2f}"]])
    return intro + whole + "\n" + _table(["nodes", "ms"], nodes)


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines) + "\n"
