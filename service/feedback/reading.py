"""A file of labels, whatever made it, as entries that are still to be checked."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

from models.errors import ColumnError, FormatError, InputError, RowError
from models.formats.row import Row, find_text_column
from models.rows import Format, format_of
from service.corpus.encodings import require_codec
from service.corpus.plan import Options, Source
from service.corpus.reading import Table, read
from service.feedback.entries import Columns, Entry, entry_of, find_label_column
from service.feedback.label_studio import entries_of, is_task


def read_entries(
    path: Path, columns: Columns, *, encoding: str | None = None, notice: Callable[[str], None]
) -> Iterator[Entry | RowError]:
    """Read csv, tsv, jsonl, parquet, or JSON: a list of objects, or an export of Label Studio.

    Args:
        path: the file.
        columns: what the user named.
        encoding: of the file; told from its bytes when left out.
        notice: told what was found out and not named.

    Raises:
        FormatError: the file is of another format, or is broken.
        ColumnError: it has no such column.
        InputError: it cannot be opened.
        MissingExtra: a library that it takes is not installed.
    """
    if path.suffix.lower() == ".json":
        yield from _of_json(_parsed(path, encoding), path, columns, notice)
        return

    def told(message: str) -> None:
        notice(message.replace("--text-column", "--text"))  # as this command calls the option

    table = Table(Source(str(path), path.name, _format_of(path)))
    # A line of JSON may lack what nobody filled in, also the first one.
    patient = suppress(ColumnError) if table.source.format == "jsonl" else nullcontext()
    found: dict[str, None] = {}
    label: str | None = None
    for item, _ in read(table, Options(text_column=columns.text, encoding=encoding), told):
        if isinstance(item, Row):
            if label is None:
                found |= dict.fromkeys(item.fields)
                with patient:
                    label = find_label_column(list(found), columns, str(path))
            yield entry_of(item.line, item.text, item.fields, label, columns)
        elif isinstance(item, RowError):
            yield item
        else:
            raise FormatError(item.reason)
    if label is None and table.columns:
        find_label_column(list(found) or table.columns, columns, str(path))


def _format_of(path: Path) -> Format:
    """The format of a table that can hold labels."""
    with suppress(FormatError):
        if (chosen := format_of(path)) != "txt":
            return chosen
    raise FormatError(
        f"{path}: labels are read from a file whose name ends in .csv, .tsv, .jsonl, .parquet or .json; save it as one."
    )


def _parsed(path: Path, encoding: str | None) -> list[dict[str, Any]]:
    try:
        data = path.read_bytes()
        found = json.loads(data.decode(require_codec(encoding)) if encoding else data)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is not {error.encoding}. Name its encoding, as in --encoding gbk.") from None
    except (ValueError, RecursionError) as error:
        raise FormatError(
            f"{path} is no JSON ({type(error).__name__}); lines of JSON are to be named .jsonl."
        ) from None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise FormatError(f"{path} must hold a list of JSON objects; lines of JSON are to be named .jsonl.")
    return found


def _of_json(
    items: Sequence[dict[str, Any]], path: Path, columns: Columns, notice: Callable[[str], None]
) -> Iterator[Entry | RowError]:
    if not items:
        return
    if is_task(items[0]):
        yield from entries_of(items, path, columns, notice)
        return
    # An object may lack what nobody filled in.
    found = list(dict.fromkeys(name for fields in items for name in fields))
    text = find_text_column(found, columns.text, str(path))
    label = find_label_column(found, columns, str(path))
    for line, fields in enumerate(items, start=1):
        value = fields.get(text)
        if isinstance(value, str):
            yield entry_of(line, value, fields, label, columns)
        else:
            yield RowError(path, line, f"has no string in {text}; mend it, or leave it out.")
