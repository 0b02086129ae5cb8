"""What was aimed at, held against what was measured."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.rates import paired_ratio, ratio
from training.intervals import Estimate

OURS: Final = "ru-stance"
DEFAULT: Final = "pipeline, default"
BATCHED: Final = "pipeline, batches of 32"

Results = dict[str, Any]
# Scores are told to six places.
_SAME: Final = 5e-7


@dataclass(frozen=True)
class Goal:
    """One goal and what came of it.

    Attributes:
        what: the goal, in words.
        measured: the figure, or why there is none.
        met: None where it was not measured.
    """

    what: str
    measured: str
    met: bool | None


def goals(results: Results) -> list[Goal]:
    """Every goal; ``results`` are those of the parts that ran, by name."""
    return [
        _least("in process, times the pipeline's default call", 5, lambda: _in_process(results, DEFAULT)),
        _least("in process, times the pipeline in batches of 32", 4, lambda: _in_process(results, BATCHED)),
        _most("largest change of a score by the texts beside it", 0, "", lambda: _moved(results), _SAME),
        _least(
            "served to 64 clients, 32 sentences a request, share of in process", 0.9, lambda: _kept(results, 64, 32)
        ),
        _least("served to 64 clients, one sentence a request, share of in process", 0.8, lambda: _kept(results, 64, 1)),
        _least("times infinity, at the point where it is nearest", 3, lambda: nearest(results, "served-infinity")),
        _most("first answer after the start", 3, " s", lambda: statistics.median(_served(results)["starts"])),
        _most("resident memory at most", 400, " MB", lambda: _served(results)["peak_mb"]),
        _most("installed base environment", 400, " MB", lambda: results["sizes"]["ru-stance"]),
    ]


def point(served: Results, clients: int, size: int) -> Results:
    """The measurement at so many clients and sentences a request.

    Raises:
        KeyError: there is none.
    """
    for each in served["points"]:
        if (each["clients"], each["size"]) == (clients, size) and each.get("requests"):
            found: Results = each
            return found
    raise KeyError(f"{clients} clients, {size} sentences a request")


def nearest(results: Results, peer: str) -> Estimate:
    """How many times a peer's throughput ours is, where it is the fewest times.

    Raises:
        KeyError: one of the two was not measured.
    """
    found = []
    for theirs in results[peer]["points"]:
        mine = point(_served(results), theirs["clients"], theirs["size"])
        theirs = point(results[peer], theirs["clients"], theirs["size"])
        found.append(ratio(_runs(mine), _runs(theirs)))
    return min(found, key=lambda each: each.value)


def _in_process(results: Results, peer: str) -> Estimate:
    ways = results["in-process"]["ways"]
    return paired_ratio(ways[OURS]["seconds"], ways[peer]["seconds"])


def _moved(results: Results) -> float:
    moved: float = results["in-process"]["ways"][OURS]["moved"]
    return moved


def _kept(results: Results, clients: int, size: int) -> Estimate:
    found = results["in-process"]
    inside = (found["pieces"], found["ways"][OURS]["seconds"])
    return ratio(_runs(point(_served(results), clients, size)), inside)


def _served(results: Results) -> Results:
    served: Results = results["served-ours"]
    return served


def _runs(point: Results) -> tuple[list[float], list[float]]:
    return point["sentences"], point["seconds"]


def _least(what: str, goal: float, measure: Callable[[], Estimate]) -> Goal:
    what = f"{what}: at least {goal:g}"
    try:
        found = measure()
    except KeyError as missing:
        return Goal(what, f"not measured ({missing.args[0]})", None)
    return Goal(what, f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})", found.value >= goal)


def _most(what: str, goal: float, unit: str, measure: Callable[[], float], slack: float = 0) -> Goal:
    what = f"{what}: at most {goal:g}{unit}"
    try:
        found = measure()
    except KeyError as missing:
        return Goal(what, f"not measured ({missing.args[0]})", None)
    return Goal(what, f"{found:.3g}{unit}", found <= goal + slack)
