"""Tables: signed checkpoints of the audit trail."""

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
