"""PINs and keepers of seals; accounts of integrations.

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

from store.base import UtcTime

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TIME = UtcTime()


def upgrade() -> None:
    """From 0036."""
    op.create_table(
        "integration_accounts",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("password_sha256", sa.String(length=64), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("waits_until", TIME, nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_integration_accounts_failures")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_integration_accounts_client_id_clients")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_integration_accounts")),
    )
    op.create_table(
        "seal_pins",
        sa.Column("seal_id", sa.Text(), nullable=False),
        sa.Column("pin_sha256", sa.String(length=64), nullable=False),
        sa.Column("set_at", TIME, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("waits_until", TIME, nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_seal_pins_failures")),
        sa.PrimaryKeyConstraint("seal_id", name=op.f("pk_seal_pins")),
    )
    op.create_table(
        "seal_keepers",
        sa.Column("seal_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("named_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("seal_id", "user_id", name=op.f("pk_seal_keepers")),
    )


def downgrade() -> None:
    """To 0036; seals lose their PINs, and those that had one are used without."""
    for table in ("seal_keepers", "seal_pins", "integration_accounts"):
        op.drop_table(table)
