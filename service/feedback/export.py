"""Labels on their way out: as rows of a file, as tasks for Label Studio, and as majorities to train on."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from models.atomic import replacing
from models.errors import FormatError
from models.formats.delimited import DelimitedWriter
from models.rows import write_rows
from service.feedback.agreement import by_text
from service.feedback.formats import ENDINGS, ExportFormat
from service.feedback.store import LabelRow, LabelStore

COLUMNS: Final = ("id", "text", "label", "annotator", "note", "source", "created")
# What the labelling interface calls its control and its object; see docs/labels.md for one that fits.
CONTROL, OBJECT = "stance", "text"
# Characters that are sent at once.
_PIECE: Final = 1 << 16


def exported(pages: Iterable[Sequence[LabelRow]], format: ExportFormat) -> Iterator[str]:
    """Labels as the pieces of a file.

    Args:
        pages: the rows, those on one text beside each other.
        format: of the file.
    """
    lines = {"jsonl": _json_lines, "csv": _table, "label-studio": _tasks}[format]
    piece, size = [], 0
    for line in lines(row for rows in pages for row in rows):
        piece.append(line)
        size += len(line)
        if size > _PIECE:
            yield "".join(piece)
            piece, size = [], 0
    yield "".join(piece)


def write_majorities(store: LabelStore, path: str | Path) -> int:
    """Write the majority label of each text to train on, as lines of JSON; a text without a majority is left out.

    Each line has ``id`` (the same for the same text), ``text``, ``label``, ``votes`` (a number for each label) and
    ``source`` (where the latest vote came from, null if unknown).

    Returns:
        The number of lines.

    Raises:
        LabelsUnavailable: the database cannot be used now.
        OutputError: the file cannot be written.
    """
    rows = (
        {
            "id": f"label-{row.text_sha256[:24]}",
            "text": row.text,
            "label": votes.majority,
            "votes": votes.by_label,
            "source": row.source,
        }
        for row, votes in by_text(store.all())
        if votes.majority is not None
    )
    return write_rows(path, rows, format="jsonl")


def write_export(pages: Iterable[Sequence[LabelRow]], output: Path | None, format: ExportFormat | None) -> None:
    """Write labels to a file, which appears when it is whole; to standard output without one.

    Args:
        pages: the rows, those on one text beside each other.
        output: the file.
        format: of the file; told from its name when left out, jsonl for standard output.

    Raises:
        FormatError: the format cannot be told.
        OutputError: the file cannot be written.
    """
    told = {ending: name for name, ending in ENDINGS.items()}.get(output.suffix.lower()) if output else "jsonl"
    chosen = format or told
    if chosen is None:
        raise FormatError(f"{output}: let the name end in {', '.join(ENDINGS.values())}, or give --format.")
    if output is None:
        for piece in exported(pages, chosen):
            sys.stdout.write(piece)
        return
    with replacing(output) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(exported(pages, chosen))


def fields_of(row: LabelRow) -> dict[str, Any]:
    """A label's columns in a file."""
    values = {column: getattr(row, column) for column in COLUMNS}
    return values | {"annotator": row.annotator or None, "created": row.created.isoformat()}


def _json_lines(rows: Iterable[LabelRow]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(fields_of(row), ensure_ascii=False) + "\n"


def _table(rows: Iterable[LabelRow]) -> Iterator[str]:
    stream = StringIO()
    writer = DelimitedWriter(stream, "the table", ",")
    writer.header(COLUMNS)
    for row in rows:
        writer.write(fields_of(row))
        yield stream.getvalue()
        stream.seek(0)
        stream.truncate()
    yield stream.getvalue()


def _tasks(rows: Iterable[LabelRow]) -> Iterator[str]:
    """Label Studio's JSON: one task a text, with an annotation for each vote."""
    yield "["
    for number, (_, group) in enumerate(groupby(rows, key=lambda row: row.text_sha256)):
        yield (",\n" if number else "\n") + json.dumps(_task(list(group)), ensure_ascii=False)
    yield "\n]\n"


def _task(rows: Sequence[LabelRow]) -> dict[str, Any]:
    return {"data": {OBJECT: rows[-1].text}, "annotations": [_annotation(row) for row in rows]}


def _annotation(row: LabelRow) -> dict[str, Any]:
    # completed_by is left out: Label Studio refuses annotators that it does not know.
    meta = {"annotator": row.annotator, "note": row.note, "source": row.source}
    return {
        "result": [
            {
                "from_name": CONTROL,
                "to_name": OBJECT,
                "type": "choices",
                "value": {"choices": [row.label]},
                "meta": {name: value for name, value in meta.items() if value is not None},
            }
        ],
        "created_at": row.created.isoformat(),
    }
