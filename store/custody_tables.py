"""Tables: the stored canaries."""

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class CanaryRow(Base):
    """A wrapped key of nobody, one for each pair of KEK and pepper; who opens it holds the keys that sealed it."""

    __tablename__ = "canaries"

    kek_label: Mapped[str] = mapped_column(Text, primary_key=True)
    pepper_label: Mapped[str] = mapped_column(Text, primary_key=True)
    key_id: Mapped[str] = mapped_column(Text)
    signatory_id: Mapped[str] = mapped_column(Text)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    argon2_memory_kib: Mapped[int]
    argon2_passes: Mapped[int]
    argon2_lanes: Mapped[int]
    layer_version: Mapped[int]
    wrap_mechanism: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
