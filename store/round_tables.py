"""Tables of rounds: several requests that are approved with one proof. Nothing of it leaves `store`."""

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from signer.round_model import RoundState
from store.base import Base, one_of

_SHA256: Final = String(64)


class RoundRow(Base):
    """One round."""

    __tablename__ = "rounds"
    __table_args__ = (
        CheckConstraint(one_of("state", RoundState), name="state"),
        CheckConstraint("tries >= failed AND failed >= 0", name="tries"),
        CheckConstraint("(state = 'granted') = (granted_at IS NOT NULL)", name="granted_has_time"),
        Index("ix_rounds_whose", "signatory_id", "begun_at"),
        Index("ix_rounds_expires_at", "expires_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    signatory_id: Mapped[str] = mapped_column(Text)
    session_sha256: Mapped[str] = mapped_column(_SHA256)
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int]
    failed: Mapped[int] = mapped_column(server_default=text("0"))
    """Tries that were found wrong; the others are right, being made, or were cut off."""
    state: Mapped[str] = mapped_column(String(16))
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    granted_at: Mapped[datetime | None]


class RoundMemberRow(Base):
    """One thing of a round."""

    __tablename__ = "round_members"

    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(Text)
    left_out: Mapped[bool] = mapped_column(server_default=false())
    refused: Mapped[str | None] = mapped_column(String(64))
