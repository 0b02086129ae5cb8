"""A comparison of two models as tables for a terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from training.compare import Comparison, Difference


def comparison_tables(found: Comparison) -> Group:
    """What a rich console prints of a comparison: the verdict, the figures, and the slices."""
    a, b = found.versions
    lines = [
        f"{found.name}, {found.overall.rows} rows: {b} is {found.verdict.upper()} ({_change(found.overall)})",
        f"Right only by {a}: {found.only_a}; only by {b}: {found.only_b}; McNemar's exact test: p = {found.p:.3g}.",
    ]
    figures = Table(title=Text("Figures"), title_justify="left")
    for heading in ("", a, b, "change [95% interval]"):
        figures.add_column(Text(heading), justify="left" if not heading else "right")
    figures.add_row("macro-F1", _number(found.overall.a), _number(found.overall.b), _interval(found.overall))
    for name, pair in (
        ("accuracy", found.accuracy),
        ("coverage of the sets", found.coverage),
        ("calibration error", found.calibration_error),
    ):
        figures.add_row(name, *map(_number, pair), "")
    parts: list[RenderableType] = [*map(Text, lines), figures]
    for column, values in found.by.items():
        table = Table(title=Text(f"By {column}"), title_justify="left")
        for heading in (column, "rows", f"{'F1' if column == 'label' else 'macro-F1'} {a}", b, "change [95% interval]"):
            table.add_column(Text(heading), justify="left" if heading == column else "right")
        for value, each in values.items():
            # Text, since a value of the user's file is no console markup.
            table.add_row(Text(value), str(each.rows), _number(each.a), _number(each.b), _interval(each))
        parts.append(table)
    return Group(*parts)


def _change(found: Difference) -> str:
    return f"macro-F1 {_number(found.a)} -> {_number(found.b)}, {_interval(found)}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(found: Difference) -> str:
    each = found.difference
    return "-" if each is None else f"{each.value:+.3f} [{each.low:+.3f}, {each.high:+.3f}]"
