"""Batches, their documents, and the bytes of these while they are needed.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from store.base import UtcTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TIME = UtcTime()
SHA256 = sa.String(length=64)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ITEM_STATES = "state IN ('received', 'prepared', 'reserved', 'signed', 'finished', 'failed', 'cancelled')"


def upgrade() -> None:
    """From 0017."""
    op.create_table(
        "batches",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("permission_id", sa.Text(), nullable=True),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("stamp", JSON, nullable=False),
        sa.Column("signed_as", JSON, nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed', 'cancelled')", name=op.f("ck_batches_state")),
        sa.CheckConstraint("level IN ('B-B', 'B-T', 'B-LT', 'B-LTA')", name=op.f("ck_batches_level")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index("ix_batches_created_at", "batches", ["created_at"])
    op.create_table(
        "batch_items",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sha256", SHA256, nullable=False),
        sa.Column("letter", JSON, nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("short", sa.Text(), nullable=True),
        sa.Column("logged", sa.Boolean(), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("field_name", sa.Text(), nullable=True),
        sa.Column("contents_start", sa.BigInteger(), nullable=True),
        sa.Column("contents_end", sa.BigInteger(), nullable=True),
        sa.Column("timestamp_name", sa.Text(), nullable=True),
        sa.Column("reserved_at", TIME, nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("document_sha256", SHA256, nullable=True),
        sa.Column("changed_at", TIME, nullable=False),
        sa.CheckConstraint(ITEM_STATES, name=op.f("ck_batch_items_state")),
        sa.CheckConstraint("state != 'signed' OR value IS NOT NULL", name=op.f("ck_batch_items_signed_has_value")),
        sa.CheckConstraint(
            "(state = 'finished') = (document_sha256 IS NOT NULL)", name=op.f("ck_batch_items_finished_has_document")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_items_batch_id_batches")),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_batch_items")),
        sa.UniqueConstraint("batch_id", "sha256", name=op.f("uq_batch_items_batch_id")),
    )
    op.create_index(op.f("ix_batch_items_token"), "batch_items", ["token"])
    op.create_table(
        "batch_contents",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_batch_contents")),
    )


def downgrade() -> None:
    """Back to 0017."""
    op.drop_table("batch_contents")
    op.drop_table("batch_items")
    op.drop_table("batches")
