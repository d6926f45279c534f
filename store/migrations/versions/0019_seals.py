"""Permissions of organisations' seals.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from store.base import UtcTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TIME = UtcTime()
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """From 0018."""
    op.create_table(
        "seal_permissions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("networks", JSON, nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("granted_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint("used >= 0 AND used <= documents", name=op.f("ck_seal_permissions_used")),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credentials.id"], name=op.f("fk_seal_permissions_credential_id_credentials")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_permissions")),
    )
    op.create_index("ix_seal_permissions_client_id", "seal_permissions", ["client_id", "credential_id", "expires_at"])


def downgrade() -> None:
    """Back to 0018."""
    op.drop_table("seal_permissions")
