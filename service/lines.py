"""Newline-delimited JSON: a stream of chunks cut into lines, a line read, an answer written."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, Field, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException

from models.errors import LimitExceeded
from models.prediction import Prediction
from service.body import parse
from service.limits import check_length
from service.schemas import Problem, Request, Result, Text
from service.settings import Settings

MEDIA_TYPE: Final = "application/x-ndjson"
_LONGEST_ID: Final = 256


def _checked_id(value: object) -> object:
    # Not a union of pydantic's own: its error names the members of the union, which say nothing to the sender.
    fits = len(value) <= _LONGEST_ID if isinstance(value, str) else value is None or type(value) is int
    if not fits:
        raise PydanticCustomError("line_id", "no id")
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        raise PydanticCustomError("string_unicode", "lone surrogate")
    return value


def _id_of(value: Any) -> Any:
    """The id of a line that is wrong in some way; None where it has none, or that is what is wrong."""
    try:
        return _checked_id(value.get("id") if isinstance(value, dict) else None)
    except PydanticCustomError:
        return None


Id = Annotated[
    Any,
    AfterValidator(_checked_id),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "maxLength": _LONGEST_ID}, {"type": "integer"}, {"type": "null"}], "title": "Id"}
    ),
]


class ScoreLine(Request):
    """One line of the body: a text to classify."""

    text: Text = Field(description="A sentence, a headline or a post.")
    id: Id = Field(default=None, description="Given back with the result.")


class LineResult(Result):
    """The result of one line."""

    line: int = Field(description="Number of the line in the body, counted from 1; empty lines count.")
    id: Id = Field(description="The line's id, null if it had none.")


class LineProblem(Problem):
    """What is answered in place of a result when a line cannot be classified."""

    line: int = Field(description="Number of the line in the body, counted from 1; empty lines count.")
    id: Id = Field(description="The line's id, null if it had none or could not be read.")


@dataclass(slots=True)
class Item:
    """One line on its way.

    Attributes:
        line: its number, counted from 1.
        id: its id, None if it has none.
        text: what to classify, empty where the line could not be read.
        outcome: what it is answered with; None as long as that is not known.
    """

    line: int
    id: str | int | None = None
    text: str = ""
    outcome: Prediction | Exception | None = None


class LineReader:
    """Cuts a body into items, one for each line that is not empty, and never holds more than one line.

    Args:
        limits: the most bytes of a line (as of a body), and the most characters of its text.
    """

    def __init__(self, limits: Settings) -> None:
        self._limits = limits
        self._rest = bytearray()
        self._dropping = False
        self.line = 0

    def feed(self, chunk: bytes) -> Iterator[Item]:
        """The items of the lines that end in ``chunk``."""
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            self._add(part)
            yield from self._end()
        self._add(rest)

    def close(self) -> Iterator[Item]:
        """The item of the last line, if that did not end in a line feed."""
        yield from self._end()

    def _add(self, part: bytes) -> None:
        if len(self._rest) + len(part) > self._limits.max_body_bytes:
            self._rest.clear()
            self._dropping = True
        if not self._dropping:
            self._rest += part

    def _end(self) -> Iterator[Item]:
        self.line += 1
        data, dropped = bytes(self._rest), self._dropping
        self._rest.clear()
        self._dropping = False
        if dropped:
            limit = self._limits.max_body_bytes
            yield Item(self.line, outcome=LimitExceeded(f"The line may have at most {limit} bytes."))
        elif data.strip():
            yield self._item(data)

    def _item(self, data: bytes) -> Item:
        try:
            value = parse(data, "line")
        except HTTPException as error:
            return Item(self.line, outcome=error)
        try:
            line = ScoreLine.model_validate(value)
        except ValidationError as error:
            found = [{**item, "loc": ("line", *item["loc"])} for item in error.errors(include_input=False)]
            return Item(self.line, _id_of(value), outcome=RequestValidationError(found))
        try:
            check_length(line.text, "The text", self._limits)
        except LimitExceeded as error:
            return Item(self.line, line.id, outcome=error)
        return Item(self.line, line.id, line.text)


def write_line(members: dict[str, Any]) -> bytes:
    """One line of the answer."""
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
