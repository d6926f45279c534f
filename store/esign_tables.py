"""Tables of the gateway: API credentials, and what was signed for them. Nothing of it leaves `store`."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from signer.api_credentials import GeometryReading
from store.base import Base, one_of


class ApiCredentialRow(Base):
    """One user name of the gateway, with the hash of its password."""

    __tablename__ = "api_credentials"
    __table_args__ = (CheckConstraint(one_of("geometry", GeometryReading), name="geometry"),)

    user_name: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)
    password_sha256: Mapped[str] = mapped_column(String(64))
    description: Mapped[str] = mapped_column(Text)
    networks: Mapped[list[str]]
    enabled: Mapped[bool]
    kind: Mapped[str | None] = mapped_column(Text)
    unstated_kinds: Mapped[bool]
    geometry: Mapped[str] = mapped_column(String(8))
    certified_only: Mapped[bool]
    codes: Mapped[bool] = mapped_column(server_default=false())
    """Whether officials may open sessions for codes to it."""
    created_at: Mapped[datetime]


class GatewayRequestRow(Base):
    """One signing that was asked for at the gateway; a repeated call finds it."""

    __tablename__ = "gateway_requests"
    __table_args__ = (Index("ix_gateway_requests_expires_at", "expires_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """`id_dokumen`: random, and no verification code."""
    user_name: Mapped[str] = mapped_column(String(64))
    """Of the API credential; it may be gone by now."""
    likeness: Mapped[str | None] = mapped_column(String(64), unique=True)
    """What a repeated call has in common with the first one (hex); `None` as soon as that is over."""
    begun_at: Mapped[datetime]
    repeatable_until: Mapped[datetime]
    code: Mapped[str | None] = mapped_column(Text)
    """Long verification code of the signing; present exactly when it is done."""
    note: Mapped[str | None] = mapped_column(Text)
    """What the first answer said of the place of its mark."""
    fetched_at: Mapped[datetime | None]
    """When the document was handed over; once is all."""
    expires_at: Mapped[datetime]
