"""What is asked of the database: votes given, taken back, looked up, read page by page and erased."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, delete, insert, select, tuple_, update

from models.errors import InputError, LabelNotFound, TextError
from models.labels import Label
from models.text import checked
from service.feedback.database import Database
from service.feedback.tables import StoredLabel
from service.feedback.votes import Vote, parts_of, sha256_of

# Rows that are read at once, and hashes that one statement names: SQLite takes 32,766 parameters.
PAGE: Final = 1000
_TABLE: Final = StoredLabel.__table__
_STANDING: Final = StoredLabel.deleted.is_(None)

# A row of the table, with its columns as attributes.
LabelRow = Row[Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which votes are meant; what is left out is not asked for.

    Attributes:
        label: their label.
        annotator: who gave them; empty for those who gave no name.
        source: where they come from.
        since: the moment from which on they were given.
        deleted: also those that were taken back or replaced.
    """

    label: Label | None = None
    annotator: str | None = None
    source: str | None = None
    since: datetime | None = None
    deleted: bool = False

    def of(self, query: Select[Any]) -> Select[Any]:
        """The query, for these votes only."""
        asked = [
            column == value
            for column, value in (
                (StoredLabel.label, self.label),
                (StoredLabel.annotator, self.annotator),
                (StoredLabel.source, self.source),
            )
            if value is not None
        ]
        asked += [] if self.since is None else [StoredLabel.created >= self.since]
        return query.where(*asked, *([] if self.deleted else [_STANDING]))


