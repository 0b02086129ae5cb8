"""The table of labels.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and its indexes."""
    identifier = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "labels",
        sa.Column("id", identifier, primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.Column("label", sa.String(16), nullable=False),
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("created", moment, nullable=False),
        sa.Column("deleted", moment, nullable=True),
        sa.CheckConstraint("label IN ('critical', 'neutral', 'supportive')", name="ck_labels_label"),
        sqlite_autoincrement=True,
    )
    standing = sa.text("deleted IS NULL")
    op.create_index(
        "uq_labels_vote",
        "labels",
        ["text_sha256", "annotator"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    op.create_index("ix_labels_text", "labels", ["text_sha256", "id"])


def downgrade() -> None:
    """Take the table away, with all that it holds."""
    op.drop_table("labels")
