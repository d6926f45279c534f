"""Everything that version 0.1 remembers; audit entries can be appended and nothing else.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from store.migrations.append_only import add_triggers, drop_triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SERIAL = sa.LargeBinary(20)
SHA256 = sa.String(64)
WORDS = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """From an empty database."""
    op.create_table(
        "activations",
        sa.Column("handle_sha256", SHA256, nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("factors", WORDS, nullable=False),
        sa.Column("granted_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("handle_sha256", name=op.f("pk_activations")),
    )
    op.create_table(
        "audit_entries",
        sa.Column(
            "sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("time", sa.String(length=27), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("software", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous", SHA256, nullable=False),
        sa.Column("hash", SHA256, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_entries")),
    )
    op.create_index(op.f("ix_audit_entries_object"), "audit_entries", ["object"])
    op.create_index(op.f("ix_audit_entries_time"), "audit_entries", ["time"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", SHA256, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "certificates",
        sa.Column("issuer_id", sa.Text(), nullable=False),
        sa.Column("serial", SERIAL, nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reserved_at", TIME, nullable=False),
        sa.Column("tbs", sa.LargeBinary(), nullable=True),
        sa.Column("tbs_sha256", SHA256, nullable=True),
        sa.Column("linters", sa.Text(), nullable=True),
        sa.Column("der", sa.LargeBinary(), nullable=True),
        sa.Column("spki_sha256", SHA256, nullable=True),
        sa.Column("not_before", TIME, nullable=True),
        sa.Column("not_after", TIME, nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("invalidity_date", TIME, nullable=True),
        sa.CheckConstraint(
            "state IN ('reserved', 'prepared', 'issued', 'held', 'revoked', 'abandoned')",
            name=op.f("ck_certificates_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('held', 'revoked') OR revoked_at IS NOT NULL", name=op.f("ck_certificates_revoked_has_time")
        ),
        sa.CheckConstraint(
            "state NOT IN ('issued', 'held', 'revoked') OR der IS NOT NULL", name=op.f("ck_certificates_issued_has_der")
        ),
        sa.PrimaryKeyConstraint("issuer_id", "serial", name=op.f("pk_certificates")),
    )
    op.create_index(
        "ix_certificates_crl",
        "certificates",
        ["issuer_id", "serial"],
        sqlite_where=sa.text("revoked_at IS NOT NULL"),
        postgresql_where=sa.text("revoked_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_certificates_spki_sha256"), "certificates", ["spki_sha256"])
    op.create_index("ix_certificates_state", "certificates", ["state", "reserved_at"])
    op.create_table(
        "clients",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", WORDS, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("secret_sha256", SHA256, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_clients_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
    )
    op.create_table(
        "credentials",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("guessed_out", sa.Boolean(), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until", TIME, nullable=True),
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("signatory_name", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("organisation_identifier", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("surname", sa.Text(), nullable=True),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("argon2_memory_kib", sa.Integer(), nullable=False),
        sa.Column("argon2_passes", sa.Integer(), nullable=False),
        sa.Column("argon2_lanes", sa.Integer(), nullable=False),
        sa.Column("layer_version", sa.Integer(), nullable=False),
        sa.Column("pepper_label", sa.Text(), nullable=False),
        sa.Column("kek_label", sa.Text(), nullable=False),
        sa.Column("wrap_mechanism", sa.BigInteger(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("state IN ('active', 'suspended', 'revoked', 'retired')", name=op.f("ck_credentials_state")),
        sa.CheckConstraint("failed_attempts >= 0", name=op.f("ck_credentials_failed_attempts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("key_id", name=op.f("uq_credentials_key_id")),
    )
    op.create_index(op.f("ix_credentials_signatory_id"), "credentials", ["signatory_id"])
    op.create_index("ix_credentials_state", "credentials", ["state", "id"])
    op.create_table(
        "crl_numbers",
        sa.Column("issuer_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issuer_id", name=op.f("pk_crl_numbers")),
    )
    op.create_table(
        "crls",
        sa.Column("issuer_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("this_update", TIME, nullable=False),
        sa.Column("next_update", TIME, nullable=False),
        sa.Column("sha256", SHA256, nullable=False),
        sa.PrimaryKeyConstraint("issuer_id", "number", name=op.f("pk_crls")),
    )
    op.create_table(
        "signatures",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("short", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("signatory_name", sa.Text(), nullable=False),
        sa.Column("certificate_serial", SERIAL, nullable=False),
        sa.Column("input_sha256", SHA256, nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("office", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("rank", sa.Text(), nullable=True),
        sa.Column("on_behalf", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("secrecy", sa.String(length=16), nullable=False),
        sa.Column("preview", sa.Boolean(), nullable=False),
        sa.Column("reserved_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("document_sha256", SHA256, nullable=True),
        sa.Column("document_size", sa.BigInteger(), nullable=True),
        sa.Column("page_count", sa.Integer(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name=op.f("ck_signatures_failed_has_reason")),
        sa.CheckConstraint("(state = 'reserved') = (ended_at IS NULL)", name=op.f("ck_signatures_ended_has_time")),
        sa.CheckConstraint(
            "(state = 'signed') = (document_sha256 IS NOT NULL)", name=op.f("ck_signatures_signed_has_document")
        ),
        sa.CheckConstraint("level IN ('B-B', 'B-T', 'B-LT', 'B-LTA')", name=op.f("ck_signatures_level")),
        sa.CheckConstraint(
            "secrecy IN ('biasa', 'terbatas', 'rahasia', 'sangat rahasia')", name=op.f("ck_signatures_secrecy")
        ),
        sa.CheckConstraint("state IN ('reserved', 'signed', 'failed')", name=op.f("ck_signatures_state")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_signatures")),
        sa.UniqueConstraint("short", name=op.f("uq_signatures_short")),
    )
    op.create_index(op.f("ix_signatures_document_sha256"), "signatures", ["document_sha256"])
    op.create_index(
        "ix_signatures_reserved",
        "signatures",
        ["reserved_at"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "timestamps",
        sa.Column("serial", SERIAL, nullable=False),
        sa.Column("imprint", sa.LargeBinary(), nullable=False),
        sa.Column("hash_algorithm", sa.Text(), nullable=False),
        sa.Column("gen_time", TIME, nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("tsu_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_timestamps")),
    )
    op.create_table(
        "access_tokens",
        sa.Column("token_sha256", SHA256, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("scopes", WORDS, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_access_tokens_client_id_clients")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_access_tokens")),
    )
    op.create_index(op.f("ix_access_tokens_client_id"), "access_tokens", ["client_id"])
    op.create_index(op.f("ix_access_tokens_expires_at"), "access_tokens", ["expires_at"])
    op.create_table(
        "activation_digests",
        sa.Column("handle_sha256", SHA256, nullable=False),
        sa.Column("digest", SHA256, nullable=False),
        sa.Column("spent_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["handle_sha256"],
            ["activations.handle_sha256"],
            name=op.f("fk_activation_digests_handle_sha256_activations"),
        ),
        sa.PrimaryKeyConstraint("handle_sha256", "digest", name=op.f("pk_activation_digests")),
    )
    op.bulk_insert(
        sa.table("audit_head", sa.column("id"), sa.column("sequence"), sa.column("hash")),
        [{"id": 1, "sequence": 0, "hash": "00" * 32}],
    )
    add_triggers(op.get_bind())


def downgrade() -> None:
    """To an empty database; children before parents."""
    drop_triggers(op.get_bind())
    op.drop_table("activation_digests")
    op.drop_table("access_tokens")
    op.drop_table("timestamps")
    op.drop_table("signatures")
    op.drop_table("crls")
    op.drop_table("crl_numbers")
    op.drop_table("credentials")
    op.drop_table("clients")
    op.drop_table("certificates")
    op.drop_table("audit_head")
    op.drop_table("audit_entries")
    op.drop_table("activations")
