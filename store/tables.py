"""Every table, as rows. They never leave `store`: each module beside this one turns them into the domains' nouns."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ca.model import CertificateState
from signer.model import CredentialState, Secrecy, SignatureLevel, SigningAct, SigningState, Urgency
from store.base import Base, SerialNumber, one_of

HEX_SHA256 = String(64)


class AuditRow(Base):
    """One entry of the trail. Texts throughout, times too: the hash is over these very characters."""

    __tablename__ = "audit_entries"

    sequence: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    time: Mapped[str] = mapped_column(String(27), index=True)
    actor: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    act: Mapped[str] = mapped_column(Text)
    object: Mapped[str] = mapped_column(Text, index=True)
    outcome: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(Text)
    software: Mapped[str] = mapped_column(Text)
    details: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(HEX_SHA256)
    hash: Mapped[str] = mapped_column(HEX_SHA256)


class AuditHeadRow(Base):
    """Where the chain ends: one row, locked by whoever appends."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(HEX_SHA256)
    events: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """How many events there were; their numbers are given under the same lock."""


class CertificateRow(Base):
    """One serial number of one issuer, from its reservation on."""

    __tablename__ = "certificates"

    issuer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    serial: Mapped[int] = mapped_column(SerialNumber, primary_key=True)
    profile: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    reserved_at: Mapped[datetime]
    tbs: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The to-be-signed bytes; present from `prepared` on."""
    tbs_sha256: Mapped[str | None] = mapped_column(HEX_SHA256)
    linters: Mapped[str | None] = mapped_column(Text)
    der: Mapped[bytes | None] = mapped_column(LargeBinary)
    spki_sha256: Mapped[str | None] = mapped_column(HEX_SHA256, index=True)
    not_before: Mapped[datetime | None]
    not_after: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    """Present exactly when the serial belongs on the CRL: revoked, held, or an abandoned intent."""
    reason: Mapped[str | None] = mapped_column(String(32))
    """Name of the `x509.ReasonFlags` member; NULL where unspecified."""
    invalidity_date: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(one_of("state", CertificateState), name="state"),
        CheckConstraint("state NOT IN ('issued', 'held', 'revoked') OR der IS NOT NULL", name="issued_has_der"),
        CheckConstraint("state NOT IN ('held', 'revoked') OR revoked_at IS NOT NULL", name="revoked_has_time"),
        Index("ix_certificates_state", "state", "reserved_at"),
        Index("ix_certificates_status", "issuer_id", "state", "not_after", "serial"),
        Index(
            "ix_certificates_crl",
            "issuer_id",
            "serial",
            sqlite_where=text("revoked_at IS NOT NULL"),
            postgresql_where=text("revoked_at IS NOT NULL"),
        ),
    )


class CrlRow(Base):
    """One CRL, by number."""

    __tablename__ = "crls"

    issuer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    der: Mapped[bytes] = mapped_column(LargeBinary)
    this_update: Mapped[datetime]
    next_update: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(HEX_SHA256)


class CrlNumberRow(Base):
    """The last CRL number that was given out."""

    __tablename__ = "crl_numbers"

    issuer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class TimestampRow(Base):
    """One timestamp token that was or will be released."""

    __tablename__ = "timestamps"

    serial: Mapped[int] = mapped_column(SerialNumber, primary_key=True)
    imprint: Mapped[bytes] = mapped_column(LargeBinary)
    hash_algorithm: Mapped[str] = mapped_column(Text)
    gen_time: Mapped[datetime]
    policy: Mapped[str] = mapped_column(Text)
    tsu_id: Mapped[str] = mapped_column(Text, index=True)


class CredentialRow(Base):
    """Signatory, sealed key, chain and state in one row: they are read together."""

    __tablename__ = "credentials"
    __table_args__ = (
        CheckConstraint(one_of("state", CredentialState), name="state"),
        CheckConstraint("failed_attempts >= 0", name="failed_attempts"),
        Index("ix_credentials_state", "state", "id"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int]
    """Grows with every change of state; a decision taken on an older one does not count."""
    state: Mapped[str] = mapped_column(String(32))
    guessed_out: Mapped[bool]
    """Suspended by wrong passphrases, not by an officer."""
    failed_attempts: Mapped[int]
    locked_until: Mapped[datetime | None]
    signatory_id: Mapped[str] = mapped_column(Text, index=True)
    signatory_name: Mapped[str] = mapped_column(Text)
    organisation: Mapped[str] = mapped_column(Text)
    organisation_identifier: Mapped[str] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(Text)
    surname: Mapped[str | None] = mapped_column(Text)
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    """Certificates, DER, one after the other, leaf first."""
    key_id: Mapped[str] = mapped_column(Text, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    argon2_memory_kib: Mapped[int]
    argon2_passes: Mapped[int]
    argon2_lanes: Mapped[int]
    layer_version: Mapped[int]
    pepper_label: Mapped[str] = mapped_column(Text)
    kek_label: Mapped[str] = mapped_column(Text)
    wrap_mechanism: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]


_SIGNED = text("state = 'signed'")


def _once(name: str, *columns: str) -> Index:
    """One signing that did not fail for each value of `columns`."""
    standing = text("state <> 'failed'")
    return Index(f"uq_signatures_{name}", *columns, unique=True, sqlite_where=standing, postgresql_where=standing)


class SignatureRow(Base):
    """One signing, from its reservation on; the intent and what became of it."""

    __tablename__ = "signatures"

    token: Mapped[str] = mapped_column(Text, primary_key=True)
    short: Mapped[str] = mapped_column(Text, unique=True)
    state: Mapped[str] = mapped_column(String(16))
    credential_id: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    signatory_name: Mapped[str] = mapped_column(Text)
    certificate_serial: Mapped[int] = mapped_column(SerialNumber)
    input_sha256: Mapped[str] = mapped_column(HEX_SHA256)
    level: Mapped[str] = mapped_column(String(8))
    act: Mapped[str] = mapped_column(String(16))
    field_name: Mapped[str | None] = mapped_column(Text)
    """Of the signature field, where it is signed."""
    office: Mapped[str | None] = mapped_column(Text)
    agency: Mapped[str | None] = mapped_column(Text)
    rank: Mapped[str | None] = mapped_column(Text)
    on_behalf: Mapped[str | None] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(Text)
    number: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[str | None] = mapped_column(Text)
    secrecy: Mapped[str] = mapped_column(String(16))
    preview: Mapped[bool]
    urgency: Mapped[str] = mapped_column(String(16))
    classification: Mapped[str | None] = mapped_column(Text)
    copies_to: Mapped[list[str]]
    valid_until: Mapped[date | None] = mapped_column(Date)
    letter_id: Mapped[str] = mapped_column(Text, index=True)
    """Token of the first signing of this letter: several signatures of one client are one letter."""
    flow_id: Mapped[str | None] = mapped_column(Text)
    flow_step: Mapped[int | None]
    flow_revision: Mapped[int | None]
    request_key: Mapped[str | None] = mapped_column(HEX_SHA256)
    replaces: Mapped[str | None] = mapped_column(Text)
    """The `letter_id` of the letter that this one takes the place of."""
    reserved_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    document_sha256: Mapped[str | None] = mapped_column(HEX_SHA256, index=True)
    document_size: Mapped[int | None] = mapped_column(BigInteger)
    page_count: Mapped[int | None]
    failure: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint(one_of("state", SigningState), name="state"),
        CheckConstraint(one_of("level", SignatureLevel), name="level"),
        CheckConstraint(one_of("act", SigningAct), name="act"),
        CheckConstraint(one_of("secrecy", Secrecy), name="secrecy"),
        CheckConstraint(one_of("urgency", Urgency), name="urgency"),
        CheckConstraint("replaces <> letter_id", name="replaces_another"),
        Index("ix_signatures_external", "client_id", "external_id", "token"),
        Index("ix_signatures_credential", "credential_id", "client_id"),
        Index(
            "ix_signatures_valid_until",
            "valid_until",
            sqlite_where=text("valid_until IS NOT NULL"),
            postgresql_where=text("valid_until IS NOT NULL"),
        ),
        CheckConstraint(
            "(flow_id IS NULL) = (flow_step IS NULL) AND (flow_id IS NULL) = (flow_revision IS NULL)", name="flow"
        ),
        _once("flow_step", "flow_id", "flow_step"),
        _once("flow_revision", "flow_id", "flow_revision"),
        _once("request_key", "request_key"),
        _once("replaces", "replaces"),
        CheckConstraint("(state = 'reserved') = (ended_at IS NULL)", name="ended_has_time"),
        CheckConstraint("(state = 'signed') = (document_sha256 IS NOT NULL)", name="signed_has_document"),
        CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="failed_has_reason"),
        Index("ix_signatures_signed", "ended_at", sqlite_where=_SIGNED, postgresql_where=_SIGNED),
        Index(
            "ix_signatures_reserved",
            "reserved_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class ClientRow(Base):
    """One application that may ask."""

    __tablename__ = "clients"
    __table_args__ = (CheckConstraint("state IN ('active', 'disabled')", name="state"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]]
    state: Mapped[str] = mapped_column(String(16))
    secret_sha256: Mapped[str | None] = mapped_column(HEX_SHA256)
    auth_methods: Mapped[list[str]]
    grants: Mapped[list[str]]
    redirect_uris: Mapped[list[str]]
    jwks: Mapped[list[dict[str, Any]]]
    tls_subject: Mapped[str | None] = mapped_column(Text)
    tls_thumbprint: Mapped[str | None] = mapped_column(HEX_SHA256)
    networks: Mapped[list[str]]
    created_at: Mapped[datetime]


class ClientAssertionRow(Base):
    """One assertion by which a client authenticated, until it is no good any more."""

    __tablename__ = "client_assertions"

    assertion_sha256: Mapped[str] = mapped_column(HEX_SHA256, primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AccessTokenRow(Base):
    """One token that was handed out, as its hash. It stays for a day after it ended: then it is known as over."""

    __tablename__ = "access_tokens"

    token_sha256: Mapped[str] = mapped_column(HEX_SHA256, primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[str | None] = mapped_column(Text)
    """Whose login stood behind it; none where an application asked for itself."""
    family_id: Mapped[str | None] = mapped_column(Text, index=True)
    """What came of the same consent."""
    revoked_at: Mapped[datetime | None]
