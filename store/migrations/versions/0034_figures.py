"""Figures: verifications by day, face and outcome; letters are found by when they were signed.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

SIGNED = sa.text("state = 'signed'")


def upgrade() -> None:
    """From 0033."""
    op.create_table(
        "verification_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("face", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("count >= 0", name=op.f("ck_verification_counts_count")),
        sa.PrimaryKeyConstraint("day", "face", "outcome", name=op.f("pk_verification_counts")),
    )
    op.create_index("ix_signatures_signed", "signatures", ["ended_at"], sqlite_where=SIGNED, postgresql_where=SIGNED)


def downgrade() -> None:
    """To 0033; counted verifications are lost."""
    op.drop_index("ix_signatures_signed", table_name="signatures")
    op.drop_table("verification_counts")
