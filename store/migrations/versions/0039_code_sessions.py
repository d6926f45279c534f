"""Sessions in which applications sign with codes; addresses of people found in any case.

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

from store.base import UtcTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

TIME = UtcTime()
OPEN = sa.text("ended_at IS NULL")
BEFORE = (
    "event IN ('factor-added', 'factor-removed', 'factor-locked', 'factor-unlocked', 'passkey-cloned', "
    "'recovery-codes-made', 'recovery-code-used', 'factors-reset')"
)
AFTER = BEFORE[:-1] + ", 'code-session-opened', 'code-session-used', 'code-session-ended')"


def upgrade() -> None:
    """From 0038."""
    with op.batch_alter_table("api_credentials") as table:
        table.add_column(sa.Column("codes", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("factor_notices") as table:
        table.drop_constraint(op.f("ck_factor_notices_event"), type_="check")
        table.create_check_constraint(op.f("ck_factor_notices_event"), sa.text(AFTER))
        table.add_column(sa.Column("application", sa.Text(), nullable=True))
        table.add_column(sa.Column("documents", sa.Integer(), nullable=True))
    with op.batch_alter_table("contacts") as table:
        table.add_column(sa.Column("folded_email", sa.Text(), server_default="", nullable=False))
    op.execute(sa.text("UPDATE contacts SET folded_email = lower(trim(email))"))
    with op.batch_alter_table("contacts") as table:
        table.alter_column("folded_email", server_default=None)
    op.create_index("ix_contacts_folded_email", "contacts", ["folded_email"])
    _sessions()
    _codes()


def _sessions() -> None:
    op.create_table(
        "code_sessions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_for", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "ended_for IN ('revoked', 'replaced', 'wrong-codes', 'credential', 'application', 'over')",
            name=op.f("ck_code_sessions_ended_for"),
        ),
        sa.CheckConstraint("0 <= used AND used <= documents", name=op.f("ck_code_sessions_used")),
        sa.CheckConstraint("wrong >= 0", name=op.f("ck_code_sessions_wrong")),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credentials.id"], name=op.f("fk_code_sessions_credential_id_credentials")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_sessions")),
    )
    op.create_index(
        "uq_code_sessions_open",
        "code_sessions",
        ["credential_id", "user_name"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_code_sessions_signatory_id", "code_sessions", ["signatory_id", "opened_at"])
    op.create_index(
        "ix_code_sessions_user_name", "code_sessions", ["user_name"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("ix_code_sessions_expires_at", "code_sessions", ["expires_at"])
    op.create_table(
        "code_session_keys",
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("pepper_label", sa.Text(), nullable=False),
        sa.Column("kek_label", sa.Text(), nullable=False),
        sa.Column("wrap_mechanism", sa.BigInteger(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("secret_nonce", sa.LargeBinary(), nullable=False),
        sa.Column("secret_salt", sa.LargeBinary(), nullable=False),
        sa.Column("secret_pepper_label", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["code_sessions.id"], name=op.f("fk_code_session_keys_session_id_code_sessions")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_code_session_keys")),
    )


def _codes() -> None:
    op.create_table(
        "signing_codes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("used_for", sa.String(length=64), nullable=True),
        sa.Column("signed", sa.Integer(), nullable=True),
        sa.CheckConstraint("wrong >= 0", name=op.f("ck_signing_codes_wrong")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["code_sessions.id"], name=op.f("fk_signing_codes_session_id_code_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_codes")),
    )
    op.create_index("ix_signing_codes_session_id", "signing_codes", ["session_id", "made_at"])


def downgrade() -> None:
    """To 0038; sessions end, and messages about them that wait are lost."""
    for name in ("signing_codes", "code_session_keys", "code_sessions"):
        op.drop_table(name)
    op.drop_index("ix_contacts_folded_email", "contacts")
    with op.batch_alter_table("contacts") as table:
        table.drop_column("folded_email")
    notices = sa.table("factor_notices", sa.column("event"))
    op.execute(notices.delete().where(notices.c.event.like("code-session-%")))
    with op.batch_alter_table("factor_notices") as table:
        table.drop_column("documents")
        table.drop_column("application")
        table.drop_constraint(op.f("ck_factor_notices_event"), type_="check")
        table.create_check_constraint(op.f("ck_factor_notices_event"), sa.text(BEFORE))
    with op.batch_alter_table("api_credentials") as table:
        table.drop_column("codes")
