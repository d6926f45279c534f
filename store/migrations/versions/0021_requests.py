"""Answers kept under a client's key, and quotas.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from store.base import UtcTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TIME = UtcTime()
SHA256 = sa.String(length=64)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """From 0020."""
    op.create_table(
        "idempotency_keys",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("key_sha256", SHA256, nullable=False),
        sa.Column("fingerprint", SHA256, nullable=False),
        sa.Column("begun_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("client_id", "key_sha256", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_expires_at"), "idempotency_keys", ["expires_at"])
    op.create_table(
        "quota_counts",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("window", sa.String(length=8), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "window", "starts_at", name=op.f("pk_quota_counts")),
    )
    op.create_table(
        "quota_limits",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("per_day", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_quota_limits")),
    )


def downgrade() -> None:
    """To 0020."""
    for table in ("quota_limits", "quota_counts", "idempotency_keys"):
        op.drop_table(table)
