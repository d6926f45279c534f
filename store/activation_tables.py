"""Tables of consents and authorisations: one row each, its digests, and the key that one carries for minutes."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, SmallInteger, String, Text, text, true
from sqlalchemy.orm import Mapped, mapped_column

from signer.authorisation import AuthorisationKind, AuthorisationState
from store.base import Base, one_of
from store.tables import HEX_SHA256

LONGEST_DIGEST = String(128)
"""SHA-512 in hex."""


class ActivationRow(Base):
    """One consent, or one authorisation. Handle, code and SAD are secrets, so only their hashes are here."""

    __tablename__ = "activations"
    __table_args__ = (
        CheckConstraint(one_of("kind", AuthorisationKind), name="kind"),
        CheckConstraint(one_of("state", AuthorisationState), name="state"),
        CheckConstraint("scal IN (1, 2)", name="scal"),
        CheckConstraint("0 <= used AND used <= total", name="used"),
        CheckConstraint("state <> 'approved' OR code_sha256 IS NOT NULL", name="approved_has_code"),
    )

    handle_sha256: Mapped[str] = mapped_column(HEX_SHA256, primary_key=True)
    credential_id: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    factors: Mapped[list[str]]
    granted_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16), server_default=text("'consent'"))
    state: Mapped[str] = mapped_column(String(16), server_default=text("'active'"))
    scal: Mapped[int] = mapped_column(SmallInteger, server_default=text("2"))
    total: Mapped[int] = mapped_column(server_default=text("0"))
    used: Mapped[int] = mapped_column(server_default=text("0"))
    bound: Mapped[bool] = mapped_column(server_default=true())
    """Whether nothing but the digests below may be signed."""
    origin: Mapped[str] = mapped_column(Text, server_default=text("'rest'"))
    user_id: Mapped[str | None] = mapped_column(Text)
    hard_end: Mapped[datetime | None]
    request_id: Mapped[str | None] = mapped_column(Text)
    permission_id: Mapped[str | None] = mapped_column(Text)
    code_sha256: Mapped[str | None] = mapped_column(HEX_SHA256, unique=True)
    sad_sha256: Mapped[str | None] = mapped_column(HEX_SHA256, unique=True)


class ActivationDigestRow(Base):
    """One digest that it covers."""

    __tablename__ = "activation_digests"
    __table_args__ = (CheckConstraint("purpose IN ('dtbsr', 'sdr')", name="purpose"),)

    handle_sha256: Mapped[str] = mapped_column(ForeignKey("activations.handle_sha256"), primary_key=True)
    digest: Mapped[str] = mapped_column(LONGEST_DIGEST, primary_key=True)
    spent_at: Mapped[datetime | None]
    purpose: Mapped[str | None] = mapped_column(String(8))
    label: Mapped[str | None] = mapped_column(Text)
    spent_by: Mapped[str | None] = mapped_column(Text)
    """The call that used it up."""


class CarriedKeyRow(Base):
    """A person's key under the secret of an authorisation; gone once that is over."""

    __tablename__ = "carried_keys"

    handle_sha256: Mapped[str] = mapped_column(ForeignKey("activations.handle_sha256"), primary_key=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    pepper_label: Mapped[str] = mapped_column(Text)
    kek_label: Mapped[str] = mapped_column(Text)
    wrap_mechanism: Mapped[int] = mapped_column(BigInteger)
