"""What goes over the wire about people's labels."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Self

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, FailFast, Field
from pydantic_core import PydanticCustomError

from models.labels import Label
from service.feedback.agreement import Votes
from service.feedback.store import Filter, LabelRow
from service.feedback.votes import Vote
from service.schemas import Request, Text, whole

LONGEST_NAME, LONGEST_NOTE = 200, 2000


def _kept(text: str) -> str:
    # PostgreSQL keeps no NUL.
    return whole(text).replace("\0", " ")


def _no_number(value: Any) -> Any:
    # Of a number, pydantic would take for granted that it counts seconds since 1970.
    if re.fullmatch(r"\s*[-+]?[\d.]+\s*", str(value)):
        raise PydanticCustomError("datetime_from_date_parsing", "a number")
    return value


# A character that is neither white space, as Python has it, nor NUL; spelt so that all dialects of patterns agree.
_SOMETHING: Final = (
    "[^\\u0000\\u0009-\\u000d\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]"
)
# The route refuses an empty text, and tells which; here it is only described.
LabelledText = Annotated[Text, Field(json_schema_extra={"minLength": 1, "pattern": _SOMETHING})]
Moment = Annotated[AwareDatetime, BeforeValidator(_no_number)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_kept)]
Source = Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE), AfterValidator(_kept)]
Note = Annotated[str, Field(max_length=LONGEST_NOTE), AfterValidator(_kept)]
Asked = Annotated[str, AfterValidator(_kept)]


class LabelRequest(Request):
    """What a person says of a text."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"text": "They came to loot.", "label": "critical", "annotator": "mk"}}
    )

    text: LabelledText = Field(description="The text: a sentence, a headline or a post.")
    label: Label = Field(description="The label that the person gives it.")
    annotator: Name | None = Field(
        default=None,
        description="Who gives it, in words of your own, such as initials. Left out, it is the name of the request's "
        "key; without keys nobody's. All who give no name count as one annotator.",
    )
    note: Note | None = Field(default=None, description="Why, for people.")
    source: Source | None = Field(
        default=None, description="Where it comes from, such as the name of a page or a file."
    )

    def vote(self, key: str | None) -> Vote:
        """The vote of whoever sent the request with this key."""
        return Vote(self.text, self.label, self.annotator or key or "", self.note, self.source)


class LabelEntry(BaseModel):
    """One person's label of one text, as it is kept."""

    id: int
    text: str
    label: Label
    annotator: str | None = Field(description="Who gave it; null for nobody in particular.")
    note: str | None
    source: str | None
    created: datetime
    deleted: datetime | None = Field(
        description="When it was taken back, or replaced by a later label of the same annotator; null if it stands."
    )

    @classmethod
    def of(cls, row: LabelRow) -> Self:
        """The entry for a row of the table."""
        return cls(
            id=row.id,
            text=row.text,
            label=row.label,
            annotator=row.annotator or None,
            note=row.note,
            source=row.source,
            created=row.created,
            deleted=row.deleted,
        )


class LookupRequest(Request):
    """Texts whose labels are wanted."""

    texts: Annotated[list[LabelledText], FailFast()] = Field(min_length=1, description="The texts.")


class VoteCounts(BaseModel):
    """Votes for each label."""

    critical: int
    neutral: int
    supportive: int


class LookupResult(BaseModel):
    """The labels that stand for one text; spaces and Unicode forms make no difference."""

    majority: Label | None = Field(description="The label with most votes; null if there are none, or at a tie.")
    votes: VoteCounts
    labels: list[LabelEntry] = Field(description="The votes, the oldest first; empty if there are none.")

    @classmethod
    def of(cls, rows: Sequence[LabelRow]) -> Self:
        """The result for the rows of a text."""
        votes = Votes.of(row.label for row in rows)
        return cls(
            majority=votes.majority,
            votes=VoteCounts(**votes.by_label),
            labels=[LabelEntry.of(row) for row in rows],
        )


class LookupResponse(BaseModel):
    """One result a text, in the order of the texts."""

    results: list[LookupResult]


def wanted(
    label: Annotated[Label | None, Query(description="Only this label.")] = None,
    annotator: Annotated[
        Asked | None, Query(description="Only labels of this annotator; empty for those who gave no name.")
    ] = None,
    source: Annotated[Asked | None, Query(description="Only labels from this source.")] = None,
    since: Annotated[
        Moment | None,
        Query(description="Only labels given from then on: ISO 8601 with a time zone, `2026-11-22T00:00:00Z`."),
    ] = None,
) -> Filter:
    """Which labels are wanted, by the query; what is left out is not asked for."""
    return Filter(label, annotator, source, since)


class PageResponse(BaseModel):
    """Labels, the latest first."""

    labels: list[LabelEntry]
    next: int | None = Field(description="The `cursor` of the next page; null on the last one.")


class AgreementResponse(BaseModel):
    """How far people agree, over the labels that stand."""

    model_config = ConfigDict(from_attributes=True)

    texts: int = Field(description="Texts with a label.")
    votes: int = Field(description="Labels.")
    annotators: int = Field(description="Who gave them; all who gave no name count as one.")
    majorities: VoteCounts = Field(description="Texts by the label that most votes are for.")
    ties: int = Field(description="Texts for which two labels or more have the most votes.")
    compared: int = Field(description="Texts with votes of two annotators or more; the two next figures are theirs.")
    unanimous: int = Field(description="Those of them on which all votes are the same.")
    alpha: float | None = Field(
        description="Krippendorff's alpha for nominal data: 1 is full agreement, 0 what chance gives, less is worse. "
        "Null if no text has two votes, or all votes are for one label."
    )
