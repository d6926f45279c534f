"""Tables of what surrounds a signature: excluded kinds, withdrawals. Nothing of it leaves `store`."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from signer.after import WithdrawalReason
from signer.model import SigningAct
from store.base import Base, one_of

_SHA256: Final = String(64)


class KindListRow(Base):
    """A list of kinds in the version that was last in force."""

    __tablename__ = "kind_lists"
    __table_args__ = (CheckConstraint("version > 0", name="version"),)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(_SHA256)
    author: Mapped[str] = mapped_column(Text)
    dated: Mapped[date] = mapped_column(Date)
    noted_at: Mapped[datetime]


class ClientKindsRow(Base):
    """Which lists hold for a client; without a row, all of them do."""

    __tablename__ = "client_kinds"

    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    lists: Mapped[list[str]]
    actor: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]


class DefaultKindRow(Base):
    """What an official's signatures are where the request states no kind."""

    __tablename__ = "default_kinds"

    signatory_id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str | None] = mapped_column(Text)
    unstated_allowed: Mapped[bool]
    actor: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]


class WithdrawalRow(Base):
    """A letter is withdrawn; once, and for good."""

    __tablename__ = "withdrawals"
    __table_args__ = (CheckConstraint(one_of("reason", WithdrawalReason), name="reason"),)

    letter_id: Mapped[str] = mapped_column(Text, primary_key=True)
    token: Mapped[str] = mapped_column(ForeignKey("signatures.token"))
    """The code that was named."""
    reason: Mapped[str] = mapped_column(String(16))
    note: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class FlowRow(Base):
    """A document that several officials sign. How far it has come, the signatures say."""

    __tablename__ = "flows"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    client_id: Mapped[str] = mapped_column(Text, index=True)
    letter: Mapped[dict[str, Any]]
    external_id: Mapped[str | None] = mapped_column(Text)
    """The same as in `letter`, to be found by."""
    level: Mapped[str] = mapped_column(String(8))
    certify: Mapped[int | None]
    footer: Mapped[str | None] = mapped_column(Text)
    original_sha256: Mapped[str] = mapped_column(_SHA256)
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    returned_step: Mapped[int | None]
    """Of the official who gave it back, which cancelled it."""
    returned_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_flows_external", "client_id", "external_id", "id"),)


class FlowStepRow(Base):
    """What one official is asked to do."""

    __tablename__ = "flow_steps"
    __table_args__ = (CheckConstraint(one_of("act", SigningAct), name="act"),)

    flow_id: Mapped[str] = mapped_column(ForeignKey("flows.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    order: Mapped[int]
    act: Mapped[str] = mapped_column(String(16))
    credential_id: Mapped[str] = mapped_column(Text, index=True)
    asked: Mapped[dict[str, Any]]
    """Stamp, reason, office and lock, as they were asked for."""


class IdempotencyRow(Base):
    """One request under a client's key, and its answer."""

    __tablename__ = "idempotency_keys"

    client_id: Mapped[str] = mapped_column(Text, primary_key=True)
    key_sha256: Mapped[str] = mapped_column(_SHA256, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(_SHA256)
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    """Of the answer; NULL while the request is carried out."""
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)


class QuotaCountRow(Base):
    """How many signings of one subject fell into one minute or day."""

    __tablename__ = "quota_counts"

    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    window: Mapped[str] = mapped_column(String(8), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]


class QuotaLimitRow(Base):
    """What was decided for one subject instead of the settings."""

    __tablename__ = "quota_limits"

    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    per_minute: Mapped[int | None]
    per_day: Mapped[int | None]
