"""Table of reports of suspicious documents. Nothing of it leaves `store`."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from signer.fakes import Finding
from store.base import Base, one_of


class FakeReportRow(Base):
    """What a reader reported; nothing of the reader is in it."""

    __tablename__ = "reports_of_fakes"
    __table_args__ = (
        CheckConstraint(one_of("finding", Finding), name="finding"),
        CheckConstraint(
            "(closed_at IS NULL) = (finding IS NULL) AND (closed_at IS NULL) = (closed_by IS NULL)", name="closed"
        ),
        Index("ix_reports_of_fakes_at", "at", "id"),
    )

    id: Mapped[str] = mapped_column(String(10), primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(Text)
    finding: Mapped[str | None] = mapped_column(String(8))
