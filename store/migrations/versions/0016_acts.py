"""Signatures and initials, and the name of the signature field.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0015; everything so far is a signature."""
    with op.batch_alter_table("signatures") as table:
        table.add_column(sa.Column("act", sa.String(length=16), nullable=True))
        table.add_column(sa.Column("field_name", sa.Text(), nullable=True))
    op.execute(sa.text("UPDATE signatures SET act = 'signature'"))
    with op.batch_alter_table("signatures") as table:
        table.alter_column("act", existing_type=sa.String(length=16), nullable=False)
        table.create_check_constraint(op.f("ck_signatures_act"), sa.text("act IN ('signature', 'initials')"))


def downgrade() -> None:
    """To 0015; initials become signatures, so there must be none."""
    with op.batch_alter_table("signatures") as table:
        table.drop_constraint(op.f("ck_signatures_act"), type_="check")
        table.drop_column("act")
        table.drop_column("field_name")
