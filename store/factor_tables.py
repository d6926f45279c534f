"""Tables: requests for consent and their documents, factors with their counters, codes, links, logins, messages."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from signer.activation import ActivationState
from signer.factors.model import FactorEvent, FactorKind, SignedInBy
from store.base import Base, one_of

_SHA256: Final = String(64)
_TOTP: Final = text("kind = 'totp' AND confirmed")
_WAITING: Final = text("sent_at IS NULL")


class ActivationRequestRow(Base):
    """One request for consent. Its link is a secret of the client and the signatory, so only its hash is here."""

    __tablename__ = "activation_requests"
    __table_args__ = (
        CheckConstraint(one_of("state", ActivationState), name="state"),
        CheckConstraint("tries >= failed AND failed >= 0", name="tries"),
        CheckConstraint("(session_sha256 IS NULL) = (opened_at IS NULL)", name="opened_has_session"),
        CheckConstraint("(state = 'granted') = (factor IS NOT NULL)", name="granted_has_factor"),
        Index("ix_activation_requests_expires_at", "expires_at"),
        Index("ix_activation_requests_waiting", "signatory_id", "state"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    link_sha256: Mapped[str] = mapped_column(_SHA256, unique=True)
    client_id: Mapped[str] = mapped_column(Text)
    credential_id: Mapped[str] = mapped_column(Text)
    signatory_id: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int]
    failed: Mapped[int] = mapped_column(server_default=text("0"))
    """Tries that were found wrong; the others are right, being made, or were cut off."""
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    session_sha256: Mapped[str | None] = mapped_column(_SHA256)
    factor: Mapped[str | None] = mapped_column(String(16))
    ended_at: Mapped[datetime | None]
    batch_id: Mapped[str | None] = mapped_column(Text)
    flow_id: Mapped[str | None] = mapped_column(Text)
    flow_step: Mapped[int | None]
    flow_revision: Mapped[int | None]
    changes: Mapped[int] = mapped_column(server_default=text("0"))
    """How often a document was left out or taken in again: a grant names how many of them it has seen."""
    reason: Mapped[str | None] = mapped_column(Text)
    """Why the signatory said no, in their words; never in the trail."""
    origin: Mapped[str | None] = mapped_column(Text)
    """Of digests alone: the face that asked."""
    description: Mapped[str | None] = mapped_column(Text)


class ActivationDocumentRow(Base):
    """One document of a request."""

    __tablename__ = "activation_documents"
    __table_args__ = (
        UniqueConstraint("request_id", "digest"),
        CheckConstraint("(pages IS NULL) = (arrived_at IS NULL)", name="arrived_has_pages"),
        CheckConstraint("code IS NULL OR failure IS NULL", name="one_outcome"),
    )

    request_id: Mapped[str] = mapped_column(ForeignKey("activation_requests.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(Text)
    wish: Mapped[dict[str, Any]]
    pages: Mapped[int | None]
    arrived_at: Mapped[datetime | None]
    code: Mapped[str | None] = mapped_column(Text)
    failure: Mapped[str | None] = mapped_column(Text)
    left_out: Mapped[bool] = mapped_column(server_default=false())
    """By the signatory."""
    purpose: Mapped[str | None] = mapped_column(String(8))
    """Of a digest alone."""
    placed: Mapped[dict[str, Any] | None]
    """Where the signatory put the stamp."""


class ActivationContentRow(Base):
    """The bytes of a document that came with a request, while they are needed: until it is signed or denied, and for an
    hour after the request has expired."""

    __tablename__ = "activation_contents"

    request_id: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[bytes] = mapped_column(LargeBinary)


class FactorRow(Base):
    """One authenticator or passkey of a person."""

    __tablename__ = "factors"
    __table_args__ = (
        CheckConstraint("kind IN ('totp', 'passkey')", name="kind"),
        CheckConstraint("(kind = 'totp') = (sealed IS NOT NULL)", name="totp_has_seed"),
        CheckConstraint("(kind = 'passkey') = (public_key IS NOT NULL)", name="passkey_has_key"),
        Index("uq_factors_totp", "signatory_id", unique=True, sqlite_where=_TOTP, postgresql_where=_TOTP),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    signatory_id: Mapped[str] = mapped_column(Text, index=True)
    kind: Mapped[str] = mapped_column(String(16))
    label: Mapped[str] = mapped_column(Text)
    confirmed: Mapped[bool]
    """An authenticator that has not shown a code yet is none."""
    added_at: Mapped[datetime]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    nonce: Mapped[bytes | None] = mapped_column(LargeBinary)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    pepper_label: Mapped[str | None] = mapped_column(Text)
    last_step: Mapped[int | None] = mapped_column(BigInteger)
    credential_id: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    sign_count: Mapped[int | None] = mapped_column(BigInteger)


class FactorCounterRow(Base):
    """Failures in a row of one person with one kind of factor."""

    __tablename__ = "factor_counters"
    __table_args__ = (
        CheckConstraint(one_of("kind", FactorKind), name="kind"),
        CheckConstraint("failures >= 0", name="failures"),
    )

    signatory_id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    failures: Mapped[int]
    waits_until: Mapped[datetime | None]
    locked: Mapped[bool]


class RecoveryCodeRow(Base):
    """One recovery code, as its hash."""

    __tablename__ = "recovery_codes"

    code_sha256: Mapped[str] = mapped_column(_SHA256, primary_key=True)
    signatory_id: Mapped[str] = mapped_column(Text, index=True)
    used_at: Mapped[datetime | None]


class FactorLinkRow(Base):
    """One one-time link to the page of factors, as its hash."""

    __tablename__ = "factor_links"

    token_sha256: Mapped[str] = mapped_column(_SHA256, primary_key=True)
    signatory_id: Mapped[str] = mapped_column(Text, index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PersonSessionRow(Base):
    """One login of a person, by the hash of what their browser holds."""

    __tablename__ = "person_sessions"
    __table_args__ = (
        CheckConstraint(one_of("signed_in_by", SignedInBy), name="signed_in_by"),
        CheckConstraint("(signed_in_by = 'nobody') = (signatory_id IS NULL)", name="somebody_has_name"),
    )

    token_sha256: Mapped[str] = mapped_column(_SHA256, primary_key=True)
    signatory_id: Mapped[str | None] = mapped_column(Text, index=True)
    signed_in_by: Mapped[str] = mapped_column(String(16))
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_until: Mapped[datetime | None]
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary)


class FactorNoticeRow(Base):
    """One message to a person about their factors: written with the change, sent by a job."""

    __tablename__ = "factor_notices"
    __table_args__ = (
        CheckConstraint(one_of("event", FactorEvent), name="event"),
        Index("ix_factor_notices_waiting", "next_attempt_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    signatory_id: Mapped[str] = mapped_column(Text)
    event: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    application: Mapped[str | None] = mapped_column(Text)
    """The client that it is about."""
    documents: Mapped[int | None]
