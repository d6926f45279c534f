"""Tables: staff, officials, registrations, approvals and one-time links. Nothing of it leaves `store`."""

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from signer.people import ApprovalKind, ApprovalState, Purpose, RegistrationState, Role
from store.base import Base, SerialNumber, one_of

_SHA256: Final = String(64)
_OPEN: Final = text("state IN ('proposed', 'approved')")
_ACTIVE: Final = text("disabled_at IS NULL")


class StaffRow(Base):
    """One person who works here. Name, secret and scopes stand in the client of the same id."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint(one_of("role", Role), name="role"),
        Index("uq_staff_person", "identity_hash", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
    )

    id: Mapped[str] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    identity_hash: Mapped[str] = mapped_column(_SHA256)
    """Keyed hash of NIP or NIK: a person has one active account, and so one role."""
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    password: Mapped[str | None] = mapped_column(Text)
    """Argon2id, as a PHC string; `NULL`: no login with a password."""


class StaffLinkRow(Base):
    """One one-time link at which a member of staff gets a secret, as its hash."""

    __tablename__ = "staff_links"

    token_sha256: Mapped[str] = mapped_column(_SHA256, primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class OfficialRow(Base):
    """One official, registered or enrolled; what is searched."""

    __tablename__ = "officials"
    __table_args__ = (
        CheckConstraint(one_of("registration_state", RegistrationState), name="registration_state"),
        # it holds all that is searched by, so that a search reads no rows but those of its page
        Index("ix_officials_name", "folded_name", "signatory_id", "folded_unit", "folded_organisation"),
        Index("ix_officials_registration", "registration_state", "credential_id"),
    )

    signatory_id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    organisation: Mapped[str] = mapped_column(Text)
    organisation_identifier: Mapped[str] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(Text)
    surname: Mapped[str | None] = mapped_column(Text)
    folded_name: Mapped[str] = mapped_column(Text)
    folded_unit: Mapped[str] = mapped_column(Text)
    folded_organisation: Mapped[str] = mapped_column(Text)
    nik_hash: Mapped[str | None] = mapped_column(_SHA256, unique=True)
    nip_hash: Mapped[str | None] = mapped_column(_SHA256, unique=True)
    registration_state: Mapped[str | None] = mapped_column(String(16))
    """Of the newest registration."""
    credential_id: Mapped[str | None] = mapped_column(Text, index=True)
    """The current one: the newest that has a certificate, or the first that waits for one."""
    created_at: Mapped[datetime]


class CredentialCertificateRow(Base):
    """Which credential a certificate belongs to; also of those that ended."""

    __tablename__ = "credential_certificates"

    serial: Mapped[int] = mapped_column(SerialNumber, primary_key=True)
    credential_id: Mapped[str] = mapped_column(Text, primary_key=True, index=True)
    signatory_id: Mapped[str] = mapped_column(Text)
    not_after: Mapped[datetime] = mapped_column(index=True)


class ApprovalRow(Base):
    """What one person proposed and another one decides on."""

    __tablename__ = "approvals"
    __table_args__ = (
        CheckConstraint(one_of("kind", ApprovalKind), name="kind"),
        CheckConstraint(one_of("state", ApprovalState), name="state"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="four_eyes"),
        CheckConstraint("(state = 'proposed') = (decided_by IS NULL)", name="decided_has_person"),
        Index("ix_approvals_state", "state", "id"),
        Index("ix_approvals_object", "object"),
        Index("ix_approvals_proposed_at", "proposed_at", "id"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    object: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    proposed_by: Mapped[str] = mapped_column(Text)
    proposer_identity: Mapped[str] = mapped_column(_SHA256)
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(Text)
    subjects: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    """Where `object` is only the hash of a list, the list."""


class ProfileChoiceRow(Base):
    """From when on which version of a certificate profile issues; the highest number of a profile is in force."""

    __tablename__ = "profile_choices"

    profile: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    chosen_by: Mapped[str] = mapped_column(Text)
    chosen_at: Mapped[datetime]
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"))


class RegistrationRow(Base):
    """One request that an official gets a certificate."""

    __tablename__ = "registrations"
    __table_args__ = (
        CheckConstraint(one_of("purpose", Purpose), name="purpose"),
        CheckConstraint(one_of("state", RegistrationState), name="state"),
        CheckConstraint("(state = 'completed') = (credential_id IS NOT NULL)", name="completed_has_credential"),
        Index("uq_registrations_open", "signatory_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_registrations_state", "state", "id"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(16))
    signatory_id: Mapped[str] = mapped_column(ForeignKey("officials.signatory_id"))
    name: Mapped[str] = mapped_column(Text)
    organisation: Mapped[str] = mapped_column(Text)
    organisation_identifier: Mapped[str] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(Text)
    surname: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    proposed_by: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime]
    approval_id: Mapped[str | None] = mapped_column(ForeignKey("approvals.id"), index=True)
    replaces: Mapped[str | None] = mapped_column(Text)
    credential_id: Mapped[str | None] = mapped_column(Text)


class EnrolmentLinkRow(Base):
    """One one-time link, as its hash."""

    __tablename__ = "enrolment_links"

    token_sha256: Mapped[str] = mapped_column(_SHA256, primary_key=True)
    registration_id: Mapped[str] = mapped_column(ForeignKey("registrations.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
