"""Tables of webhooks: where events are delivered, with which secrets, and how that went. Nothing leaves `store`."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from signer.hooks.model import DeliveryState, WebhookState
from store.base import Base, one_of

_NUMBER = BigInteger().with_variant(Integer, "sqlite")
_WAITING = text("state = 'waiting'")


class WebhookRow(Base):
    """Where one client wants its events."""

    __tablename__ = "webhooks"
    __table_args__ = (CheckConstraint(one_of("state", WebhookState), name="state"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    client_id: Mapped[str] = mapped_column(Text, index=True)
    url: Mapped[str] = mapped_column(Text)
    types: Mapped[list[str]]
    state: Mapped[str] = mapped_column(String(16))
    position: Mapped[int] = mapped_column(BigInteger)
    """Sequence of the last event that was lined up for it, or passed over."""
    numbered: Mapped[int] = mapped_column(BigInteger)
    """Number of its last delivery."""
    failures: Mapped[int]
    failing_since: Mapped[datetime | None]
    next_at: Mapped[datetime]
    """It rests until then."""
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WebhookSecretRow(Base):
    """A secret of a webhook, sealed; the highest number is the newest."""

    __tablename__ = "webhook_secrets"

    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    pepper_label: Mapped[str] = mapped_column(Text)
    ends_at: Mapped[datetime | None]


class WebhookDeliveryRow(Base):
    """One event on its way to one webhook."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        CheckConstraint(one_of("state", DeliveryState), name="state"),
        CheckConstraint("(state = 'waiting') = (next_at IS NOT NULL)", name="waiting_has_time"),
        Index(
            "ix_webhook_deliveries_waiting",
            "webhook_id",
            "number",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("ix_webhook_deliveries_event", "event_sequence"),
    )

    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id"), primary_key=True)
    number: Mapped[int] = mapped_column(_NUMBER, primary_key=True, autoincrement=False)
    event_sequence: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    attempted_at: Mapped[datetime | None]
    status: Mapped[int | None]
    failure: Mapped[str | None] = mapped_column(Text)
    milliseconds: Mapped[int | None]
    next_at: Mapped[datetime | None]
