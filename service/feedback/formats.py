"""The formats that labels are exported in."""

from typing import Final, Literal

ExportFormat = Literal["jsonl", "csv", "label-studio"]
MEDIA_TYPES: Final[dict[ExportFormat, str]] = {
    "jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8", "label-studio": "application/json",
}  # fmt: skip
ENDINGS: Final[dict[ExportFormat, str]] = {"jsonl": ".jsonl", "csv": ".csv", "label-studio": ".json"}
