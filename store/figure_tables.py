"""Tables of figures: how often something was verified. Nothing of it leaves `store`."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class VerificationCountRow(Base):
    """How often a check at one face ended so on one day; nobody and no document is in it."""

    __tablename__ = "verification_counts"
    __table_args__ = (CheckConstraint("count >= 0", name="count"),)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    """As the office's calendar has it."""
    face: Mapped[str] = mapped_column(String(16), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(24), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
