"""What one person says of one text, and by what a text is found again."""

import hashlib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.labels import Label
from models.text import checked


@dataclass(frozen=True, slots=True)
class Vote:
    """What one person says of one text.

    Attributes:
        text: the text.
        label: the label that the person gives.
        annotator: who; empty for those who give no name, who count as one.
        note, source: what the person adds, and where the vote comes from.
    """

    text: str
    label: Label
    annotator: str = ""
    note: str | None = None
    source: str | None = None


def sha256_of(text: str) -> str:
    """The hash that finds a text again, however its spaces and its Unicode form differ, in hexadecimal."""
    return hashlib.sha256(" ".join(unicodedata.normalize("NFC", checked(text)).split()).encode()).hexdigest()


def parts_of(votes: Sequence[Vote], size: int) -> Iterator[dict[tuple[str, str], Vote]]:
    """The votes in parts of at most ``size``, by text and annotator; none of these is twice in a part."""
    part: dict[tuple[str, str], Vote] = {}
    for vote in votes:
        key = (sha256_of(vote.text), vote.annotator)
        if key in part or len(part) == size:
            yield part
            part = {}
        part[key] = vote
    yield part
