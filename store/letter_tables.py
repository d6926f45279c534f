"""Tables of what surrounds a signature: excluded kinds, withdrawals. Nothing of it leaves `store`."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text
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
    level: Mapped[str] = mapped_column(String(8))
    certify: Mapped[int | None]
    original_sha256: Mapped[str] = mapped_column(_SHA256)
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


class FlowStepRow(Base):
    """What one official is asked to do."""

    __tablename__ = "flow_steps"
    __table_args__ = (CheckConstraint(one_of("act", SigningAct), name="act"),)

    flow_id: Mapped[str] = mapped_column(ForeignKey("flows.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    order: Mapped[int]
    act: Mapped[str] = mapped_column(String(16))
    credential_id: Mapped[str] = mapped_column(Text)
    asked: Mapped[dict[str, Any]]
    """Stamp, reason and office, as they were asked for."""
