"""What pydantic finds wrong with a request, in words that say how to mend it."""

from collections.abc import Mapping
from typing import Any, Final

# Characters that are told of an unknown field's name.
_LONGEST_NAME: Final = 40
# What pydantic calls an error -> what to mend. Its own messages are not used, since some of them quote the input.
_REMEDIES: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "string_type": "must be a string",
    "string_unicode": "holds half of a surrogate pair (one of \\ud800 to \\udfff alone); send whole characters",
    "list_type": "must be a list of strings",
    "too_short": "must hold at least one text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "string_too_long": "is too long",
    "string_too_short": "must not be empty; leave it out",
    "datetime_from_date_parsing": "must be a date, or a date and a time, as ISO 8601 writes them",
    "less_than_equal": "is too large",
    "greater_than_equal": "is too small",
    "literal_error": "is none of the values that it may have; /docs lists them",
    "line_id": "must be a string of at most 256 characters, an integer or null",
    "extra_forbidden": 'has a field that is not known here, "{field}"; /docs lists the fields',
    "model_attributes_type": "must be a JSON object",
    "model_type": "must be a JSON object",
}


def explain(item: Mapping[str, Any]) -> str:
    """One of pydantic's errors in our words; it quotes no value, but names an unknown field."""
    loc = item["loc"][1:-1] if item["type"] == "extra_forbidden" else item["loc"][1:]
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")
    field = str(item["loc"][-1])[:_LONGEST_NAME]
    return f"{where or 'The ' + item['loc'][0]} {_REMEDIES.get(item['type'], 'is not valid').format(field=field)}"
