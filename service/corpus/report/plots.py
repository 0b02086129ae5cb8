"""The report's pictures, as SVG: told apart by colour-blind readers and in black and white, by hatches and marks."""

import io
import warnings
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

from models.labels import LABELS
from service.corpus.report.dates import Unit, named
from service.corpus.report.shares import Shares

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe & Ito (2008): told apart by every kind of colour vision.
COLOURS: Final = {"critical": "#D55E00", "neutral": "#767676", "supportive": "#0072B2"}
_HATCHES: Final = {"critical": "////", "neutral": "", "supportive": "\\\\\\\\"}
_MARKS: Final = {"critical": "v", "neutral": "o", "supportive": "^"}
_LINES: Final = {"critical": "-", "neutral": ":", "supportive": "--"}
_INK, _FAINT = "#222222", "#DDDDDD"
_REFERENCE: Final[dict[str, Any]] = {"color": _INK, "linestyle": (0, (4, 3)), "linewidth": 0.9}
# Periods of fewer rows have intervals that may leave the picture, so that the others can be read.
_FEW: Final = 10
_WIDTH: Final = 7.2  # inches: what A4 has between its margins
_STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",  # words stay words: they can be searched, and read out
    "svg.hashsalt": "ru-stance",  # the same figures give the same bytes
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Noto Sans", "Arial"],
    "font.size": 9,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": "#999999",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "hatch.linewidth": 0.6,
}


def overall_plot(shares: Shares) -> str:
    """A bar a label, with its interval: SVG."""
    with _figure(1.6) as (figure, written):
        axes = figure.subplots()
        for place, label in enumerate(LABELS):
            share = shares.of(label)
            axes.barh(
                place, share.value, height=0.62, linewidth=0,
                color=COLOURS[label], hatch=_HATCHES[label], edgecolor="white",
            )  # fmt: skip
            axes.errorbar(
                share.value, place, xerr=[[share.value - share.low], [share.high - share.value]], fmt="none",
                ecolor=_INK, elinewidth=1.4, capsize=4,
            )  # fmt: skip
            axes.text(share.high + 0.015, place, f"{share.value:.1%}", va="center", fontsize=10)
        axes.set_yticks(range(len(LABELS)), LABELS, fontsize=10)
        axes.invert_yaxis()
        axes.tick_params(axis="y", length=0)
        _percent(axes.xaxis, axes, "x", most=min(1.0, max(shares.of(label).high for label in LABELS) + 0.12))
    return written.getvalue()


def time_plot(unit: Unit, periods: Sequence[tuple[date, Shares]], overall: Shares) -> str:
    """A panel a label: shares by period, with intervals, the share over all dashed; rows by period below: SVG."""
    highs = [shares.of(label).high for _, shares in periods if shares.rows >= _FEW for label in LABELS]
    values = [shares.of(label).value for _, shares in periods for label in LABELS]
    most = min(1.0, max(*highs, *values) * 1.05) if highs else 1.0
    with _figure(4.9) as (figure, written):
        *panels, lower = figure.subplots(len(LABELS) + 1, 1, sharex=True, height_ratios=(3, 3, 3, 2))
        places = list(range(len(periods)))
        for label, axes in zip(LABELS, panels, strict=True):
            found = [shares.of(label) if shares.rows else None for _, shares in periods]
            value, low, high = (
                [float("nan") if share is None else getattr(share, name) for share in found]
                for name in ("value", "low", "high")
            )
            axes.axhline(overall.of(label).value, **_REFERENCE)
            axes.fill_between(places, low, high, color=COLOURS[label], alpha=0.22, linewidth=0)
            axes.plot(
                places, value, color=COLOURS[label], linestyle=_LINES[label], marker=_MARKS[label], markersize=4.5
            )
            axes.set_title(label, loc="left", fontsize=10, color=_INK)
            _percent(axes.yaxis, axes, "y", most=most)
        lower.bar(places, [shares.rows for _, shares in periods], color="#999999", width=0.7)
        lower.set_title("number in each", loc="left", fontsize=10, color=_INK)
        lower.set_ylim(bottom=0)
        shown = places[:: -(-len(periods) // 12)]
        names = [named(periods[place][0], unit).removeprefix("week of ") for place in shown]
        slanted: dict[str, Any] = {"rotation": 40, "ha": "right"} if len(names) > 6 and len(names[0]) > 4 else {}
        lower.set_xticks(shown, names, **slanted)
        lower.set_xlabel("week that begins on" if unit == "week" else unit)
    return written.getvalue()


def group_plot(groups: Sequence[tuple[str, Shares]], overall: Shares) -> str:
    """A panel a label, a line a group, with intervals; the share over all rows as a dashed line: SVG."""
    with _figure(1.0 + 0.27 * len(groups)) as (figure, written):
        panels = figure.subplots(1, len(LABELS), sharey=True)
        places = range(len(groups))
        for label, axes in zip(LABELS, panels, strict=True):
            axes.axvline(overall.of(label).value, **_REFERENCE)
            for place, (_, shares) in enumerate(groups):
                share = shares.of(label)
                axes.errorbar(
                    share.value, place, xerr=[[share.value - share.low], [share.high - share.value]],
                    fmt=_MARKS[label], color=COLOURS[label], markersize=6, elinewidth=1.6, capsize=2.5, clip_on=False,
                )  # fmt: skip
            axes.set_title(label, fontsize=10, color=_INK)
            axes.tick_params(axis="y", length=0)
            _percent(axes.xaxis, axes, "x", most=1.0, steps=2)
        panels[0].set_yticks(places, [_short(name) for name, _ in groups])
        for text in panels[0].get_yticklabels():
            text.set_parse_math(False)  # a name with dollar signs is no formula
        panels[0].set_ylim(len(groups) - 0.5, -0.5)
    return written.getvalue()


@contextmanager
def _figure(height: float) -> "Iterator[tuple[Figure, io.StringIO]]":
    """A figure of the report's width, written as SVG when the block ends."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    written = io.StringIO()
    with rc_context(_STYLE), warnings.catch_warnings():
        # A name in a script that the font lacks is drawn by the reader's fonts.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support", category=UserWarning)
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure, written
        figure.savefig(written, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))


def _percent(axis: Any, axes: "Axes", side: Literal["x", "y"], most: float, steps: int = 5) -> None:
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    axes.set(**{f"{side}lim": (0, most)})
    axis.set_major_locator(MaxNLocator(steps, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(axis=side, color=_FAINT, linewidth=0.7)
    axes.set_axisbelow(True)


def _short(name: str, most: int = 24) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
