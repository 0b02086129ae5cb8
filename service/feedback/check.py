"""What is wrong with a file of labels, found before any of it is written."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from models.errors import InputError, RowError
from models.labels import LABELS, Label
from service.feedback.agreement import Votes
from service.feedback.entries import Entry
from service.feedback.schemas import LONGEST_NAME, LONGEST_NOTE
from service.feedback.store import LabelStore
from service.feedback.votes import Vote, sha256_of

_BY_NAME: Final[Mapping[str, Label]] = {label: label for label in LABELS}
# Characters that are told of a label that is not known.
_SHOWN: Final = 40
_CHUNK: Final = 10_000


@dataclass(slots=True)
class Group:
    """What a file says that one annotator said of one text.

    Attributes:
        lines: the lines with each label.
        votes: the first vote with each label.
    """

    lines: dict[Label, list[int]] = field(default_factory=dict)
    votes: dict[Label, Vote] = field(default_factory=dict)

    @property
    def is_conflict(self) -> bool:
        """There is more than one label."""
        return len(self.lines) > 1

    @property
    def majority(self) -> Label | None:
        """The label of most lines; None at a tie."""
        return Votes(tuple(len(self.lines.get(label, ())) for label in LABELS)).majority


@dataclass(slots=True)
class Checked:
    """A file of labels, checked.

    Attributes:
        rows: how many entries it has, good and bad.
        bad: what is wrong with which entry.
        unknown: the lines of each label that is not known.
        groups: the others, by the text's hash and the annotator, in the file's order.
    """

    rows: int = 0
    bad: list[RowError] = field(default_factory=list)
    unknown: dict[str, list[int]] = field(default_factory=dict)
    groups: dict[tuple[str, str], Group] = field(default_factory=dict)

    @property
    def unusable(self) -> int:
        """How many entries cannot be used."""
        return len(self.bad) + sum(map(len, self.unknown.values()))

    @property
    def conflicts(self) -> list[Group]:
        """Where an annotator gave one text different labels."""
        return [group for group in self.groups.values() if group.is_conflict]

    @property
    def duplicates(self) -> list[int]:
        """The lines that say again what an earlier one says."""
        return sorted(line for group in self.groups.values() for lines in group.lines.values() for line in lines[1:])

    def settled(self, choose: Callable[[Group], Label | None]) -> Iterator[tuple[int, Vote]]:
        """One vote for each group, with its line.

        Args:
            choose: which label of a conflict to take; None for none.
        """
        for group in self.groups.values():
            label = choose(group) if group.is_conflict else next(iter(group.lines))
            if label is not None:
                yield group.lines[label][0], group.votes[label]


@dataclass(slots=True)
class Compared:
    """A file's votes beside those that are kept already.

    Attributes:
        new: those to write.
        kept: how many say what is kept already.
        replacing: the lines of those that replace another label of the same annotator.
    """

    new: list[Vote] = field(default_factory=list)
    kept: int = 0
    replacing: list[int] = field(default_factory=list)


def mapping_of(words: Iterable[str]) -> dict[str, Label]:
    """The labels that a file's own labels stand for, from words such as ``FAVOR=supportive``.

    Raises:
        InputError: a word is not of this form, or two contradict each other.
    """
    found: dict[str, Label] = {}
    for word in words:
        name, _, label = word.rpartition("=")
        ours = _BY_NAME.get(label.strip())
        if not name.strip() or ours is None:
            raise InputError(f"--map takes THEIRS=OURS, such as FAVOR=supportive; OURS is one of {', '.join(LABELS)}.")
        if found.setdefault(_folded(name), ours) != ours:
            raise InputError(f"--map says of {name.strip()} that it stands for two labels; say one.")
    return found


def check(
    entries: Iterable[Entry | RowError],
    name: str,
    labels: Mapping[str, Label],
    *,
    annotator: str = "",
    source: str | None = None,
    max_characters: int,
) -> Checked:
    """Check all entries of a file.

    Args:
        entries: as they were read.
        name: the file.
        labels: what the file's own labels stand for, as :func:`mapping_of` gives it; ours stand for themselves.
        annotator: whose the labels are, where an entry does not say.
        source: where they come from, where an entry does not say.
        max_characters: most characters of a text.
    """
    checked = Checked()
    known = {**_BY_NAME, **labels}
    for entry in entries:
        checked.rows += 1
        if isinstance(entry, RowError):
            checked.bad.append(entry)
            continue
        entry = replace(entry, annotator=entry.annotator or annotator, source=entry.source or source)
        if problem := _problem(entry, max_characters):
            checked.bad.append(RowError(name, entry.line, problem))
        elif (label := known.get(_folded(entry.label or ""))) is None:
            checked.unknown.setdefault((entry.label or "")[:_SHOWN], []).append(entry.line)
        else:
            vote = Vote(entry.text, label, entry.annotator or "", entry.note, entry.source)
            group = checked.groups.setdefault((sha256_of(vote.text), vote.annotator), Group())
            group.lines.setdefault(label, []).append(entry.line)
            group.votes.setdefault(label, vote)
    return checked


def compare(votes: Sequence[tuple[int, Vote]], store: LabelStore) -> Compared:
    """Which votes are new to the store.

    Raises:
        LabelsUnavailable: the database cannot be used now.
    """
    compared = Compared()
    for start in range(0, len(votes), _CHUNK):
        some = votes[start : start + _CHUNK]
        for (line, vote), rows in zip(some, store.look_up([vote.text for _, vote in some]), strict=True):
            before = [row.label for row in rows if row.annotator == vote.annotator]
            if before == [vote.label]:
                compared.kept += 1
                continue
            compared.new.append(vote)
            if before:
                compared.replacing.append(line)
    return compared


def _folded(label: str) -> str:
    return label.strip().casefold()


def _problem(entry: Entry, max_characters: int) -> str | None:
    if not entry.text.replace("\0", " ").strip():
        return "the text is empty."
    if not (entry.label or "").strip():
        return "there is no label."
    for name, value, longest in (
        ("text", entry.text, max_characters),
        ("annotator", entry.annotator, LONGEST_NAME),
        ("source", entry.source, LONGEST_NOTE),
        ("note", entry.note, LONGEST_NOTE),
    ):
        if value is not None and len(value) > longest:
            return f"the {name} has {len(value)} characters; it may have {longest}."
        if not _is_unicode(value or ""):
            return f"the {name} has half a character (a lone surrogate); mend it."
    return None


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
