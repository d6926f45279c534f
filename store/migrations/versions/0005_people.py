"""Staff, officials, registrations, approvals and one-time links; officials of existing credentials become searchable.

Revision ID: 0005
Revises: 0004
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from cryptography import x509

from store.base import UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = UtcTime()
SERIAL = sa.LargeBinary(20)
SHA256 = sa.String(64)
OPEN = sa.text("state IN ('proposed', 'approved')")
ACTIVE = sa.text("disabled_at IS NULL")


_NAMES = ("organisation", "organisation_identifier", "unit", "surname")
_CREDENTIALS: Any = (
    sa.select(
        *(sa.column(each) for each in ("id", "signatory_id", "signatory_name", "chain", *_NAMES)),
        sa.column("created_at", TIME),
    )
    .select_from(sa.table("credentials"))
    .order_by(sa.column("created_at"))
)
_OFFICIALS = sa.table(
    "officials",
    *(sa.column(each) for each in ("signatory_id", "name", "credential_id", *_NAMES)),
    *(sa.column(each) for each in ("folded_name", "folded_unit", "folded_organisation")),
    sa.column("created_at", TIME),
)
_CERTIFICATES = sa.table(
    "credential_certificates",
    *(sa.column(each) for each in ("serial", "credential_id", "signatory_id")),
    sa.column("not_after", TIME),
)


def _signatory() -> list[sa.Column[str]]:
    return [
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("organisation_identifier", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("surname", sa.Text(), nullable=True),
    ]


def upgrade() -> None:
    """From 0004."""
    op.create_table(
        "staff",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("identity_hash", SHA256, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("disabled_at", TIME, nullable=True),
        sa.CheckConstraint(
            "role IN ('administrator', 'registrar', 'approver', 'auditor', 'custodian')", name=op.f("ck_staff_role")
        ),
        sa.ForeignKeyConstraint(["id"], ["clients.id"], name=op.f("fk_staff_id_clients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
    )
    op.create_index(
        "uq_staff_person", "staff", ["identity_hash"], unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE
    )
    op.create_table(
        "officials",
        sa.Column("signatory_id", sa.Text(), nullable=False),
        *_signatory(),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.Column("folded_unit", sa.Text(), nullable=False),
        sa.Column("folded_organisation", sa.Text(), nullable=False),
        sa.Column("nik_hash", SHA256, nullable=True),
        sa.Column("nip_hash", SHA256, nullable=True),
        sa.Column("registration_state", sa.String(16), nullable=True),
        sa.Column("credential_id", sa.Text(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint(
            "registration_state IN ('proposed', 'approved', 'rejected', 'completed')",
            name=op.f("ck_officials_registration_state"),
        ),
        sa.PrimaryKeyConstraint("signatory_id", name=op.f("pk_officials")),
        sa.UniqueConstraint("nik_hash", name=op.f("uq_officials_nik_hash")),
        sa.UniqueConstraint("nip_hash", name=op.f("uq_officials_nip_hash")),
    )
    op.create_index(
        "ix_officials_name", "officials", ["folded_name", "signatory_id", "folded_unit", "folded_organisation"]
    )
    op.create_index("ix_officials_registration", "officials", ["registration_state", "credential_id"])
    op.create_index(op.f("ix_officials_credential_id"), "officials", ["credential_id"])
    op.create_table(
        "credential_certificates",
        sa.Column("serial", SERIAL, nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("signatory_id", sa.Text(), nullable=False),
        sa.Column("not_after", TIME, nullable=False),
        sa.PrimaryKeyConstraint("serial", "credential_id", name=op.f("pk_credential_certificates")),
    )
    op.create_index(op.f("ix_credential_certificates_credential_id"), "credential_certificates", ["credential_id"])
    op.create_index(op.f("ix_credential_certificates_not_after"), "credential_certificates", ["not_after"])
    op.create_table(
        "approvals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposer_identity", SHA256, nullable=False),
        sa.Column("proposed_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('enrolment', 'bulk-revocation', 'release', 'profile', 'ca-operation')",
            name=op.f("ck_approvals_kind"),
        ),
        sa.CheckConstraint("state IN ('proposed', 'approved', 'rejected', 'used')", name=op.f("ck_approvals_state")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_approvals_four_eyes")),
        sa.CheckConstraint("(state = 'proposed') = (decided_by IS NULL)", name=op.f("ck_approvals_decided_has_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index("ix_approvals_state", "approvals", ["state", "id"])
    op.create_table(
        "registrations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("signatory_id", sa.Text(), nullable=False),
        *_signatory(),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", TIME, nullable=False),
        sa.Column("approval_id", sa.Text(), nullable=True),
        sa.Column("replaces", sa.Text(), nullable=True),
        sa.Column("credential_id", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('enrolment', 'renewal', 'lost-passphrase', 'transfer')",
            name=op.f("ck_registrations_purpose"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'rejected', 'completed')", name=op.f("ck_registrations_state")
        ),
        sa.CheckConstraint(
            "(state = 'completed') = (credential_id IS NOT NULL)",
            name=op.f("ck_registrations_completed_has_credential"),
        ),
        sa.ForeignKeyConstraint(
            ["signatory_id"], ["officials.signatory_id"], name=op.f("fk_registrations_signatory_id_officials")
        ),
        sa.ForeignKeyConstraint(["approval_id"], ["approvals.id"], name=op.f("fk_registrations_approval_id_approvals")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
    )
    op.create_index(
        "uq_registrations_open",
        "registrations",
        ["signatory_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_registrations_state", "registrations", ["state", "id"])
    op.create_index(op.f("ix_registrations_approval_id"), "registrations", ["approval_id"])
    op.create_table(
        "enrolment_links",
        sa.Column("token_sha256", SHA256, nullable=False),
        sa.Column("registration_id", sa.Text(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_enrolment_links_registration_id_registrations")
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_enrolment_links")),
    )
    op.create_index(op.f("ix_enrolment_links_registration_id"), "enrolment_links", ["registration_id"])
    _make_searchable(op.get_bind())


def _make_searchable(connection: sa.Connection) -> None:
    """Officials of the credentials that are there already; the newest credential is the current one."""
    known: set[str] = set()
    for row in connection.execute(_CREDENTIALS).mappings().all():
        names = {name: row[name] for name in _NAMES}
        official = {
            "name": row["signatory_name"],
            **names,
            "folded_name": _folded(row["signatory_name"]),
            "folded_unit": _folded(row["unit"] or ""),
            "folded_organisation": _folded(row["organisation"]),
            "credential_id": row["id"],
        }
        if row["signatory_id"] in known:
            theirs = _OFFICIALS.c.signatory_id == row["signatory_id"]
            connection.execute(sa.update(_OFFICIALS).where(theirs).values(official))
        else:
            created = {"signatory_id": row["signatory_id"], "created_at": row["created_at"]}
            connection.execute(sa.insert(_OFFICIALS).values(official | created))
            known.add(row["signatory_id"])
        connection.execute(sa.insert(_CERTIFICATES).values(_certificate(row)))


def _certificate(row: sa.RowMapping) -> dict[str, Any]:
    chain = row["chain"]
    octets = chain[1] & 0x7F  # a certificate always needs the long form of a length (X.690, 8.1.3)
    leaf = x509.load_der_x509_certificate(chain[: 2 + octets + int.from_bytes(chain[2 : 2 + octets], "big")])
    return {
        "serial": leaf.serial_number.to_bytes(20, "big"),
        "credential_id": row["id"],
        "signatory_id": row["signatory_id"],
        "not_after": leaf.not_valid_after_utc,
    }


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def downgrade() -> None:
    """Back to 0004."""
    for table in (
        "enrolment_links",
        "registrations",
        "approvals",
        "credential_certificates",
        "officials",
        "staff",
    ):
        op.drop_table(table)
