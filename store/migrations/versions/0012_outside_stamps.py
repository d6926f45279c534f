"""Timestamps of others over checkpoints; they can be appended and nothing else.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from store.base import UtcTime
from store.migrations.append_only import add_stamp_triggers, drop_stamp_triggers

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0011."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "audit_outside_stamps",
        sa.Column("number", number, autoincrement=False, nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_outside_stamps")),
    )
    add_stamp_triggers(op.get_bind())


def downgrade() -> None:
    """Back to 0011."""
    drop_stamp_triggers(op.get_bind())
    op.drop_table("audit_outside_stamps")
