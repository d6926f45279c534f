"""What is known of a letter, and what becomes of it after it was signed.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from store.base import UtcTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TIME = UtcTime()
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
NEW = ("urgency", "classification", "copies_to", "valid_until", "letter_id", "replaces")
STANDING = sa.text("state <> 'failed'")


def upgrade() -> None:
    """From 0010; each signing so far is a letter of its own."""
    with op.batch_alter_table("signatures") as table:
        table.add_column(sa.Column("urgency", sa.String(length=16), nullable=True))
        table.add_column(sa.Column("classification", sa.Text(), nullable=True))
        table.add_column(sa.Column("copies_to", JSON, nullable=True))
        table.add_column(sa.Column("valid_until", sa.Date(), nullable=True))
        table.add_column(sa.Column("letter_id", sa.Text(), nullable=True))
        table.add_column(sa.Column("replaces", sa.Text(), nullable=True))
    op.execute(sa.text("UPDATE signatures SET urgency = 'biasa', copies_to = '[]', letter_id = token"))
    with op.batch_alter_table("signatures") as table:
        for name, kind in (("urgency", sa.String(length=16)), ("copies_to", JSON), ("letter_id", sa.Text())):
            table.alter_column(name, existing_type=kind, nullable=False)
        table.create_check_constraint(
            op.f("ck_signatures_urgency"), sa.text("urgency IN ('biasa', 'segera', 'sangat segera')")
        )
        table.create_check_constraint(op.f("ck_signatures_replaces_another"), sa.text("replaces <> letter_id"))
    op.create_index(op.f("ix_signatures_letter_id"), "signatures", ["letter_id"])
    op.create_index("ix_signatures_external", "signatures", ["client_id", "external_id", "token"])
    op.create_index(
        "uq_signatures_replaces",
        "signatures",
        ["replaces"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_table(
        "withdrawals",
        sa.Column("letter_id", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.CheckConstraint(
            "reason IN ('wrong-content', 'wrong-signatory', 'duplicate', 'cancelled', 'ordered', 'other')",
            name=op.f("ck_withdrawals_reason"),
        ),
        sa.ForeignKeyConstraint(["token"], ["signatures.token"], name=op.f("fk_withdrawals_token_signatures")),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_withdrawals")),
    )


def downgrade() -> None:
    """To 0010; withdrawals are lost."""
    op.drop_table("withdrawals")
    op.drop_index("uq_signatures_replaces", "signatures")
    op.drop_index("ix_signatures_external", "signatures")
    op.drop_index(op.f("ix_signatures_letter_id"), "signatures")
    with op.batch_alter_table("signatures") as table:
        table.drop_constraint(op.f("ck_signatures_urgency"), type_="check")
        table.drop_constraint(op.f("ck_signatures_replaces_another"), type_="check")
        for name in NEW:
            table.drop_column(name)
