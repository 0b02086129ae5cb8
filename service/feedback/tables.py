"""The database's one table, and a row of it."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Dialect, Index, Integer, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from models.labels import LABELS

# The revision of the migrations that this code reads and writes.
REVISION: Final = "0001"
# Where the database says which it is at; named for us, since others may keep tables beside ours.
REVISION_TABLE: Final = "ru_stance_labels_revision"
# The largest whole number that both databases hold.
LARGEST_ID: Final = 2**63 - 1
_STANDING: Final = text("deleted IS NULL")


class Moment(TypeDecorator[datetime]):
    """A moment with its time zone; SQLite keeps none, so that it is UTC there."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, _: Dialect) -> datetime | None:
        if value is None:
            return None
        found: datetime = value
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of the tables."""


class StoredLabel(Base):
    """What one person said of one text.

    Attributes:
        id: grows with every vote, and is never given twice.
        text: the text as it was sent.
        text_sha256: hash of the text without differences in spaces and Unicode form; finds its votes.
        label: the label that the person gave.
        annotator: who; empty for all those who gave no name, who count as one.
        note, source: what the person added, and where the vote came from.
        created: when it was given.
        deleted: when it was taken back or replaced; None as long as it stands.
    """

    __tablename__ = "labels"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    text_sha256: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(16))
    annotator: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(Moment)
    deleted: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint(f"label IN ({', '.join(map(repr, LABELS))})", name="ck_labels_label"),
        Index(
            "uq_labels_vote",
            "text_sha256",
            "annotator",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        Index("ix_labels_text", "text_sha256", "id"),
        {"sqlite_autoincrement": True},
    )
