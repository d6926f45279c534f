"""How applications authenticate, where answers to them may go, and from where they come.

Revision ID: 0030
Revises: 0029
"""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from store.base import UtcTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_SO_FAR: Final[dict[str, list[str]]] = {
    "auth_methods": ["client_secret_basic", "client_secret_post"],
    "grants": ["client_credentials"],
    "redirect_uris": [],
    "jwks": [],
    "networks": [],
}
"""What every client so far is: one with a secret, which asks for itself, from anywhere."""


def upgrade() -> None:
    """From 0029."""
    with op.batch_alter_table("clients") as table:
        for name in _SO_FAR:
            table.add_column(sa.Column(name, JSON, nullable=True))
        table.add_column(sa.Column("tls_subject", sa.Text(), nullable=True))
        table.add_column(sa.Column("tls_thumbprint", sa.String(length=64), nullable=True))
        table.alter_column("secret_sha256", existing_type=sa.String(length=64), nullable=True)
    columns: list[sa.ColumnClause[Any]] = [sa.column(name, JSON) for name in _SO_FAR]
    op.execute(sa.update(sa.table("clients", *columns)).values(_SO_FAR))
    with op.batch_alter_table("clients") as table:
        for name in _SO_FAR:
            table.alter_column(name, existing_type=JSON, nullable=False)
    op.create_table(
        "client_assertions",
        sa.Column("assertion_sha256", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("assertion_sha256", name=op.f("pk_client_assertions")),
    )
    op.create_index(op.f("ix_client_assertions_expires_at"), "client_assertions", ["expires_at"])


def downgrade() -> None:
    """To 0029; whoever has no secret gets one that nobody knows."""
    op.drop_table("client_assertions")
    op.execute(sa.text(f"UPDATE clients SET secret_sha256 = '{'0' * 64}' WHERE secret_sha256 IS NULL"))  # noqa: S608
    with op.batch_alter_table("clients") as table:
        table.alter_column("secret_sha256", existing_type=sa.String(length=64), nullable=False)
        for name in ("tls_thumbprint", "tls_subject", *reversed(_SO_FAR)):
            table.drop_column(name)
