"""Several requests approved with one proof.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

from store.base import UtcTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

TIME = UtcTime()


def upgrade() -> None:
    """From 0037."""
    op.create_table(
        "rounds",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("session_sha256", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("begun_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("granted_at", TIME, nullable=True),
        sa.CheckConstraint("state IN ('open', 'granted', 'ended')", name=op.f("ck_rounds_state")),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_rounds_tries")),
        sa.CheckConstraint("(state = 'granted') = (granted_at IS NOT NULL)", name=op.f("ck_rounds_granted_has_time")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
    )
    op.create_index("ix_rounds_whose", "rounds", ["signatory_id", "begun_at"])
    op.create_index("ix_rounds_expires_at", "rounds", ["expires_at"])
    op.create_table(
        "round_members",
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("left_out", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("refused", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_members_round_id_rounds")),
        sa.PrimaryKeyConstraint("round_id", "position", name=op.f("pk_round_members")),
    )


def downgrade() -> None:
    """To 0037; rounds that are under way are lost, and their requests go on waiting."""
    for table in ("round_members", "rounds"):
        op.drop_table(table)