class LabelStore:
    """People's votes. Safe to use from several threads and several processes.

    Args:
        database: where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def give(self, votes: Sequence[Vote]) -> list[LabelRow]:
        """Write votes, all or none; the earlier vote of an annotator on the same text is replaced.

        A vote that stands already, the same in all, is left as it is.

        Returns:
            The row of each vote, in order.

        Raises:
            TextError: a text is empty; nothing was written.
            LabelsUnavailable: the database cannot be used now; nothing was written.
        """
        for index, vote in enumerate(votes):
            if not checked(vote.text, index).strip():
                raise TextError(f"Text {index} is empty; give a text with at least one character.", index)
        with self.database.writing() as connection:
            return [row for part in parts_of(votes, PAGE) for row in _give(connection, part)]

    def take_back(self, identifier: int) -> LabelRow:
        """Let a vote stand no more; its row is kept. A vote that was taken back stays as it is.

        Raises:
            LabelNotFound: there is no such vote.
            LabelsUnavailable: the database cannot be used now.
        """
        one = select(_TABLE).where(StoredLabel.id == identifier)
        with self.database.reading() as reader:
            if reader is None or reader.execute(one).one_or_none() is None:
                raise LabelNotFound("There is no label with this id. GET /v1/labels lists those that there are.")
        with self.database.writing() as connection:
            connection.execute(
                update(StoredLabel).where(StoredLabel.id == identifier, _STANDING).values(deleted=datetime.now(UTC))
            )
            found = connection.execute(one).one_or_none()
        if found is None:
            raise LabelNotFound("There is no label with this id any more: it was erased.")
        return found

    def look_up(self, texts: Sequence[str]) -> list[list[LabelRow]]:
        """The votes that stand for each text, in the order of the texts, the oldest first.

        Raises:
            TextError: a text is no valid Unicode.
            LabelsUnavailable: the database cannot be used now.
        """
        keys = [sha256_of(text) for text in texts]
        found: Mapping[str, list[LabelRow]] = {key: [] for key in keys}
        unique = list(found)
        with self.database.reading() as connection:
            if connection is not None:
                for start in range(0, len(unique), PAGE):
                    some = StoredLabel.text_sha256.in_(unique[start : start + PAGE])
                    for row in connection.execute(select(_TABLE).where(some, _STANDING).order_by(StoredLabel.id)):
                        found[row.text_sha256].append(row)
        return [found[key] for key in keys]

    def latest(self, wanted: Filter, *, before: int | None = None, limit: int = PAGE) -> list[LabelRow]:
        """Votes, the latest first.

        Args:
            wanted: which.
            before: only those with a smaller id.
            limit: how many at most.

        Raises:
            LabelsUnavailable: the database cannot be used now.
        """
        query = wanted.of(select(_TABLE)).order_by(StoredLabel.id.desc()).limit(limit)
        return self._read(query if before is None else query.where(StoredLabel.id < before))

    def pages(self, wanted: Filter | None = None) -> Iterator[list[LabelRow]]:
        """Votes in pages, those on one text beside each other; no transaction is held between the pages.

        Raises:
            LabelsUnavailable: the database cannot be used now.
        """
        place = tuple_(StoredLabel.text_sha256, StoredLabel.id)
        query = (wanted or Filter()).of(select(_TABLE)).order_by(StoredLabel.text_sha256, StoredLabel.id).limit(PAGE)
        rows = self._read(query)
        while rows:
            yield rows
            rows = self._read(query.where(place > (rows[-1].text_sha256, rows[-1].id)))

    def all(self, wanted: Filter | None = None) -> Iterator[LabelRow]:
        """The rows of :meth:`pages`, one by one."""
        for rows in self.pages(wanted):
            yield from rows

    def erase(self, *, annotator: str | None = None, text: str | None = None, deleted: bool = False) -> int:
        """Take votes out of the database for good, also those that were taken back, and have the disk forget them.

        Args:
            annotator: those of this annotator; empty for those without a name.
            text: those on this text.
            deleted: only those that were taken back or replaced.

        Returns:
            How many there were.

        Raises:
            InputError: it was not said which.
            LabelsUnavailable: the database cannot be used now.
        """
        which = [] if annotator is None else [StoredLabel.annotator == annotator]
        which += [] if text is None else [StoredLabel.text_sha256 == sha256_of(text)]
        which += [StoredLabel.deleted.is_not(None)] if deleted else []
        if not which:
            raise InputError("Say what to erase: the votes of an annotator, those on a text, or those taken back.")
        with self.database.reading() as reader:
            if reader is None:
                return 0
        with self.database.writing() as connection:
            count = connection.execute(delete(StoredLabel).where(*which)).rowcount
        self.database.compact()
        return count

    def _read(self, query: Select[Any]) -> list[LabelRow]:
        with self.database.reading() as connection:
            return [] if connection is None else list(connection.execute(query))


def _give(connection: Connection, part: Mapping[tuple[str, str], Vote]) -> list[LabelRow]:
    """Write votes, each on another text or by another annotator, and give the row of each."""
    some = StoredLabel.text_sha256.in_({text for text, _ in part})
    rows = connection.execute(select(_TABLE).where(some, _STANDING))
    standing = {(row.text_sha256, row.annotator): row for row in rows}
    same = {
        key: before
        for key, vote in part.items()
        if (before := standing.get(key)) is not None
        and (before.text, before.label, before.note, before.source)
        == (checked(vote.text), vote.label, vote.note, vote.source)
    }
    new = {key: vote for key, vote in part.items() if key not in same}
    now = datetime.now(UTC)
    if replaced := [standing[key].id for key in new if key in standing]:
        connection.execute(update(StoredLabel).where(StoredLabel.id.in_(replaced)).values(deleted=now))
    values = [
        {
            "text": checked(vote.text), "text_sha256": key[0], "label": vote.label, "annotator": vote.annotator,
            "note": vote.note, "source": vote.source, "created": now, "deleted": None,
        }
        for key, vote in new.items()
    ]  # fmt: skip
    statement = insert(StoredLabel).returning(*_TABLE.columns, sort_by_parameter_order=True)
    written = connection.execute(statement, values).all() if values else []
    found = same | dict(zip(new, written, strict=True))
    return [found[key] for key in part]
