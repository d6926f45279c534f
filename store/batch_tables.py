"""Tables of batches: many documents under one consent. Nothing of it leaves `store`."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from signer.batch_model import ItemState
from signer.model import SignatureLevel
from store.base import Base, one_of

_SHA256 = String(64)


class BatchRow(Base):
    """One batch and what holds for all of its documents."""

    __tablename__ = "batches"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed', 'cancelled')", name="state"),
        CheckConstraint(one_of("level", SignatureLevel), name="level"),
        Index("ix_batches_created_at", "created_at"),
        Index("ix_batches_credential_id", "credential_id", "state"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    """A completed one is `closed` with a `completed_at`."""
    client_id: Mapped[str] = mapped_column(Text)
    credential_id: Mapped[str] = mapped_column(Text)
    permission_id: Mapped[str | None] = mapped_column(Text)
    """Of a seal; NULL where a person consents."""
    address: Mapped[str | None] = mapped_column(Text)
    """From where a seal's batch was opened, closed or tried again, the last of them."""
    level: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(Text)
    location: Mapped[str | None] = mapped_column(Text)
    stamp: Mapped[dict[str, Any]]
    """Empty for an invisible signature."""
    footer: Mapped[str | None] = mapped_column(Text)
    signed_as: Mapped[dict[str, Any]]
    documents: Mapped[int]
    bytes: Mapped[int] = mapped_column(BigInteger)
    round: Mapped[int]
    """Grows with every act that asks for jobs, so that their keys are new."""
    created_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]


class BatchItemRow(Base):
    """One document of a batch; never a secret, and a signature value is none."""

    __tablename__ = "batch_items"

    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str] = mapped_column(_SHA256)
    letter: Mapped[dict[str, Any]]
    token: Mapped[str | None] = mapped_column(Text, index=True)
    short: Mapped[str | None] = mapped_column(Text)
    logged: Mapped[bool]
    """Whether the intent is in the signature log."""
    page_count: Mapped[int | None]
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """SHA-256 of the byte range."""
    field_name: Mapped[str | None] = mapped_column(Text)
    contents_start: Mapped[int | None] = mapped_column(BigInteger)
    contents_end: Mapped[int | None] = mapped_column(BigInteger)
    timestamp_name: Mapped[str | None] = mapped_column(Text)
    reserved_at: Mapped[datetime | None]
    value: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The signature value, DER."""
    failure: Mapped[str | None] = mapped_column(Text)
    document_sha256: Mapped[str | None] = mapped_column(_SHA256)
    changed_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(one_of("state", ItemState), name="state"),
        CheckConstraint("state != 'signed' OR value IS NOT NULL", name="signed_has_value"),
        CheckConstraint("(state = 'finished') = (document_sha256 IS NOT NULL)", name="finished_has_document"),
        UniqueConstraint("batch_id", "sha256", name="uq_batch_items_batch_id"),
    )


class BatchContentRow(Base):
    """The bytes of a document while they are needed; gone when it is finished or cancelled."""

    __tablename__ = "batch_contents"

    batch_id: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[bytes] = mapped_column(LargeBinary)
    revision: Mapped[bytes | None] = mapped_column(LargeBinary)
