"""What approvals are about, and how they are found.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

WORDS = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """From 0032."""
    op.add_column("approvals", sa.Column("subjects", WORDS, server_default="[]", nullable=False))
    op.create_index("ix_approvals_object", "approvals", ["object"])
    op.create_index("ix_approvals_proposed_at", "approvals", ["proposed_at", "id"])


def downgrade() -> None:
    """To 0032; which certificates a waiting revocation of many is about is told by its proposer alone."""
    op.drop_index("ix_approvals_proposed_at", "approvals")
    op.drop_index("ix_approvals_object", "approvals")
    op.drop_column("approvals", "subjects")
