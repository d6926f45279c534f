"""The stored canaries.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0003."""
    op.create_table(
        "canaries",
        sa.Column("kek_label", sa.Text(), nullable=False),
        sa.Column("pepper_label", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("argon2_memory_kib", sa.Integer(), nullable=False),
        sa.Column("argon2_passes", sa.Integer(), nullable=False),
        sa.Column("argon2_lanes", sa.Integer(), nullable=False),
        sa.Column("layer_version", sa.Integer(), nullable=False),
        sa.Column("wrap_mechanism", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kek_label", "pepper_label", name=op.f("pk_canaries")),
    )


def downgrade() -> None:
    """Back to 0003; the next start makes new canaries, which know nothing of an exchange before."""
    op.drop_table("canaries")
