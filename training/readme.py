"""The figures in the README, made from the shipped model's own: ``python -m training.readme``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from models.directory import RELEASED, open_directory
from training.card_tables import figures_table, label_table
from training.marked import write_section

README: Final = Path(__file__).parents[1] / "README.md"
SECTION: Final = "figures"


def figures(metrics: dict[str, Any], coverage: float) -> str:
    """The section of the README that tells how good a model is, as Markdown.

    Args:
        metrics: what ``metrics.json`` of the model holds.
        coverage: what the prediction sets are made to hold, in (0, 1).
    """
    return "\n\n".join(_parts(metrics, coverage))


def _parts(metrics: dict[str, Any], coverage: float) -> Iterator[str]:
    sets = metrics["sets"]
    yield f"Model {metrics['model']}, measured on {metrics['made']}. Brackets hold 95% intervals."
    yield figures_table({name: item["overall"] for name, item in sets.items()})
    for name, item in sets.items():
        yield f"By label, on {name}:"
        yield label_table(item["overall"])
    yield (
        f"*Coverage* is how often the prediction set holds the right label; it is made to do so {coverage:.0%} of the "
        "time. *Doubtful* is the share of sentences whose set has more than one label."
    )


if __name__ == "__main__":
    info = open_directory(RELEASED).info
    write_section(README, SECTION, figures(info.metrics, info.coverage))
