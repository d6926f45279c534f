"""Later versions of signed documents, and when each has to be renewed.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from store.base import UtcTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TIME = UtcTime()
SHA256 = sa.String(length=64)


def upgrade() -> None:
    """From 0016; what was signed at B-LT or B-LTA before is looked after as well."""
    op.create_table(
        "document_versions",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", SHA256, nullable=False),
        sa.Column("previous", SHA256, nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.CheckConstraint("level IN ('B-B', 'B-T', 'B-LT', 'B-LTA')", name=op.f("ck_document_versions_level")),
        sa.CheckConstraint("reason IN ('augmentation', 'renewal')", name=op.f("ck_document_versions_reason")),
        sa.CheckConstraint("number > 0", name=op.f("ck_document_versions_number")),
        sa.ForeignKeyConstraint(["token"], ["signatures.token"], name=op.f("fk_document_versions_token_signatures")),
        sa.PrimaryKeyConstraint("token", "number", name=op.f("pk_document_versions")),
    )
    op.create_index(op.f("ix_document_versions_sha256"), "document_versions", ["sha256"])
    op.create_table(
        "archived_documents",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("sha256", SHA256, nullable=False),
        sa.Column("good_until", TIME, nullable=True),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", TIME, nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(good_until IS NULL) = (policy IS NULL)", name=op.f("ck_archived_documents_examined_by_policy")
        ),
        sa.ForeignKeyConstraint(["token"], ["signatures.token"], name=op.f("fk_archived_documents_token_signatures")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_archived_documents")),
    )
    op.create_index("ix_archived_documents_due", "archived_documents", ["due_at", "next_attempt_at"])
    op.create_index("ix_archived_documents_policy", "archived_documents", ["policy", "next_attempt_at"])
    op.execute(
        sa.text(
            "INSERT INTO archived_documents (token, sha256, attempts, next_attempt_at) "
            "SELECT token, document_sha256, 0, ended_at FROM signatures "
            "WHERE state = 'signed' AND level IN ('B-LT', 'B-LTA')"
        )
    )


def downgrade() -> None:
    """Back to 0016; later versions stay in the vault, and nobody knows of them any more."""
    op.drop_table("archived_documents")
    op.drop_table("document_versions")
