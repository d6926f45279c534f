"""Pre-signed OCSP answers: two a certificate, replaced whenever its status changes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, SerialNumber


class OcspAnswerRow(Base):
    """One answer that was signed before somebody asked."""

    __tablename__ = "ocsp_answers"

    issuer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    serial: Mapped[int] = mapped_column(SerialNumber, primary_key=True)
    hash_name: Mapped[str] = mapped_column(String(8), primary_key=True)
    """Hash of the CertID."""
    der: Mapped[bytes] = mapped_column(LargeBinary)
    this_update: Mapped[datetime]
    next_update: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("hash_name IN ('sha1', 'sha256')", name="hash_name"),
        ForeignKeyConstraint(["issuer_id", "serial"], ["certificates.issuer_id", "certificates.serial"]),
        Index("ix_ocsp_answers_age", "issuer_id", "serial", "this_update"),
    )
