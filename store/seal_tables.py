"""Tables of seals: who may seal with which, until when and how often. Nothing of it leaves `store`."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
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
