"""Batches whose documents all have their outcome are completed.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

from store.base import UtcTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0022; a closed batch in which nothing is left to do was completed with its last document."""
    op.add_column("batches", sa.Column("completed_at", UtcTime(), nullable=True))
    op.execute(
        sa.text(
            "UPDATE batches SET completed_at ="
            " (SELECT max(changed_at) FROM batch_items WHERE batch_items.batch_id = batches.id)"
            " WHERE state = 'closed' AND NOT EXISTS ("
            "SELECT 1 FROM batch_items WHERE batch_items.batch_id = batches.id"
            " AND batch_items.state NOT IN ('finished', 'failed', 'cancelled'))"
        )
    )


def downgrade() -> None:
    """To 0022, where such a batch is closed."""
    op.drop_column("batches", "completed_at")
