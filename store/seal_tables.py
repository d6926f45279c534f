"""Tables of seals: who may seal with which, until when and how often; their PINs and keepers. Nothing of it leaves
`store`."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class SealPermissionRow(Base):
    """One client's permission to use one seal."""

    __tablename__ = "seal_permissions"
    __table_args__ = (
        CheckConstraint("used >= 0 AND used <= documents", name="used"),
        Index("ix_seal_permissions_client_id", "client_id", "credential_id", "expires_at"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    credential_id: Mapped[str] = mapped_column(ForeignKey("credentials.id"))
    client_id: Mapped[str] = mapped_column(Text)
    networks: Mapped[list[str]]
    documents: Mapped[int]
    used: Mapped[int]
    granted_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SealPinRow(Base):
    """The PIN of a seal, as SHA-256. It belongs to the seal: a renewed key has it as well."""

    __tablename__ = "seal_pins"
    __table_args__ = (CheckConstraint("failures >= 0", name="failures"),)

    seal_id: Mapped[str] = mapped_column(Text, primary_key=True)
    """Its signatory id, `seal-...`."""
    pin_sha256: Mapped[str] = mapped_column(String(64))
    set_at: Mapped[datetime]
    failures: Mapped[int]
    waits_until: Mapped[datetime | None]
    locked: Mapped[bool]


class SealKeeperRow(Base):
    """Somebody who keeps a seal: a person, or an account of an integration."""

    __tablename__ = "seal_keepers"

    seal_id: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[str] = mapped_column(Text, primary_key=True)
    named_at: Mapped[datetime]
