"""Pictures for the model card, drawn from the figures in ``metrics.json``; small, and fit for colour-blind readers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from models.labels import LABELS

# Okabe & Ito (2008): told apart by every kind of colour vision.
_BLUE, _ORANGE, _GREY = "#0072B2", "#E69F00", "#666666"
_SIZE = (4.6, 4.2)


def reliability_diagram(metrics: Mapping[str, Any], path: str | Path, title: str) -> Path:
    """Draw how often the label is right against how sure the model is.

    Args:
        metrics: figures as in :meth:`training.metrics.Metrics.to_dict`.
        path: a ``.svg`` or ``.png`` file; its folder must be there.
        title: drawn above.
    """
    bins = metrics["reliability"]
    confidence, accuracy = ([place[name] for place in bins] for name in ("confidence", "accuracy"))
    share = np.array([place["rows"] for place in bins]) / metrics["rows"]
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.subplots()
    axes.plot((0, 1), (0, 1), color=_GREY, linestyle="--", linewidth=1, label="perfectly calibrated")
    axes.plot(confidence, accuracy, color=_BLUE, linewidth=1)
    dots = 300 * share + 12
    axes.scatter(confidence, accuracy, s=dots, color=_ORANGE, edgecolor=_BLUE, zorder=3, label="rows by confidence")
    error = metrics["calibration_error"]
    axes.set(xlabel="confidence", ylabel="share of right labels", xlim=(0.3, 1.02), ylim=(0, 1.02))
    axes.set_title(f"{title}: error {error['value']:.3f} [{error['low']:.3f}, {error['high']:.3f}]", fontsize=10)
    axes.legend(loc="best", fontsize=8, frameon=False, markerscale=0.7)
    return _save(figure, path)


def confusion_picture(metrics: Mapping[str, Any], path: str | Path, title: str) -> Path:
    """Draw the confusion matrix: rows in each cell, and their share of the true label, which is the shade.

    Args:
        metrics: figures as in :meth:`training.metrics.Metrics.to_dict`.
        path: a ``.svg`` or ``.png`` file; its folder must be there.
        title: drawn above.
    """
    counts = np.array(metrics["confusion"])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="cividis", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        part = shares[row, column]
        colour = "black" if part > 0.5 else "white"
        axes.text(column, row, f"{count}\n{part:.0%}", ha="center", va="center", color=colour, fontsize=10)
    axes.set_xticks(range(len(LABELS)), LABELS)
    axes.set_yticks(range(len(LABELS)), LABELS, rotation=90, va="center")
    axes.set(xlabel="predicted label", ylabel="true label")
    axes.set_title(title, fontsize=10)
    return _save(figure, path)


def _save(figure: Figure, path: str | Path) -> Path:
    FigureCanvasAgg(figure)
    path = Path(path)
    # The same figures give the same bytes, so that a card made again changes nothing.
    with rc_context({"svg.hashsalt": "ru-stance", "svg.fonttype": "none"}):
        figure.savefig(path, dpi=110, metadata={"Date": None} if path.suffix == ".svg" else {"Software": None})
    return path
