"""``ru-stance labels import``: checks a file of labels as a whole, tells what is wrong, then writes all or nothing."""

from collections.abc import Callable, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from models.labels import LABELS, Label
from service.feedback.terminal import shown

if TYPE_CHECKING:
    from service.feedback.check import Checked, Group

OnConflict = Literal["ask", "majority", "drop"]
# Lines of one kind that are listed, unless all are asked for.
_LISTED: Final = 20


def import_labels(
    file: Annotated[
        Path,
        typer.Argument(help="csv, tsv, jsonl or parquet; or .json: a list of objects, or an export of Label Studio."),
    ],
    text: Annotated[str | None, typer.Option(help="Column of the texts; found by its name when left out.")] = None,
    label: Annotated[str | None, typer.Option(help="Column of the labels; found by its name when left out.")] = None,
    map: Annotated[
        list[str] | None, typer.Option(help="What a label of the file stands for: FAVOR=supportive; repeatable.")
    ] = None,
    annotator: Annotated[
        str, typer.Option(help="Whose labels they are, where the file does not say; nobody's when left out.")
    ] = "",
    annotator_column: Annotated[
        str | None, typer.Option(help="Column of the annotators; the one named annotator when left out.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Where they come from, where the file has no column named source.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of the file, such as gbk; told from its bytes when left out.")
    ] = None,
    on_conflict: Annotated[
        OnConflict | None,
        typer.Option(
            help="What to do where an annotator gave one text different labels: ask, take the label of most lines "
            "(none at a tie), or drop them all. Nothing is written when there are some and this is left out."
        ),
    ] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out the rows that cannot be used.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; write nothing.")] = False,
    every_line: Annotated[
        bool, typer.Option("--every-line", help=f"List every line, and not only {_LISTED} of a kind.")
    ] = False,
    database: Annotated[
        str | None,
        typer.Option(
            help="The database: path of an SQLite file, or postgresql:// URL; that of the service if left out."
        ),
    ] = None,
) -> None:
    """Read people's labels from a file.

    What is wrong is listed with its lines before anything is written: rows that cannot be used, labels that are not
    known, duplicates and conflicts. A label that the annotator has changed replaces the one that is kept.
    """
    from service.feedback.check import check, compare, mapping_of
    from service.feedback.database import Database
    from service.feedback.entries import Columns
    from service.feedback.reading import read_entries
    from service.feedback.store import LabelStore
    from service.settings import load_settings

    settings = load_settings()
    known = mapping_of(map or ())
    entries = read_entries(file, Columns(text, label, annotator_column), encoding=encoding, notice=_tell)
    longest = settings.max_characters
    checked = check(entries, str(file), known, annotator=annotator, source=source, max_characters=longest)
    most = None if every_line else _LISTED
    _tell(f"{file}: rows read: {checked.rows}.")
    _list_problems(checked, most)
    if checked.unusable and not skip_bad:
        _tell("Nothing was written. Mend the rows, or leave them out with --skip-bad.")
        raise typer.Exit(1)
    if checked.conflicts and on_conflict is None:
        _tell("Nothing was written. Say what to do with conflicts: --on-conflict ask, majority or drop.")
        raise typer.Exit(1)
    chosen = list(checked.settled(_choice(on_conflict)))
    kept = Database(settings.labels if database is None else database)
    try:
        store = LabelStore(kept)
        compared = compare(chosen, store)
        if compared.replacing:
            _tell(f"Labels that replace another one of the same annotator: {_lines(compared.replacing, most)}")
        if compared.new and not dry_run:
            store.give(compared.new)
    finally:
        kept.close()
    done = "that would be written" if dry_run else "written"
    typer.echo(
        f"Labels {done}: {len(compared.new)}; kept already: {compared.kept}; "
        f"conflicts dropped: {len(checked.groups) - len(chosen)}; rows left out: {checked.unusable}."
    )


def _list_problems(checked: "Checked", most: int | None) -> None:
    for error in checked.bad[:most]:
        _tell(str(error))
    if len(checked.bad[:most]) < len(checked.bad):
        _tell(f"... and {len(checked.bad) - len(checked.bad[:most])} more rows that cannot be used (--every-line).")
    for name, lines in list(checked.unknown.items())[:most]:
        _tell(f"The label {name!r} is not known: {_lines(lines, most)} Give --map {quote(f'{shown(name)}=OURS')}, OURS "
              f"being one of {', '.join(LABELS)}.")  # fmt: skip
    if most is not None and len(checked.unknown) > most:
        _tell(f"... and {len(checked.unknown) - most} more labels that are not known (--every-line).")
    if checked.duplicates:
        _tell(f"Duplicates, of which the first is taken: {_lines(checked.duplicates, most)}")
    conflicts = checked.conflicts
    for group in conflicts[:most]:
        each = "; ".join(f"{label} in {_lines(lines, most).rstrip('.')}" for label, lines in group.lines.items())
        _tell(f"A conflict, one text with different labels of one annotator: {each}.")
    if len(conflicts[:most]) < len(conflicts):
        _tell(f"... and {len(conflicts) - len(conflicts[:most])} more conflicts (--every-line).")


def _choice(on_conflict: OnConflict | None) -> Callable[["Group"], Label | None]:
    if on_conflict == "ask":
        return _ask
    return (lambda group: group.majority) if on_conflict == "majority" else (lambda _: None)


def _ask(group: "Group") -> Label | None:
    """Have the person at the terminal choose."""
    first = next(iter(group.votes.values()))
    typer.echo(f"\n{shown(first.text)}", err=True)
    choices: dict[str, Label | None] = {**{label: label for label in group.lines}, "drop": None}
    answer = ""
    while answer not in choices:
        answer = str(typer.prompt(f"Which label ({', '.join(choices)})?", err=True))
    return choices[answer]


def _lines(lines: Sequence[int], most: int | None) -> str:
    told = ", ".join(map(str, lines[:most]))
    more = len(lines) - len(lines[:most])
    return f"{'line' if len(lines) == 1 else 'lines'} {told}{f' and {more} more (--every-line)' if more else ''}."


def _tell(message: str) -> None:
    typer.echo(message, err=True)
