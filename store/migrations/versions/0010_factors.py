"""Requests for consent; factors with counters, codes, links, logins and messages; a reset of factors needs two people.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from store.base import UtcTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TIME = UtcTime()
SHA256 = sa.String(length=64)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BEFORE = "kind IN ('enrolment', 'bulk-revocation', 'release', 'profile', 'ca-operation')"
AFTER = "kind IN ('enrolment', 'bulk-revocation', 'release', 'factor-reset', 'profile', 'ca-operation')"


def upgrade() -> None:
    """From 0009."""
    _approvals(AFTER)
    _requests()
    _factors()


def _approvals(kinds: str) -> None:
    with op.batch_alter_table("approvals") as table:
        table.drop_constraint(op.f("ck_approvals_kind"), type_="check")
        table.create_check_constraint(op.f("ck_approvals_kind"), sa.text(kinds))


def _requests() -> None:
    op.create_table(
        "activation_requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("link_sha256", SHA256, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("opened_at", TIME, nullable=True),
        sa.Column("session_sha256", SHA256, nullable=True),
        sa.Column("factor", sa.String(length=16), nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(state = 'granted') = (factor IS NOT NULL)", name=op.f("ck_activation_requests_granted_has_factor")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'granted', 'denied', 'ended')", name=op.f("ck_activation_requests_state")
        ),
        sa.CheckConstraint(
            "(session_sha256 IS NULL) = (opened_at IS NULL)", name=op.f("ck_activation_requests_opened_has_session")
        ),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_activation_requests_tries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activation_requests")),
        sa.UniqueConstraint("link_sha256", name=op.f("uq_activation_requests_link_sha256")),
    )
    op.create_index("ix_activation_requests_expires_at", "activation_requests", ["expires_at"])
    op.create_table(
        "activation_documents",
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", SHA256, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("wish", JSON, nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("arrived_at", TIME, nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(pages IS NULL) = (arrived_at IS NULL)", name=op.f("ck_activation_documents_arrived_has_pages")
        ),
        sa.CheckConstraint("code IS NULL OR failure IS NULL", name=op.f("ck_activation_documents_one_outcome")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["activation_requests.id"],
            name=op.f("fk_activation_documents_request_id_activation_requests"),
        ),
        sa.PrimaryKeyConstraint("request_id", "position", name=op.f("pk_activation_documents")),
        sa.UniqueConstraint("request_id", "digest", name=op.f("uq_activation_documents_request_id")),
    )


def _factors() -> None:
    op.create_table(
        "factor_counters",
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("waits_until", TIME, nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('totp', 'passkey', 'recovery-code', 'sign-in')", name=op.f("ck_factor_counters_kind")
        ),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_factor_counters_failures")),
        sa.PrimaryKeyConstraint("signatory_id", "kind", name=op.f("pk_factor_counters")),
    )
    op.create_table(
        "factor_links",
        sa.Column("token_sha256", SHA256, nullable=False),
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_factor_links")),
    )
    op.create_index(op.f("ix_factor_links_signatory_id"), "factor_links", ["signatory_id"])
    op.create_table(
        "factor_notices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", TIME, nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.CheckConstraint(
            "event IN ('factor-added', 'factor-removed', 'factor-locked', 'factor-unlocked', 'passkey-cloned', "
            "'recovery-codes-made', 'recovery-code-used', 'factors-reset')",
            name=op.f("ck_factor_notices_event"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_notices")),
    )
    op.create_index(
        "ix_factor_notices_waiting",
        "factor_notices",
        ["next_attempt_at"],
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.create_table(
        "factors",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("added_at", TIME, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("nonce", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("pepper_label", sa.Text(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("credential_id", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("sign_count", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(kind = 'passkey') = (public_key IS NOT NULL)", name=op.f("ck_factors_passkey_has_key")),
        sa.CheckConstraint("(kind = 'totp') = (sealed IS NOT NULL)", name=op.f("ck_factors_totp_has_seed")),
        sa.CheckConstraint("kind IN ('totp', 'passkey')", name=op.f("ck_factors_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factors")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_factors_credential_id")),
    )
    op.create_index(op.f("ix_factors_signatory_id"), "factors", ["signatory_id"])
    op.create_index(
        "uq_factors_totp",
        "factors",
        ["signatory_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'totp' AND confirmed"),
        postgresql_where=sa.text("kind = 'totp' AND confirmed"),
    )
    op.create_table(
        "person_sessions",
        sa.Column("token_sha256", SHA256, nullable=False),
        sa.Column("signatory_id", sa.Text(), nullable=True),
        sa.Column("signed_in_by", sa.String(length=16), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("confirmed_until", TIME, nullable=True),
        sa.Column("challenge", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(signed_in_by = 'nobody') = (signatory_id IS NULL)", name=op.f("ck_person_sessions_somebody_has_name")
        ),
        sa.CheckConstraint(
            "signed_in_by IN ('nobody', 'link', 'totp', 'passkey', 'recovery-code')",
            name=op.f("ck_person_sessions_signed_in_by"),
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_person_sessions")),
    )
    op.create_index(op.f("ix_person_sessions_expires_at"), "person_sessions", ["expires_at"])
    op.create_index(op.f("ix_person_sessions_signatory_id"), "person_sessions", ["signatory_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("code_sha256", SHA256, nullable=False),
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("code_sha256", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_signatory_id"), "recovery_codes", ["signatory_id"])


def downgrade() -> None:
    """To 0009; every second factor has to be enrolled anew, and proposals to reset some are forgotten."""
    for table in (
        "activation_documents",
        "activation_requests",
        "recovery_codes",
        "person_sessions",
        "factors",
        "factor_notices",
        "factor_links",
        "factor_counters",
    ):
        op.drop_table(table)
    op.execute(sa.text("DELETE FROM approvals WHERE kind = 'factor-reset'"))
    _approvals(BEFORE)
