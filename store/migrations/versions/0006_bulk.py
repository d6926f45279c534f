"""Imports, notices, and certificates of other issuers.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from store.base import UtcTime
from store.errors import DatabaseMisconfigured

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = UtcTime()
SHA256 = sa.String(length=64)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BEFORE = "state IN ('active', 'suspended', 'revoked', 'retired')"
AFTER = "state IN ('active', 'suspended', 'revoked', 'retired', 'awaiting certificate')"


def upgrade() -> None:
    """From 0005."""
    with op.batch_alter_table("credentials") as table:
        table.drop_constraint(op.f("ck_credentials_state"), type_="check")
        table.alter_column("state", existing_type=sa.String(length=16), type_=sa.String(length=32))
        table.create_check_constraint(op.f("ck_credentials_state"), sa.text(AFTER))
    _imports()
    _people()
    _foreign()


def _imports() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", SHA256, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("file_sha256", name=op.f("uq_imports_file_sha256")),
    )
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("changed_at", TIME, nullable=False),
        sa.CheckConstraint("kind IN ('official', 'transfer', 'acting')", name=op.f("ck_import_rows_kind")),
        sa.CheckConstraint(
            "state IN ('waiting', 'reserved', 'registered', 'done', 'failed')", name=op.f("ck_import_rows_state")
        ),
        sa.CheckConstraint("(state = 'failed') = (reason IS NOT NULL)", name=op.f("ck_import_rows_failed_has_reason")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_rows_import_id_imports")),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_rows")),
    )
    op.create_index("ix_import_rows_state", "import_rows", ["import_id", "state", "number"])


def _people() -> None:
    op.create_table(
        "acting_appointments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.CheckConstraint("form IN ('plt', 'plh', 'pj', 'pjs')", name=op.f("ck_acting_appointments_form")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_acting_appointments_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acting_appointments")),
    )
    op.create_index(op.f("ix_acting_appointments_signatory_id"), "acting_appointments", ["signatory_id"])
    op.create_table(
        "contacts",
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("signatory_id", name=op.f("pk_contacts")),
    )
    op.create_table(
        "notices",
        sa.Column("certificate_sha256", SHA256, nullable=False),
        sa.Column("step_days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", TIME, nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('sending', 'sent', 'failed')", name=op.f("ck_notices_state")),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_notices_sent_has_time")),
        sa.PrimaryKeyConstraint("certificate_sha256", "step_days", "channel", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_state", "notices", ["state", "next_attempt_at"])


def _foreign() -> None:
    op.create_table(
        "foreign_requests",
        sa.Column("spki_sha256", SHA256, nullable=False),
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("csr", sa.LargeBinary(), nullable=False),
        sa.Column("requested_at", TIME, nullable=False),
        sa.Column("exported_at", TIME, nullable=True),
        sa.Column("answered_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("spki_sha256", name=op.f("pk_foreign_requests")),
    )
    op.create_table(
        "foreign_answers",
        sa.Column("leaf_sha256", SHA256, nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("received", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("differences", JSON, nullable=False),
        sa.Column("findings", JSON, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('accepted', 'undecided', 'refused')", name=op.f("ck_foreign_answers_state")),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL)", name=op.f("ck_foreign_answers_decided_has_time")
        ),
        sa.PrimaryKeyConstraint("leaf_sha256", name=op.f("pk_foreign_answers")),
    )
    op.create_index(op.f("ix_foreign_answers_credential_id"), "foreign_answers", ["credential_id"])
    op.create_table(
        "foreign_revocations",
        sa.Column("certificate_sha256", SHA256, nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("requested_at", TIME, nullable=False),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("certificate_sha256", name=op.f("pk_foreign_revocations")),
    )
    op.create_table(
        "foreign_status",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("this_update", TIME, nullable=False),
        sa.Column("next_update", TIME, nullable=False),
        sa.Column("fetched_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("url", "about", name=op.f("pk_foreign_status")),
    )


def downgrade() -> None:
    """Back to 0005; refused while a credential awaits a certificate: 0005 knows no such state, and its key is here."""
    waiting = sa.text("SELECT count(*) FROM credentials WHERE state = 'awaiting certificate'")
    if count := op.get_bind().execute(waiting).scalar_one():
        raise DatabaseMisconfigured(
            f"{count} credential(s) await a certificate of another CA: import the answers, or revoke them, first"
        )
    for name in (
        "foreign_status",
        "foreign_revocations",
        "foreign_answers",
        "foreign_requests",
        "notices",
        "contacts",
        "acting_appointments",
        "import_rows",
        "imports",
    ):
        op.drop_table(name)
    with op.batch_alter_table("credentials") as table:
        table.drop_constraint(op.f("ck_credentials_state"), type_="check")
        table.alter_column("state", existing_type=sa.String(length=32), type_=sa.String(length=16))
        table.create_check_constraint(op.f("ck_credentials_state"), sa.text(BEFORE))
