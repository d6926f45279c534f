"""Workers, and jobs that were taken over. The engine's own tables are its own business.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from store.base import UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0008."""
    op.create_table(
        "job_workers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("heard_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_workers")),
    )
    op.create_table(
        "job_rescues",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("given_up", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_rescues")),
    )


def downgrade() -> None:
    """Back to 0008."""
    op.drop_table("job_rescues")
    op.drop_table("job_workers")
