"""Tables of what surrounds a signature: excluded kinds, withdrawals. Nothing of it leaves `store`."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from signer.after import WithdrawalReason
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
