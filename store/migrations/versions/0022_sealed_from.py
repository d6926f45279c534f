"""From where a seal's batch was asked for.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0021; a batch that is under way has no address, so it is refused until it is tried again."""
    with op.batch_alter_table("batches") as table:
        table.add_column(sa.Column("address", sa.Text(), nullable=True))


def downgrade() -> None:
    """To 0021."""
    with op.batch_alter_table("batches") as table:
        table.drop_column("address")
