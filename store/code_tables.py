"""Tables of code sessions: what an official allowed, its key while it is open, and its codes."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from signer.code_model import SessionEnd
from store.base import Base, one_of

_OPEN: Final = text("ended_at IS NULL")


class CodeSessionRow(Base):
    """What an official allowed one API credential."""

    __tablename__ = "code_sessions"
    __table_args__ = (
        CheckConstraint(one_of("ended_for", SessionEnd), name="ended_for"),
        CheckConstraint("0 <= used AND used <= documents", name="used"),
        CheckConstraint("wrong >= 0", name="wrong"),
        Index(
            "uq_code_sessions_open",
            "credential_id",
            "user_name",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_code_sessions_signatory_id", "signatory_id", "opened_at"),
        Index("ix_code_sessions_user_name", "user_name", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_code_sessions_expires_at", "expires_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    signatory_id: Mapped[str] = mapped_column(Text)
    credential_id: Mapped[str] = mapped_column(ForeignKey("credentials.id"))
    user_name: Mapped[str] = mapped_column(String(64))
    """Of the API credential; it may be gone by now."""
    client_id: Mapped[str] = mapped_column(Text)
    documents: Mapped[int]
    used: Mapped[int]
    wrong: Mapped[int]
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    """When a code was used for the last time."""
    ended_at: Mapped[datetime | None]
    ended_for: Mapped[str | None] = mapped_column(String(16))


class CodeSessionKeyRow(Base):
    """The key of a session that is open, and the sealed secret under which it is; gone once the session is over."""

    __tablename__ = "code_session_keys"

    session_id: Mapped[str] = mapped_column(ForeignKey("code_sessions.id"), primary_key=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    pepper_label: Mapped[str] = mapped_column(Text)
    kek_label: Mapped[str] = mapped_column(Text)
    wrap_mechanism: Mapped[int] = mapped_column(BigInteger)
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    secret_nonce: Mapped[bytes] = mapped_column(LargeBinary)
    secret_salt: Mapped[bytes] = mapped_column(LargeBinary)
    secret_pepper_label: Mapped[str] = mapped_column(Text)


class SigningCodeRow(Base):
    """One code of a session, as its hash."""

    __tablename__ = "signing_codes"
    __table_args__ = (
        CheckConstraint("wrong >= 0", name="wrong"),
        Index("ix_signing_codes_session_id", "session_id", "made_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("code_sessions.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    files: Mapped[int]
    """How many one call may have signed."""
    wrong: Mapped[int]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When it was used, replaced, or guessed at too often."""
    used_for: Mapped[str | None] = mapped_column(String(64))
    """What the call was that used it up."""
    signed: Mapped[int | None]
    """How many files that call had."""
