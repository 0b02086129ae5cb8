"""The figures of scoring a file in Markdown, from what ``python -m benchmarks.corpus`` has written."""

from typing import Any


def section(facts: dict[str, Any]) -> str:
    """What ``python -m benchmarks.corpus`` found.

    Args:
        facts: ``runs/bench/corpus.json``.
    """
    count, script = facts["sentences"], facts["script"]
    ours, bare = facts["seconds"]["ours"], facts["seconds"]["bare"]
    part = "" if script["sentences"] == count else f", on {script['sentences']:,} of them"
    missed = f" Missed: {'; '.join(facts['missed'])}." if facts["missed"] else ""
    return "\n".join([
        f"A csv file of {count:,} distinct sentences; {facts['machine']}. `ru-stance score` takes "
        f"{facts['times_bare']:g} times as long as the bare forward passes, and is {facts['times_script']:g} times as "
        f"fast as pandas with the transformers pipeline in batches of {script['batch']}{part}.{missed}",
        "",
        "| how | sentences | seconds | sentences a second |",
        "|---|---|---|---|",
        _row("bare forward passes, in memory, model loaded", count, bare),
        _row("`ru-stance score`, from its start to its end", count, ours),
        _row("pandas and pipeline, from its imports to its end", script["sentences"], script["seconds"]),
        "",
        f"| rows, of at most {facts['distinct']:,} distinct texts | peak memory MB | seconds |",
        "|---|---|---|",
        *(
            f"| {int(rows):,} | {told['peak_mb']:g} | {told['seconds']:g} |"
            for rows, told in sorted(facts["memory"].items(), key=lambda each: int(each[0]))
        ),
        "",
    ])  # fmt: skip


def _row(how: str, count: int, seconds: float) -> str:
    return f"| {how} | {count:,} | {seconds:g} | {count / seconds:,.0f} |"
