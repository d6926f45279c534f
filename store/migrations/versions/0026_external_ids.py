"""Documents of several officials are found by their clients' own identifier.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """From 0025; what is there already is found as well."""
    with op.batch_alter_table("flows") as table:
        table.add_column(sa.Column("external_id", sa.Text(), nullable=True))
    flows = sa.table("flows", sa.column("letter", JSON), sa.column("external_id", sa.Text()))
    op.execute(sa.update(flows).values(external_id=flows.c.letter["external_id"].as_string()))
    op.create_index("ix_flows_external", "flows", ["client_id", "external_id", "id"])


def downgrade() -> None:
    """To 0025."""
    op.drop_index("ix_flows_external", "flows")
    with op.batch_alter_table("flows") as table:
        table.drop_column("external_id")
