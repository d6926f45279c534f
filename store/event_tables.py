"""Tables of events, and of what time alone has ended and was told. Nothing of it leaves `store`."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class EventRow(Base):
    """One event of one client."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_client", "client_id", "sequence"),)

    sequence: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    """In the order of commit, without gaps over all clients; given in `store.chain`."""
    id: Mapped[str] = mapped_column(Text, unique=True)
    client_id: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(Text)
    data: Mapped[dict[str, Any]]


class ToldEndRow(Base):
    """Something ended because its time came, and its event is written: each is told once."""

    __tablename__ = "told_ends"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
