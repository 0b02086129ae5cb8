"""An evaluation as tables for a terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from models.labels import LABELS
from training.evaluate import Evaluation
from training.intervals import Estimate
from training.metrics import Metrics


def evaluation_tables(evaluation: Evaluation) -> Group:
    """What a rich console prints of an evaluation: figures, labels, confusion, slices and notes."""
    metrics = evaluation.overall
    title = f"Model {evaluation.model}, prior {evaluation.prior}, {metrics.rows} rows"
    parts: list[RenderableType] = [
        _summary(title, metrics, evaluation.target_coverage),
        _labels(metrics),
        _confusion(metrics),
    ]
    parts += [_slices(column, found) for column, found in evaluation.by.items()]
    parts += [Text(f"Note: {note}.") for note in metrics.notes]
    return Group(*parts)


def estimate_text(estimate: Estimate | None) -> str:
    """``0.712 [0.680, 0.744]``, or a dash where there is no figure."""
    return "-" if estimate is None else f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def _summary(title: str, metrics: Metrics, target: float) -> Table:
    table = _table(title, ("", "value [95% interval]"))
    figures: tuple[tuple[str, Estimate | None], ...] = (
        ("accuracy", metrics.accuracy),
        ("macro-F1", metrics.macro_f1),
        ("log loss (nats)", metrics.log_loss),
        ("expected calibration error", metrics.calibration_error),
        (f"coverage of the sets (target {target:.0%})", metrics.coverage),
        ("labels in a set", metrics.set_size),
        ("share doubtful", metrics.doubtful),
    )
    for name, estimate in figures:
        table.add_row(name, estimate_text(estimate))
    table.add_row("unsupported language (rows)", str(metrics.unsupported))
    table.add_row("truncated (rows)", str(metrics.truncated))
    return table


def _labels(metrics: Metrics) -> Table:
    table = _table("By label", ("label", "rows", "precision", "recall", "F1", "coverage"))
    for label, item in metrics.labels.items():
        estimates = (item.precision, item.recall, item.f1, item.coverage)
        table.add_row(label, str(item.support), *map(estimate_text, estimates))
    return table


def _confusion(metrics: Metrics) -> Table:
    table = _table("Confusion (rows: true label)", ("true \\ predicted", *LABELS))
    for label, counts in zip(LABELS, metrics.confusion, strict=True):
        table.add_row(label, *map(str, counts))
    return table


def _slices(column: str, found: dict[str, Metrics]) -> Table:
    headings = (column, "rows", "accuracy", "macro-F1", *(f"F1 {label}" for label in LABELS), "note")
    table = _table(f"By {column}", headings)
    for value, metrics in found.items():
        by_label = (f"{item.f1.value:.3f}" if item.f1 else "-" for item in metrics.labels.values())
        estimates = map(estimate_text, (metrics.accuracy, metrics.macro_f1))
        # Text, since a value of the user's file is no console markup.
        table.add_row(Text(value), str(metrics.rows), *estimates, *by_label, "; ".join(metrics.notes))
    return table


def _table(title: str, headings: tuple[str, ...]) -> Table:
    table = Table(title=Text(title), title_justify="left")
    for number, heading in enumerate(headings):
        table.add_column(Text(heading), justify="left" if number == 0 or heading == "note" else "right")
    return table
