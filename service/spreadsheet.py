"""The command ``ru-stance spreadsheet``: a table for people who open it in a spreadsheet.

A spreadsheet takes a cell that begins with a sign such as ``=`` for a formula, which may send what stands beside it
elsewhere ("CSV injection", OWASP). The files that we write for programs hold every text as it is; this makes the copy
that is safe to open.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from models.atomic import replacing
from models.errors import FormatError, InputError, OutputError

# As OWASP lists them; white space in front is skipped by some programs.
_FORMULA: Final = re.compile(r"\s*[=+\-@|\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_NUMBER: Final = re.compile(r"[+-]?\d{1,30}(?:[.,]\d{1,30})?(?:[eE][+-]?\d{1,3})?%?")
# The library's own limit, 131,072, is less than a long article.
_LONGEST_CELL: Final = 2**31 - 1


def spreadsheet(
    table: Annotated[Path, typer.Argument(help="A csv or tsv file, as score and labels export write it.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The csv file to write.")],
) -> None:
    """Copy a table so that a spreadsheet opens it safely: no formulas, and letters of every language.

    A cell that would be a formula gets an apostrophe in front; numbers stay. Keep the table itself for programs.
    """
    if output.exists() and output.resolve() == table.resolve():
        raise OutputError(f"{output} is the table itself; give the copy another name.")
    rows = changed = 0
    # The mark at the beginning has spreadsheets read UTF-8.
    with replacing(output) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        for row in _rows(table):
            safe = [harmless(cell) for cell in row]
            writer.writerow(safe)
            rows += 1
            changed += sum(before != after for before, after in zip(row, safe, strict=True))
    typer.echo(f"{output}: {rows - 1:,} rows; cells that a spreadsheet would take for a formula: {changed:,}")


def harmless(cell: str) -> str:
    """The cell, with an apostrophe in front if a spreadsheet would take it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _rows(path: Path) -> Iterator[list[str]]:
    if path.suffix.lower() not in (".csv", ".tsv", ".tab"):
        raise FormatError(f"{path}: give a table whose name ends in .csv, .tsv or .tab.")
    csv.field_size_limit(_LONGEST_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter="," if path.suffix.lower() == ".csv" else "\t", strict=True)
            first = next(reader, None)
            if first is None:
                raise FormatError(f"{path} is empty; its first line must name the columns.")
            yield first
            yield from reader
    except csv.Error as error:
        raise FormatError(f"{path}, line {reader.line_num}: is no row ({error}); check the quotes.") from error
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path} is not UTF-8, as score and labels export write it. Convert it, for example from Windows-1251: "
            "iconv -f WINDOWS-1251 -t UTF-8 OLD > NEW"
        ) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
