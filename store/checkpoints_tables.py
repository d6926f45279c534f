"""Tables: signed checkpoints of the audit trail, and what others say about them."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class CheckpointRow(Base):
    """One checkpoint. What it says stands in `body`, the very characters that are signed; nothing is said twice but
    `last`, by which rows without a checkpoint are found."""

    __tablename__ = "audit_checkpoints"
    __table_args__ = (CheckConstraint("number > 0 AND last > 0", name="counted"),)

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    last: Mapped[int] = mapped_column(BigInteger, unique=True)
    body: Mapped[str] = mapped_column(Text)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    timestamp: Mapped[bytes] = mapped_column(LargeBinary)


class OutsideStampRow(Base):
    """A timestamp of another house over one checkpoint."""

    __tablename__ = "audit_outside_stamps"

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    token: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
