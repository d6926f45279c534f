"""A footer on every page, which a document of several signatories gets with its first signature.

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0042; none had one before."""
    op.add_column("flows", sa.Column("footer", sa.Text(), nullable=True))


def downgrade() -> None:
    """To 0042; documents that wait for their first signature get it without a footer."""
    with op.batch_alter_table("flows") as table:
        table.drop_column("footer")
