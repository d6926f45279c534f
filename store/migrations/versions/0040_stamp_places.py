"""Where a signatory puts a stamp before signing, and places that people keep as their own.

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from store.base import UtcTime

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0039."""
    with op.batch_alter_table("activation_documents") as table:
        table.add_column(sa.Column("placed", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True))
    op.create_table(
        "stamp_places",
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("x", sa.Double(), nullable=False),
        sa.Column("y", sa.Double(), nullable=False),
        sa.Column("width", sa.Double(), nullable=False),
        sa.Column("height", sa.Double(), nullable=False),
        sa.Column("kept_at", UtcTime(), nullable=False),
        sa.CheckConstraint("act IN ('signature', 'initials')", name=op.f("ck_stamp_places_act")),
        sa.PrimaryKeyConstraint("signatory_id", "act", "kind", name=op.f("pk_stamp_places")),
    )


def downgrade() -> None:
    """To 0039; places are lost, and a stamp that was moved goes back to where its client asked for it."""
    op.drop_table("stamp_places")
    with op.batch_alter_table("activation_documents") as table:
        table.drop_column("placed")
