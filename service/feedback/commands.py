"""``ru-stance labels``: people's labels in and out, and how far people agree.

The database's library takes a quarter of a second to import, so that only the commands that use it do.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from models.errors import InputError
from models.labels import LABELS, Label
from service.feedback.formats import ExportFormat
from service.feedback.import_command import import_labels
from service.feedback.terminal import shown

if TYPE_CHECKING:
    from service.feedback.store import LabelStore

labels = typer.Typer(
    name="labels",
    help="Import, list, export, compare and erase the labels that people gave.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
)
labels.command("import")(import_labels)

At = Annotated[
    str | None,
    typer.Option(
        "--database",
        help="The database: path of an SQLite file, or postgresql:// URL; that of the service when left out.",
    ),
]
WithLabel = Annotated[Label | None, typer.Option(help="Only this label.")]
By = Annotated[str | None, typer.Option(help="Only labels of this annotator; '' for those who gave no name.")]
From = Annotated[str | None, typer.Option(help="Only labels from this source.")]
Since = Annotated[datetime | None, typer.Option(help="Only labels given from then on, in UTC.")]
_COLUMNS: Final = ("id", "label", "annotator", "source", "created", "text")


@labels.command("list")
def list_labels(
    label: WithLabel = None,
    annotator: By = None,
    source: From = None,
    since: Since = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at most.")] = 100,
    deleted: Annotated[bool, typer.Option("--deleted", help="Also those that were taken back or replaced.")] = False,
    database: At = None,
) -> None:
    """Print labels, the latest first, with tabs between the columns."""
    from service.feedback.store import Filter

    wanted = Filter(label, annotator, source, _utc(since), deleted)
    with store_at(database) as store:
        typer.echo("\t".join(_COLUMNS))
        for row in store.latest(wanted, limit=limit):
            told = (row.id, row.label, row.annotator, row.source or "", f"{row.created:%Y-%m-%d %H:%M}", row.text)
            typer.echo("\t".join(shown(str(value)) for value in told))


@labels.command()
def export(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; standard output when left out.")
    ] = None,
    format: Annotated[
        ExportFormat | None,
        typer.Option(help="By default told from the name: .csv, .jsonl, or .json for Label Studio's tasks."),
    ] = None,
    majority: Annotated[
        bool, typer.Option("--majority", help="One line of JSON a text, with the label of most votes, to train on.")
    ] = False,
    label: WithLabel = None,
    annotator: By = None,
    source: From = None,
    since: Since = None,
    database: At = None,
) -> None:
    """Write the labels that stand to a file."""
    from service.feedback.export import write_export, write_majorities
    from service.feedback.store import Filter

    wanted = Filter(label, annotator, source, _utc(since))
    if majority and (format not in (None, "jsonl") or wanted != Filter()):
        raise InputError("--majority counts all votes and writes lines of JSON; give it without a filter and format.")
    with store_at(database) as store:
        if majority:
            write_majorities(store, output or "-")
        else:
            write_export(store.pages(wanted), output, format)


@labels.command()
def agreement(database: At = None) -> None:
    """Print how far people agree: majorities, and Krippendorff's alpha."""
    from service.feedback.agreement import agreement as agreement_of

    with store_at(database) as store:
        found = agreement_of(store.all())
    rows: list[tuple[str, object]] = [
        ("texts with a label", found.texts),
        ("labels", found.votes),
        ("annotators", found.annotators),
        *((f"texts mostly called {label}", found.majorities[label]) for label in LABELS),
        ("texts without a majority", found.ties),
        ("texts with two labels or more", found.compared),
        ("of them unanimous", found.unanimous),
        ("Krippendorff's alpha", "not defined" if found.alpha is None else f"{found.alpha:.3f}"),
    ]
    for name, value in rows:
        typer.echo(f"{name}\t{value}")


@labels.command()
def erase(
    annotator: Annotated[str | None, typer.Option(help="Whose labels; '' for those who gave no name.")] = None,
    text: Annotated[str | None, typer.Option(help="Labels on this text; - reads it from standard input.")] = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="Only labels that were taken back or replaced.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    database: At = None,
) -> None:
    """Take labels out of the database for good, with their texts; what was exported or trained on stays as it is."""
    if annotator is None and text is None and not deleted:
        raise InputError("Say what to erase: --annotator, --text or --deleted.")
    if text == "-":
        if not yes:
            raise InputError("--text - reads standard input, so that nothing can be asked; add --yes.")
        text = sys.stdin.read()
    with store_at(database) as store:
        if not yes:
            typer.confirm(
                f"Erase them from {store.database.name}, so that nobody gets them back?", abort=True, err=True
            )
        typer.echo(f"Labels erased: {store.erase(annotator=annotator, text=text, deleted=deleted)}")


@contextmanager
def store_at(database: str | None) -> Iterator["LabelStore"]:
    """The labels in a database that there is; in that of the service, which need not be there yet, when none is named.

    Raises:
        InputError: there is no such file.
        SettingsError: the address, or a setting in the environment, cannot be used.
    """
    from service.feedback.database import Database
    from service.feedback.store import LabelStore
    from service.settings import load_settings

    found = Database(load_settings().labels if database is None else database)
    try:
        if database is not None and found.is_missing:
            raise InputError(f"There is no database {found.name}; name one that labels were imported into.")
        yield LabelStore(found)
    finally:
        found.close()


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
