"""Signed checkpoints of the audit trail; they can be appended and nothing else.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from store.migrations.append_only import add_checkpoint_triggers, drop_checkpoint_triggers

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0001."""
    op.create_table(
        "audit_checkpoints",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("timestamp", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0 AND last > 0", name=op.f("ck_audit_checkpoints_counted")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_checkpoints")),
        sa.UniqueConstraint("last", name=op.f("uq_audit_checkpoints_last")),
    )
    add_checkpoint_triggers(op.get_bind())


def downgrade() -> None:
    """Back to 0001."""
    drop_checkpoint_triggers(op.get_bind())
    op.drop_table("audit_checkpoints")
