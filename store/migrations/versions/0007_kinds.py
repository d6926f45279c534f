"""Kinds of letters that stay outside of electronic signing.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from store.base import UtcTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TIME = UtcTime()
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """From 0006."""
    op.create_table(
        "kind_lists",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("noted_at", TIME, nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_kind_lists_version")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_kind_lists")),
    )
    op.create_table(
        "client_kinds",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("lists", JSON, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_client_kinds_client_id_clients")),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_client_kinds")),
    )
    op.create_table(
        "default_kinds",
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("unstated_allowed", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("signatory_id", name=op.f("pk_default_kinds")),
    )


def downgrade() -> None:
    """To 0006."""
    for table in ("default_kinds", "client_kinds", "kind_lists"):
        op.drop_table(table)
