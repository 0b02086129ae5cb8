"""The report: one HTML file with everything in it, which asks for nothing over a network and needs no script."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from models.atomic import replacing
from models.errors import MissingExtra
from models.labels import LABELS
from service.corpus.report.card import Card, read_card
from service.corpus.report.columns import find_columns
from service.corpus.report.dates import named
from service.corpus.report.run import Run
from service.corpus.report.shares import Share, Shares
from service.corpus.report.tally import Tally

# Groups that are shown one by one, and files that are named.
MOST_GROUPS: Final = 12
_MOST_FILES: Final = 20
_TEMPLATE: Final = Path(__file__).with_name("report.html.jinja")


def write_report(
    path: str | Path,
    tables: Iterable[Iterable[Mapping[str, Any]]],
    run: Run,
    *,
    model: str | Path | None = None,
    by: Sequence[str] = (),
    date: str | None = None,
    prefix: str = "",
    text_column: str | None = None,
) -> Path:
    """Write the report on scored files, which are read once, in constant memory.

    Args:
        path: the HTML file; it appears when it is whole.
        tables: the rows of each file as scoring writes them, values from a table of text as strings. Those of one
            document stand together.
        run: what is known of the scoring.
        model: directory of the model that scored them; the default one when left out. Its card is shown if its version
            is that of the rows.
        by: columns to group by; one with a name such as "source" when empty, if there is one.
        date: column of the dates; found by its name when left out, if there is one.
        prefix: put before the names of the columns that scoring added.
        text_column: column of the texts; found by its name when left out.

    Returns:
        The path.

    Raises:
        ColumnError: a column is missing.
        FormatError: a row was not scored.
        ModelError: the model's directory cannot be used.
        OutputError: nothing can be written there.
        MissingExtra: matplotlib or Jinja2 is not installed.
    """
    require_libraries()
    # First: the rows may take minutes.
    card = read_card(model)
    tally = Tally()
    for rows in tables:
        tally.take(rows, partial(find_columns, text=text_column, date=date, by=by, prefix=prefix))
    page = render(tally, run, card)
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return Path(path)


def require_libraries() -> None:
    """Check that what draws and writes the report is installed, before a long scoring.

    Raises:
        MissingExtra: it is not.
    """
    try:
        import jinja2  # noqa: F401
        import markdown_it  # noqa: F401
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingExtra("A report", "corpus") from error


def render(tally: Tally, run: Run, card: Card) -> str:
    """The page, of counted rows."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"percent": _percent, "interval": _interval, "number": "{:,}".format}
    template = environment.from_string(_TEMPLATE.read_text("utf-8"))
    versions = dict(tally.models)
    return template.render(
        labels=LABELS,
        tally=tally,
        run=run,
        files=run.files[:_MOST_FILES],
        more_files=max(0, len(run.files) - _MOST_FILES),
        card=card,
        versions=versions,
        card_fits=not versions or set(versions) == {card.info.version},
        made=datetime.now(UTC).replace(microsecond=0).isoformat(),
        **(_pictures(tally) if tally.overall.rows else {"overall": None, "time": None, "groups": []}),
    )


def _pictures(tally: Tally) -> dict[str, Any]:
    from service.corpus.report.plots import group_plot, overall_plot, time_plot

    unit, periods = tally.periods.shown()
    time = None
    if periods:
        time = {
            "picture": _data(time_plot(unit, periods, tally.overall)),
            "unit": unit,
            "rows": [(named(day, unit), shares) for day, shares in periods],
        }
    groups = []
    for column, found in tally.groups.items():
        shown = found.shown(MOST_GROUPS)
        lines: list[tuple[str, Shares]] = [*shown.largest, *([("(all other)", shown.other)] if shown.other else [])]
        groups.append(
            {"column": column, "picture": _data(group_plot(lines, tally.overall)), "rows": lines, "shown": shown}
        )
    return {"overall": _data(overall_plot(tally.overall)), "time": time, "groups": groups}


def _data(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _percent(share: Share | float) -> str:
    return f"{share.value if isinstance(share, Share) else share:.1%}"


def _interval(share: Share) -> str:
    return f"{share.low:.1%} to {share.high:.1%}"
