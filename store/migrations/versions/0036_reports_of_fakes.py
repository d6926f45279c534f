"""Reports of suspicious documents, as readers send them in.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

from store.base import UtcTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0035."""
    op.create_table(
        "reports_of_fakes",
        sa.Column("id", sa.String(length=10), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("finding", sa.String(length=8), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (finding IS NULL) AND (closed_at IS NULL) = (closed_by IS NULL)",
            name=op.f("ck_reports_of_fakes_closed"),
        ),
        sa.CheckConstraint("finding IN ('fake', 'genuine', 'unclear')", name=op.f("ck_reports_of_fakes_finding")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports_of_fakes")),
    )
    op.create_index("ix_reports_of_fakes_at", "reports_of_fakes", ["at", "id"])


def downgrade() -> None:
    """To 0035; reports are lost."""
    op.drop_table("reports_of_fakes")
