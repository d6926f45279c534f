"""Table of places for stamps that people keep as their own. Nothing of it leaves `store`."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from signer.model import SigningAct
from store.base import Base, one_of


class StampPlaceRow(Base):
    """Where a person likes their stamp on letters of one kind."""

    __tablename__ = "stamp_places"
    __table_args__ = (CheckConstraint(one_of("act", SigningAct), name="act"),)

    signatory_id: Mapped[str] = mapped_column(Text, primary_key=True)
    act: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    """Folded; empty for letters without a kind."""
    page: Mapped[int]
    x: Mapped[float]
    y: Mapped[float]
    width: Mapped[float]
    height: Mapped[float]
    kept_at: Mapped[datetime]
