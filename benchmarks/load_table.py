"""The figures of the load test and of the million lines in Markdown, from what the two commands have written."""

from typing import Any

Facts = dict[str, Any]
_PROBES = ("/livez", "/readyz", "/metrics", "/v1/model")


def section(load: Facts) -> str:
    """What ``python -m benchmarks.load`` found.

    Args:
        load: ``runs/bench/load.json``.
    """
    wrong = sum(load["wrong"].values())
    stopped = ", ".join(f"{count} {what}" for what, count in load["at_stop"].items())
    intro = (
        f"{load['minutes']:g} minutes, {load['clients']} clients, {load['workers']} worker"
        f"{'s' if load['workers'] > 1 else ''}, {load['machine']}: {load['offered_times_capacity']:g} times the "
        f"{load['capacity_sentences_a_second']:g} sentences a second that the model does in process. "
        f"{load['requests']} requests were made; {load['sentences'].get('answered', 0)} of "
        f"{load['sentences']['sent']} sentences were answered and the others refused with a documented status. "
        f"Answers that were neither right nor documented: {wrong}. Requests that were there when the server was "
        f"told to stop: {stopped}; its exit status: {load['exit_status']}."
    )
    head = "| requests | answers by status | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|"
    rows = [_row(name, counts, load["milliseconds"].get(name)) for name, counts in load["statuses"].items()]
    return "\n".join([intro, "", _memory(load["memory"]), "", head, *rows, ""])


def million_section(million: Facts) -> str:
    """What ``python -m benchmarks.million`` found.

    Args:
        million: ``runs/bench/million.json``.
    """
    intro = (
        f"{million['lines']:,} lines of {million['distinct']:,} distinct texts through curl to `/v1/score`, every "
        f"1,000th no JSON; {million['machine']}."
    )
    head = "| run | answered | wrong | lines a second | most MB | second quarter MB | last quarter MB |"
    rows = [
        f"| {name} | {run['answered']:,} | {run['wrong']} | {run['lines_a_second']:,} | {run['memory']['most_mb']:g} | "
        f"{run['memory']['second_quarter_mb']:g} | {run['memory']['last_quarter_mb']:g} |"
        for name, run in million["runs"].items()
    ]
    return "\n".join([intro, "", head, "|---|---|---|---|---|---|---|", *rows, ""])


def _row(name: str, counts: dict[str, int], latency: dict[str, float] | None) -> str:
    answers = ", ".join(f"{status}: {count}" for status, count in sorted(counts.items()))
    times = [f"{latency[share]:g}" for share in ("p50", "p95", "p99")] if latency else ["", "", ""]
    shown = f"`{name}`" if name in _PROBES else name
    return f"| {shown} | {answers} | {' | '.join(times)} |"


def _memory(memory: dict[str, float]) -> str:
    return (
        f"Resident memory: {memory['most_mb']:g} MB at most; its median in the second quarter of the run was "
        f"{memory['second_quarter_mb']:g} MB, and in the last {memory['last_quarter_mb']:g} MB."
    )
