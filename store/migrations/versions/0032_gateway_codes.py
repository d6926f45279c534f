"""The gateway: requests for enrolment, and codes of seals.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

from store.base import UtcTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TIME = UtcTime()
OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    """From 0031."""
    op.create_table(
        "enrolment_requests",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("folded_email", sa.Text(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_requests")),
    )
    op.create_index(
        "uq_enrolment_requests_open",
        "enrolment_requests",
        ["folded_email"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_enrolment_requests_client_id", "enrolment_requests", ["client_id", "closed_at"])
    op.create_table(
        "seal_codes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("permission_id", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("used_for", sa.String(length=64), nullable=True),
        sa.CheckConstraint("kind IN ('activation', 'sealing')", name=op.f("ck_seal_codes_kind")),
        sa.CheckConstraint("wrong >= 0", name=op.f("ck_seal_codes_wrong")),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credentials.id"], name=op.f("fk_seal_codes_credential_id_credentials")
        ),
        sa.ForeignKeyConstraint(
            ["permission_id"], ["seal_permissions.id"], name=op.f("fk_seal_codes_permission_id_seal_permissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_codes")),
    )
    op.create_index("ix_seal_codes_whose", "seal_codes", ["user_name", "credential_id", "kind", "made_at"])
    op.create_index("ix_seal_codes_expires_at", "seal_codes", ["expires_at"])


def downgrade() -> None:
    """To 0031; requests for enrolment that wait are lost, and codes of seals end."""
    for table in ("seal_codes", "enrolment_requests"):
        op.drop_table(table)
