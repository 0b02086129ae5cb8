"""The command ``ru-stance report``: the report on files that were scored before."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from models.errors import OutputError
from service.corpus.plan import STANDARD

By = Annotated[
    list[str] | None,
    typer.Option(
        help="Column that the report groups by; may be given often. One named source, outlet ... if left out."
    ),
]
Date = Annotated[str | None, typer.Option(help="Column of the dates in the report; found by its name when left out.")]


def report(
    scored: Annotated[
        list[str], typer.Argument(metavar="SCORED...", help="Files or folders that ru-stance score wrote.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="HTML file to write; replaced if it is there.")] = Path(
        "report.html"
    ),
    by: By = None,
    date: Date = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column of the texts; found by its name when left out.")
    ] = None,
    prefix: Annotated[str, typer.Option(help="What --prefix was when the files were scored.")] = "",
    model: Annotated[
        Path | None, typer.Option(help="Directory of the model that scored them; the released one when left out.")
    ] = None,
) -> None:
    """Write a page on scored files: shares by label, over time and by source, and the sentences to look at."""
    from service.corpus.report.page import write_report
    from service.corpus.report.run import Run
    from service.corpus.report.scored import tables_of

    if output.resolve() in {Path(name).resolve() for name in scored}:
        raise OutputError(f"{output} is one of the scored files; give the report another name.")
    write_report(
        output,
        tables_of(scored, text_column),
        Run(files=tuple(scored), rejected=_rejected(scored)),
        model=model,
        by=by or (),
        date=date,
        prefix=prefix,
        text_column=text_column,
    )
    typer.echo(f"The report is in {output}.", err=True)


def _rejected(scored: Iterable[str]) -> int | None:
    """Lines of the files of rejects that stand beside the scored ones; None if there is no such file."""
    paths = [Path(name) for name in scored if "://" not in name and name != STANDARD]
    found = [path.with_name(path.name + ".rejects.jsonl") for path in paths]
    counts = []
    for path in found:
        if path.is_file():
            with path.open("rb") as stream:
                counts.append(sum(1 for _ in stream))
    return sum(counts) if counts else None
