"""What all tables share: names of constraints, and types that keep zone and size. Nothing of it leaves `store`."""

from datetime import UTC, datetime
from enum import Enum
from typing import Any, cast

from sqlalchemy import JSON, DateTime, Dialect, LargeBinary, MetaData, Table, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

SERIAL_OCTETS = 20  # RFC 5280, 4.1.2.2: positive, at most 20 octets


class UtcTime(TypeDecorator[datetime]):
    """Aware times only; UTC in and out, also on SQLite, which forgets zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - base class
        """Refuses a time without a zone with `ValueError`: nobody could know what it means."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - base class
        """Aware, UTC."""
        return value and (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


class SerialNumber(TypeDecorator[int]):
    """A serial number as 20 octets, big-endian: too large for SQL integers, and in this form octets sort as numbers."""

    impl = LargeBinary(SERIAL_OCTETS)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - base class
        """Refuses zero, negative numbers and more than 20 octets with `ValueError`."""
        if value is None:
            return None
        if value <= 0 or value.bit_length() > 8 * SERIAL_OCTETS:
            raise ValueError("a serial number is positive and has at most 20 octets (RFC 5280, 4.1.2.2)")
        return value.to_bytes(SERIAL_OCTETS, "big")

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - base class
        """The number again."""
        return None if value is None else int.from_bytes(value, "big")


def table_of(row: type["Base"]) -> Table:
    """The table behind `row`. Statements on hot paths are built from it once, at import, with bound parameters:
    through the ORM, or built anew for each call, they cost several times as much as the database itself."""
    return cast(Table, row.__table__)


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - declarative reads it from the class
        datetime: UtcTime(),
        list[str]: JSON().with_variant(JSONB(), "postgresql"),
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
        list[dict[str, Any]]: JSON().with_variant(JSONB(), "postgresql"),
    }


def one_of(column: str, words: type[Enum]) -> str:
    """SQL of a check constraint: `column` holds one of the values of the enum `words`."""
    return f"{column} IN ({', '.join(repr(word.value) for word in words)})"
