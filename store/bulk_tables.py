"""Tables: imports, acting appointments, notices, and the exchange with other issuers. Nothing of it leaves `store`."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from signer.appointments import ActingForm
from signer.bulk.model import RowKind, RowState
from signer.foreign.model import AnswerState
from signer.notices import NoticeState
from store.base import Base, SerialNumber, one_of

_SHA256: Final = String(64)


class ImportRow(Base):
    """One file of officials that was checked and taken in."""

    __tablename__ = "imports"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    file_name: Mapped[str] = mapped_column(Text)
    file_sha256: Mapped[str] = mapped_column(_SHA256, unique=True)
    """The same file is one import, however often it is given."""
    actor: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    approval_id: Mapped[str | None] = mapped_column(ForeignKey("approvals.id"))
    """Under which every row stands approved; without it each row needs one of its own."""


class ImportedRowRow(Base):
    """One row of such a file, and how far it has come."""

    __tablename__ = "import_rows"
    __table_args__ = (
        CheckConstraint(one_of("state", RowState), name="state"),
        CheckConstraint(one_of("kind", RowKind), name="kind"),
        CheckConstraint("(state = 'failed') = (reason IS NOT NULL)", name="failed_has_reason"),
        Index("ix_import_rows_state", "import_id", "state", "number"),
    )

    import_id: Mapped[str] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """As a spreadsheet counts: the heading is row 1."""
    kind: Mapped[str] = mapped_column(String(16))
    content: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str | None] = mapped_column(Text, index=True)
    """What came of it: the id of a registration, a transfer or an appointment."""
    reason: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime]


class AppointmentRow(Base):
    """Somebody acts in an office for a time (Plt., Plh., Pj., Pjs.)."""

    __tablename__ = "acting_appointments"
    __table_args__ = (
        CheckConstraint(one_of("form", ActingForm), name="form"),
        CheckConstraint("starts_on <= ends_on", name="order"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    signatory_id: Mapped[str] = mapped_column(Text, index=True)
    form: Mapped[str] = mapped_column(String(8))
    office: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    actor: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class ContactRow(Base):
    """Where a signatory reads notices."""

    __tablename__ = "contacts"
    __table_args__ = (Index("ix_contacts_folded_email", "folded_email"),)

    signatory_id: Mapped[str] = mapped_column(Text, primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    folded_email: Mapped[str] = mapped_column(Text)
    """The same without case, by which it is found."""
    changed_at: Mapped[datetime]


class NoticeRow(Base):
    """One notice that a certificate ends: once for each certificate, step and channel."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint(one_of("state", NoticeState), name="state"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_time"),
        Index("ix_notices_state", "state", "next_attempt_at"),
    )

    certificate_sha256: Mapped[str] = mapped_column(_SHA256, primary_key=True)
    step_days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    credential_id: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)


class ForeignRequestRow(Base):
    """One request for a certificate of another issuer, by the key that it is for."""

    __tablename__ = "foreign_requests"

    spki_sha256: Mapped[str] = mapped_column(_SHA256, primary_key=True)
    signatory_id: Mapped[str] = mapped_column(Text)
    csr: Mapped[bytes] = mapped_column(LargeBinary)
    requested_at: Mapped[datetime]
    exported_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]


class ForeignAnswerRow(Base):
    """One answer of another issuer, as it came."""

    __tablename__ = "foreign_answers"
    __table_args__ = (
        CheckConstraint(one_of("state", AnswerState), name="state"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_has_time"),
    )

    leaf_sha256: Mapped[str] = mapped_column(_SHA256, primary_key=True)
    """Of the signatory's certificate, DER: it is taken in once."""
    credential_id: Mapped[str] = mapped_column(Text, index=True)
    received: Mapped[bytes] = mapped_column(LargeBinary)
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    """The path that was checked, DER, leaf first, anchor last."""
    state: Mapped[str] = mapped_column(String(16))
    differences: Mapped[list[str]]
    """Where the subject is not what we registered; somebody decides."""
    findings: Mapped[list[str]]
    """What pkilint says; it informs only."""
    received_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)


class ForeignRevocationRow(Base):
    """Asked of another issuer, and whether its status shows it."""

    __tablename__ = "foreign_revocations"

    certificate_sha256: Mapped[str] = mapped_column(_SHA256, primary_key=True)
    serial: Mapped[str] = mapped_column(Text)
    issuer: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime]
    invalid_since: Mapped[datetime | None]
    """From when on the key was not safe."""
    confirmed_at: Mapped[datetime | None]


class ForeignStatusRow(Base):
    """A CRL or an OCSP answer of another issuer, as it was fetched and checked."""

    __tablename__ = "foreign_status"

    url: Mapped[str] = mapped_column(Text, primary_key=True)
    about: Mapped[str] = mapped_column(Text, primary_key=True)
    """SHA-256 of the certificate that an OCSP answer is about; empty for a CRL."""
    der: Mapped[bytes] = mapped_column(LargeBinary)
    this_update: Mapped[datetime]
    next_update: Mapped[datetime]
    fetched_at: Mapped[datetime]
    number: Mapped[int] = mapped_column(unique=True)
    """Grows with every answer that is kept: the highest says whether anything changed."""


class ForeignCertificateRow(Base):
    """A certificate of another issuer whose status matters here: an official's, or one between it and its anchor."""

    __tablename__ = "foreign_certificates"

    sha256: Mapped[str] = mapped_column(_SHA256, primary_key=True)
    credential_id: Mapped[str | None] = mapped_column(Text)
    """Of an official's; none for a CA's."""
    issuer_sha256: Mapped[str] = mapped_column(_SHA256, index=True)
    serial: Mapped[int] = mapped_column(SerialNumber)
    der: Mapped[bytes] = mapped_column(LargeBinary)
    issuer: Mapped[bytes] = mapped_column(LargeBinary)
    """The certificate of its issuer, DER."""


class ForeignAddressRow(Base):
    """Where a status is found, and when it is asked for next."""

    __tablename__ = "foreign_addresses"

    url: Mapped[str] = mapped_column(Text, primary_key=True)
    about: Mapped[str] = mapped_column(Text, primary_key=True)
    certificate_sha256: Mapped[str] = mapped_column(ForeignKey("foreign_certificates.sha256"))
    """The one of those that name it which lives longest."""
    needed_until: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    failure: Mapped[str | None] = mapped_column(Text)
