"""Markdown tables of the model card."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from models.labels import LABELS

Facts = Mapping[str, Any]

NOTHING: Final = "–"
_METHODS: Final = {
    "majority": "the commonest label",
    "tfidf": "TF-IDF + logistic regression",
    "embeddings": "frozen embeddings of the base + logistic regression",
}


def figures_table(sets: Mapping[str, Facts]) -> str:
    """One row a set: the main figures with their intervals."""
    keys = ("accuracy", "macro_f1", "log_loss", "calibration_error", "coverage", "set_size", "doubtful")
    named = ("accuracy", "macro-F1", "log loss", "calibration error", "coverage", "set size", "doubtful")
    rows = ([name, item["rows"], *(_estimate(item.get(key)) for key in keys)] for name, item in sets.items())
    return markdown_table(("set", "rows", *named), rows)


def label_table(metrics: Facts) -> str:
    """One row a label."""
    keys = ("precision", "recall", "f1", "coverage")
    found = metrics["labels"]
    rows = ([label, found[label]["support"], *(_estimate(found[label].get(key)) for key in keys)] for label in LABELS)
    return markdown_table(("label", "rows", "precision", "recall", "F1", "coverage"), rows)


def slice_table(column: str, found: Mapping[str, Facts]) -> str:
    """One row a value of the column."""
    rows = (
        [
            value,
            item["rows"],
            *(_estimate(item.get(key)) for key in ("accuracy", "macro_f1", "coverage")),
            *(_value(item["labels"][label].get("f1")) for label in LABELS),
            "; ".join(item.get("notes", ())),
        ]
        for value, item in found.items()
    )
    by_label = (f"F1 {label}" for label in LABELS)
    return markdown_table((column, "rows", "accuracy", "macro-F1", "coverage", *by_label, "note"), rows)


def baseline_table(baselines: Mapping[str, Mapping[str, Facts]], sets: Mapping[str, Facts]) -> str:
    """One row a set and method, this model last."""
    rows = []
    for name, methods in baselines.items():
        figures = {_METHODS.get(method, method): item for method, item in methods.items()}
        if name in sets:
            figures["this model"] = sets[name]["overall"]
        rows += [
            [name, method, *(_estimate(item.get(key)) for key in ("macro_f1", "accuracy"))]
            for method, item in figures.items()
        ]
    return markdown_table(("set", "method", "macro-F1", "accuracy"), rows)


def data_table(sources: Mapping[str, Mapping[str, Mapping[str, int]]]) -> str:
    """One row a source and split: sentences by label."""
    rows = [
        [source, split, *(counts.get(label, 0) for label in LABELS), sum(counts.values())]
        for source, splits in sources.items()
        for split, counts in splits.items()
    ]
    return markdown_table(("source", "split", *LABELS, "all"), rows)


def settings_table(settings: Facts) -> str:
    """One row a setting."""
    return markdown_table(("setting", "value"), ([f"`{name}`", value] for name, value in settings.items()))


def prior_table(priors: Mapping[str, Facts]) -> str:
    """One row a prior: its shifts and thresholds."""
    keys = ("shift", "thresholds")
    rows = ([f"`{name}`", *(_numbers(item.get(key)) for key in keys)] for name, item in priors.items())
    return markdown_table(("prior", "shift", "thresholds"), rows)


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; None is shown as a dash."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return NOTHING if value is None else " ".join(str(value).replace("|", "\\|").split())


def _estimate(estimate: Mapping[str, float] | None) -> str:
    return NOTHING if estimate is None else f"{estimate['value']:.3f} [{estimate['low']:.3f}, {estimate['high']:.3f}]"


def _value(estimate: Mapping[str, float] | None) -> str:
    return NOTHING if estimate is None else f"{estimate['value']:.3f}"


def _numbers(values: Sequence[float] | None) -> str:
    return NOTHING if values is None else ", ".join(f"{value:.3f}" for value in values)
