"""Tables: later versions of signed documents, and when each has to be renewed. Nothing of it leaves `store`."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from signer.archive import VersionReason
from signer.model import SignatureLevel
from store.base import Base, one_of
from store.tables import HEX_SHA256


class DocumentVersionRow(Base):
    """A signed document with something added. Each stands on exactly one other, so a history never forks."""

    __tablename__ = "document_versions"
    __table_args__ = (
        CheckConstraint(one_of("level", SignatureLevel), name="level"),
        CheckConstraint(one_of("reason", VersionReason), name="reason"),
        CheckConstraint("number > 0", name="number"),
    )

    token: Mapped[str] = mapped_column(ForeignKey("signatures.token"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1; the document as it was signed has none."""
    sha256: Mapped[str] = mapped_column(HEX_SHA256, index=True)
    previous: Mapped[str] = mapped_column(HEX_SHA256)
    level: Mapped[str] = mapped_column(String(8))
    size: Mapped[int] = mapped_column(BigInteger)
    page_count: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]


class ArchivedRow(Base):
    """A signed document that is kept valid: its newest version, and when something has to be done about it."""

    __tablename__ = "archived_documents"
    __table_args__ = (
        CheckConstraint("(good_until IS NULL) = (policy IS NULL)", name="examined_by_policy"),
        Index("ix_archived_documents_due", "due_at", "next_attempt_at"),
        Index("ix_archived_documents_policy", "policy", "next_attempt_at"),
    )

    token: Mapped[str] = mapped_column(ForeignKey("signatures.token"), primary_key=True)
    sha256: Mapped[str] = mapped_column(HEX_SHA256)
    good_until: Mapped[datetime | None]
    """When what its newest timestamp rests on ends; NULL until somebody looked."""
    policy: Mapped[str | None] = mapped_column(Text)
    """The validation policy by which that was found: another one may know earlier ends of algorithms."""
    due_at: Mapped[datetime | None]
    attempts: Mapped[int]
    """Failures since the last success."""
    next_attempt_at: Mapped[datetime]
    failure: Mapped[str | None] = mapped_column(Text)
