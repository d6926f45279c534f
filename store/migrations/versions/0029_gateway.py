"""The gateway: API credentials, and what was asked for with them.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from store.base import UtcTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TIME = UtcTime()
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """From 0028."""
    op.create_table(
        "api_credentials",
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("password_sha256", sa.String(length=64), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("networks", JSON, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("unstated_kinds", sa.Boolean(), nullable=False),
        sa.Column("geometry", sa.String(length=8), nullable=False),
        sa.Column("certified_only", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("geometry IN ('auto', 'corner', 'size')", name=op.f("ck_api_credentials_geometry")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_api_credentials_client_id_clients")),
        sa.PrimaryKeyConstraint("user_name", name=op.f("pk_api_credentials")),
    )
    op.create_index(op.f("ix_api_credentials_client_id"), "api_credentials", ["client_id"])
    op.create_table(
        "gateway_requests",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("likeness", sa.String(length=64), nullable=True),
        sa.Column("begun_at", TIME, nullable=False),
        sa.Column("repeatable_until", TIME, nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("fetched_at", TIME, nullable=True),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_requests")),
        sa.UniqueConstraint("likeness", name=op.f("uq_gateway_requests_likeness")),
    )
    op.create_index("ix_gateway_requests_expires_at", "gateway_requests", ["expires_at"])


def downgrade() -> None:
    """To 0028; API credentials are lost, signings stay."""
    for table in ("gateway_requests", "api_credentials"):
        op.drop_table(table)
