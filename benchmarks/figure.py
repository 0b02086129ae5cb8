"""The picture of a run: sentences a second, in process and served."""

from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.rates import rate

Results = dict[str, Any]
_SERVED = ("served-ours", "served-pipeline", "served-infinity")


def draw(results: Results, path: Path) -> None:
    """Write an SVG of the parts that ran, with their intervals."""
    with matplotlib.rc_context({"svg.hashsalt": "ru-stance"}):
        figure = Figure(figsize=(10, 4), layout="constrained")
        inside, served = figure.subplots(1, 2)
        _in_process(inside, results.get("in-process", {"ways": {}}))
        _served(served, [results[name] for name in _SERVED if name in results])
        figure.savefig(path, format="svg", metadata={"Date": None})


def _in_process(axes: Axes, found: Results) -> None:
    rates = {name: rate(found["pieces"], way["seconds"]) for name, way in found["ways"].items()}
    for place, each in enumerate(rates.values()):
        error = [[each.value - each.low], [each.high - each.value]]
        axes.barh(place, each.value, xerr=error, color="tab:blue" if place == 0 else "tab:gray", capsize=2)
    axes.set_yticks(range(len(rates)), list(rates))
    axes.invert_yaxis()
    axes.set(title="in process", xlabel="sentences a second")


def _served(axes: Axes, found: list[Results]) -> None:
    named = list(dict.fromkeys((point["clients"], point["size"]) for each in found for point in each["points"]))
    width = 0.8 / max(1, len(found))
    for place, each in enumerate(found):
        points = [point for point in each["points"] if point.get("requests")]
        rates = [rate(point["sentences"], point["seconds"]) for point in points]
        error = [[speed.value - speed.low for speed in rates], [speed.high - speed.value for speed in rates]]
        # One that failed leaves its place empty.
        at = [named.index((point["clients"], point["size"])) + place * width for point in points]
        axes.bar(at, [speed.value for speed in rates], width, yerr=error, label=each["name"], capsize=2)
    axes.set_xticks(
        [number + 0.4 - width / 2 for number in range(len(named))], [f"{clients} x {size}" for clients, size in named]
    )
    axes.set(title="served", xlabel="clients x sentences a request", ylabel="sentences a second")
    if found:
        axes.legend(fontsize="small")
