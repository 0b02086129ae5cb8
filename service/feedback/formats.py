"""The formats that labels are exported in."""

from typing import Any, Final, Literal

ExportFormat = Literal["jsonl", "csv", "label-studio"]
MEDIA_TYPES: Final[dict[ExportFormat, str]] = {
    "jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8", "label-studio": "application/json",
}  # fmt: skip
# What the API's description says of a file; of lines it describes each.
SCHEMAS: Final[dict[ExportFormat, dict[str, Any]]] = {
    "jsonl": {"type": "object"}, "csv": {"type": "string"},
    "label-studio": {"type": "array", "items": {"type": "object"}},
}  # fmt: skip
ENDINGS: Final[dict[ExportFormat, str]] = {"jsonl": ".jsonl", "csv": ".csv", "label-studio": ".json"}
