"""The command ``ru-stance report``: the report on files that were scored before."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from models.errors import OutputError, RowError
from models.rows import read_rows
from service.corpus.report.page import write_report
from service.corpus.report.run import Run


def report(
    scored: Annotated[
        list[Path], typer.Argument(metavar="SCORED...", help="Files that ru-stance score wrote, in their order.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="HTML file to write; replaced if it is there.")] = Path(
        "report.html"
    ),
    by: Annotated[
        list[str] | None,
        typer.Option(help="Column to group by; may be given often. One named source, outlet ... when left out."),
    ] = None,
    date: Annotated[str | None, typer.Option(help="Column of the dates; found by its name when left out.")] = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column of the texts; found by its name when left out.")
    ] = None,
    prefix: Annotated[str, typer.Option(help="What --prefix was when the files were scored.")] = "",
    model: Annotated[
        Path | None, typer.Option(help="Directory of the model that scored them; the shipped one when left out.")
    ] = None,
) -> None:
    """Write a page on scored files: shares by label, over time and by source, and the sentences to look at."""
    if any(output.exists() and path.exists() and output.samefile(path) for path in scored):
        raise OutputError(f"{output} is one of the scored files; give the report another name.")
    write_report(
        output,
        (_rows(path, text_column) for path in scored),
        Run(files=tuple(str(path) for path in scored), rejected=_rejected(scored)),
        model=model,
        by=by or (),
        date=date,
        prefix=prefix,
        text_column=text_column,
    )
    typer.echo(f"The report is in {output}.", err=True)


def _rows(path: Path, text_column: str | None) -> Iterator[dict[str, Any]]:
    for row in read_rows(path, text_column=text_column):
        if isinstance(row, RowError):
            raise row
        yield row.fields


def _rejected(paths: Iterable[Path]) -> int | None:
    """Lines of the files of rejects that stand beside the scored ones; None if there is no such file."""
    found = [path.with_name(path.name + ".rejects.jsonl") for path in paths]
    counts = []
    for path in found:
        if path.is_file():
            with path.open("rb") as stream:
                counts.append(sum(1 for _ in stream))
    return sum(counts) if counts else None
