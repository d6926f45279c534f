"""The authorization server: requests, consents, families of tokens.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from store.base import UtcTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

TIME = UtcTime()
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """From 0030."""
    op.create_table(
        "oauth_pushed_requests",
        sa.Column("uri_sha256", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("parameters", JSON, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("transaction_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_oauth_pushed_requests_client_id_clients")),
        sa.PrimaryKeyConstraint("uri_sha256", name=op.f("pk_oauth_pushed_requests")),
    )
    op.create_index(op.f("ix_oauth_pushed_requests_expires_at"), "oauth_pushed_requests", ["expires_at"])
    op.create_table(
        "oauth_transactions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("parameters", JSON, nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("credential_id", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("code_sha256", sa.String(length=64), nullable=True),
        sa.Column("code_expires_at", TIME, nullable=True),
        sa.Column("code_used_at", TIME, nullable=True),
        sa.Column("family_id", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'approved', 'ended')", name=op.f("ck_oauth_transactions_state")),
        sa.CheckConstraint(
            "(state = 'approved') = (code_sha256 IS NOT NULL)", name=op.f("ck_oauth_transactions_approved_has_code")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_oauth_transactions_client_id_clients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_transactions")),
        sa.UniqueConstraint("code_sha256", name=op.f("uq_oauth_transactions_code_sha256")),
    )
    op.create_index(op.f("ix_oauth_transactions_expires_at"), "oauth_transactions", ["expires_at"])
    op.create_table(
        "oauth_families",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_oauth_families_client_id_clients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_families")),
    )
    op.create_index(op.f("ix_oauth_families_user_id"), "oauth_families", ["user_id"])
    op.create_index(op.f("ix_oauth_families_ends_at"), "oauth_families", ["ends_at"])
    op.create_table(
        "oauth_refresh_tokens",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("family_id", sa.Text(), nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["family_id"], ["oauth_families.id"], name=op.f("fk_oauth_refresh_tokens_family_id_oauth_families")
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_oauth_refresh_tokens")),
    )
    op.create_index(op.f("ix_oauth_refresh_tokens_family_id"), "oauth_refresh_tokens", ["family_id"])
    op.create_table(
        "oauth_consents",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("given_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_oauth_consents_client_id_clients")),
        sa.PrimaryKeyConstraint("client_id", "user_id", name=op.f("pk_oauth_consents")),
    )
    op.add_column("access_tokens", sa.Column("user_id", sa.Text(), nullable=True))
    op.add_column("access_tokens", sa.Column("family_id", sa.Text(), nullable=True))
    op.add_column("access_tokens", sa.Column("revoked_at", TIME, nullable=True))
    op.create_index(op.f("ix_access_tokens_family_id"), "access_tokens", ["family_id"])


def downgrade() -> None:
    """To 0030; tokens of people end, applications keep theirs."""
    op.execute("DELETE FROM access_tokens WHERE user_id IS NOT NULL OR revoked_at IS NOT NULL")
    op.drop_index(op.f("ix_access_tokens_family_id"), "access_tokens")
    for column in ("revoked_at", "family_id", "user_id"):
        op.drop_column("access_tokens", column)
    for table in (
        "oauth_consents",
        "oauth_refresh_tokens",
        "oauth_families",
        "oauth_transactions",
        "oauth_pushed_requests",
    ):
        op.drop_table(table)
