"""What reads other people's bytes, each with what has to hold whatever they are."""

import json
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Final

from models.errors import RowError, RuStanceError
from models.prediction import Prediction
from models.rows import Format, Row, read_rows, write_rows
from models.sentences import split
from service.feedback.entries import Columns, Entry
from service.feedback.reading import read_entries
from service.lines import Item, LineReader
from service.settings import Settings

_FORMATS: Final[tuple[Format, ...]] = ("txt", "csv", "tsv", "jsonl", "parquet")
_LABELS: Final = (".csv", ".tsv", ".jsonl", ".json")
_LIMITS: Final = Settings(max_characters=40, max_body_bytes=1024)


def rows(data: bytes) -> None:
    """A file of any format is read, or refused in our words; what was read is the same when written and read again."""
    with tempfile.TemporaryDirectory() as folder:
        path, format = Path(folder) / "in", _FORMATS[data[0] % len(_FORMATS) if data else 0]
        path.write_bytes(data[1:])
        found: list[Row] = []
        try:
            for row in read_rows(path, format=format):
                assert isinstance(row, Row | RowError)
                if isinstance(row, Row) and (not found or set(row.fields) == set(found[0].fields)):
                    found.append(row)
        except RuStanceError:
            return
        # A table in which all is text; jsonl and parquet have values of other types.
        texts = [row for row in found if all(isinstance(value, str) for value in row.fields.values())]
        for ending in ("csv", "tsv", "jsonl") if texts else ():
            again = Path(folder) / f"again.{ending}"
            column = next(name for name, value in texts[0].fields.items() if value is texts[0].text)
            write_rows(again, [row.fields for row in texts])
            assert [row.fields for row in read_rows(again, text_column=column) if isinstance(row, Row)] == [
                row.fields for row in texts
            ]


def lines(data: bytes) -> None:
    """A stream gives one item for each line that is not empty, wherever its chunks part it."""
    whole, pieces = LineReader(_LIMITS), LineReader(_LIMITS)
    step = 1 + (data[0] if data else 0) % 16
    found = [*whole.feed(data), *whole.close()]
    assert [item.line for item in found] == [n for n, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    parted = [item for at in range(0, len(data), step) for item in pieces.feed(data[at : at + step])]
    assert [_told(item) for item in (*parted, *pieces.close())] == [_told(item) for item in found]
    for item in found:
        assert not isinstance(item.outcome, Prediction)
        json.dumps([item.id, item.text], ensure_ascii=False).encode()


def _told(item: Item) -> tuple[object, ...]:
    return item.line, item.id, item.text, type(item.outcome)


def labels(data: bytes) -> None:
    """A file of labels is read, or refused in our words."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"in{_LABELS[data[0] % len(_LABELS) if data else 0]}"
        path.write_bytes(data[1:])
        try:
            for entry in read_entries(path, Columns(), notice=lambda _: None):
                assert isinstance(entry, Entry | RowError)
        except RuStanceError:
            return


def sentences(data: bytes) -> None:
    """Sentences do not overlap, and with the white space between them they are the text."""
    text = data.decode("utf-8", "replace").replace("\0", " ")
    spans = split(text)
    assert all(before.end <= after.start for before, after in pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    ends = [0, *(edge for span in spans for edge in span), len(text)]
    assert all(not text[end:start].strip() for end, start in zip(ends[::2], ends[1::2], strict=True))


PARSERS: Final[dict[str, Callable[[bytes], None]]] = {
    "rows": rows, "lines": lines, "labels": labels, "sentences": sentences,
}  # fmt: skip
