"""A footer on every page: of documents of several signatories with the first signature, and of those in batches.

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

TABLES = ("flows", "batches")


def upgrade() -> None:
    """From 0042; none had one before."""
    for name in TABLES:
        op.add_column(name, sa.Column("footer", sa.Text(), nullable=True))


def downgrade() -> None:
    """To 0042; what waits for its signature gets it without a footer."""
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.drop_column("footer")
