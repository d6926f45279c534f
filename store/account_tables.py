"""Table of accounts of integrations. Nothing of it leaves `store`."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class AccountRow(Base):
    """One account; its password as SHA-256."""

    __tablename__ = "integration_accounts"
    __table_args__ = (CheckConstraint("failures >= 0", name="failures"),)

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"))
    password_sha256: Mapped[str] = mapped_column(String(64))
    enabled: Mapped[bool]
    made_at: Mapped[datetime]
    failures: Mapped[int]
    waits_until: Mapped[datetime | None]
    locked: Mapped[bool]
