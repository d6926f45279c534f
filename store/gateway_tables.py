"""More tables of the gateway: requests for enrolment, and codes of seals. Nothing of it leaves `store`."""

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from signer.seal_codes import SealCodeKind
from store.base import Base, one_of

_OPEN: Final = text("closed_at IS NULL")


class EnrolmentRequestRow(Base):
    """One person whom an application wants enrolled."""

    __tablename__ = "enrolment_requests"
    __table_args__ = (
        Index("uq_enrolment_requests_open", "folded_email", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_enrolment_requests_client_id", "client_id", "closed_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    client_id: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    folded_email: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(Text)


class SealCodeRow(Base):
    """One code of a seal, as its hash: the activation of a day, or the code of one call."""

    __tablename__ = "seal_codes"
    __table_args__ = (
        CheckConstraint(one_of("kind", SealCodeKind), name="kind"),
        CheckConstraint("wrong >= 0", name="wrong"),
        Index("ix_seal_codes_whose", "user_name", "credential_id", "kind", "made_at"),
        Index("ix_seal_codes_expires_at", "expires_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    user_name: Mapped[str] = mapped_column(String(64))
    """Of the API credential that it is good for."""
    credential_id: Mapped[str] = mapped_column(ForeignKey("credentials.id"))
    """The seal's."""
    permission_id: Mapped[str] = mapped_column(ForeignKey("seal_permissions.id"))
    """Under which the seal was lent."""
    code_hash: Mapped[str] = mapped_column(String(64))
    files: Mapped[int]
    """How many one call may have sealed; 0 for an activation."""
    wrong: Mapped[int]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When it was used, replaced, revoked, or guessed at too often."""
    used_for: Mapped[str | None] = mapped_column(String(64))
    """What the call was that used it up."""
