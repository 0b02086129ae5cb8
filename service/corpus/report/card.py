"""The short form of a model's card, as HTML, and how good the model is, from what its directory says."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from models.directory import ModelInfo, open_directory
from models.labels import LABELS

# Sections of the card that a reader of the report needs.
_SECTIONS: Final = ("Labels", "Use and misuse")
_CARD: Final = "README.md"


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the model is on one set of rows; figures are ``"0.834 [0.811, 0.855]"``, or None where unknown."""

    name: str
    rows: int
    support: dict[str, int]
    accuracy: str | None
    macro_f1: str | None
    precision: dict[str, str | None]
    recall: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Card:
    """What the report says of the model.

    Attributes:
        info: what the model says of itself.
        sections: heading and HTML of the card's sections.
        measured: date of the measurement; None if unknown.
        quality: one a set of rows.
    """

    info: ModelInfo
    sections: list[tuple[str, str]]
    measured: str | None
    quality: list[Quality]


def read_card(directory: str | Path | None) -> Card:
    """Read a model directory; the default one if None.

    Raises:
        ModelNotFound: there is no such directory, or a file is missing.
        ModelBroken: a file is damaged.
    """
    found = open_directory(directory)
    card = found.path / _CARD
    text = card.read_text("utf-8", errors="replace") if card.is_file() else ""
    metrics = found.info.metrics
    return Card(found.info, list(_sections(text).items()), metrics.get("made"), list(_measured(metrics)))


def _measured(metrics: Mapping[str, Any]) -> Iterator[Quality]:
    """The quality on each set, without those in another form than that of our own evaluation."""
    sets = metrics.get("sets")
    for name, item in sets.items() if isinstance(sets, dict) else ():
        with suppress(AttributeError, KeyError, TypeError, ValueError):
            yield _quality(name, item["overall"])


def _sections(text: str) -> dict[str, str]:
    from markdown_it import MarkdownIt

    # Raw HTML, pictures and links stay what they are in the source: text. The report asks nothing of any network.
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.disable(["image", "link", "autolink", "html_inline", "html_block"])
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {name: markdown.render(found[name]) for name in _SECTIONS if name in found}


def _quality(name: str, overall: Mapping[str, Any]) -> Quality:
    labels = overall.get("labels") or {}
    return Quality(
        name=name,
        rows=overall.get("rows", 0),
        support={label: labels.get(label, {}).get("support", 0) for label in LABELS},
        accuracy=_estimate(overall.get("accuracy")),
        macro_f1=_estimate(overall.get("macro_f1")),
        precision={label: _estimate(labels.get(label, {}).get("precision")) for label in LABELS},
        recall={label: _estimate(labels.get(label, {}).get("recall")) for label in LABELS},
    )


def _estimate(estimate: Mapping[str, float] | None) -> str | None:
    return None if estimate is None else f"{estimate['value']:.3f} [{estimate['low']:.3f}, {estimate['high']:.3f}]"
