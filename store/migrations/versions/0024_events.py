"""Events of clients.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from store.base import UtcTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TIME = UtcTime()
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ENDS = sa.text("valid_until IS NOT NULL")


def upgrade() -> None:
    """From 0023."""
    op.add_column("audit_head", sa.Column("events", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "events",
        sa.Column("sequence", NUMBER, autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("data", JSON, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_events")),
        sa.UniqueConstraint("id", name=op.f("uq_events_id")),
    )
    op.create_index("ix_events_client", "events", ["client_id", "sequence"])
    op.create_index(op.f("ix_events_at"), "events", ["at"])
    op.create_table(
        "told_ends",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_told_ends")),
    )
    op.create_index(op.f("ix_told_ends_at"), "told_ends", ["at"])
    op.create_index("ix_signatures_credential", "signatures", ["credential_id", "client_id"])
    op.create_index(
        "ix_signatures_valid_until", "signatures", ["valid_until"], sqlite_where=ENDS, postgresql_where=ENDS
    )


def downgrade() -> None:
    """To 0023; events are lost."""
    op.drop_index("ix_signatures_valid_until", "signatures")
    op.drop_index("ix_signatures_credential", "signatures")
    op.drop_table("told_ends")
    op.drop_table("events")
    op.drop_column("audit_head", "events")
