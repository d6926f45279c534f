"""Every table of the office."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

VERSION: Final = 4
METADATA: Final = MetaData()


class UtcTime(TypeDecorator[datetime]):
    """Aware times only; UTC in and out, also on SQLite, which forgets zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - base class
        """Refuses a time without a zone with `ValueError`."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - base class
        """Aware, UTC."""
        return value and (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


schema_version = Table("schema_version", METADATA, Column("version", Integer, nullable=False))

agencies = Table(
    "agencies",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("seal", Text),
    Column("outside", Boolean, nullable=False, server_default=false()),
)

people = Table(
    "people",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("agency_id", ForeignKey("agencies.id"), nullable=False, index=True),
    Column("rank", Text),
    Column("credential", Text),
    Column("roles", JSON, nullable=False),
    Column("password_hash", Text),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("locked_until", UtcTime),
    Column("disabled_at", UtcTime),
)

sessions = Table(
    "sessions",
    METADATA,
    Column("token_sha256", String(64), primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
)

papers = Table(
    "papers",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("feature", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("agency_id", ForeignKey("agencies.id"), nullable=False),
    Column("drafter_id", ForeignKey("people.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("subject", Text, nullable=False),
    Column("secrecy", String(16), nullable=False),
    Column("urgency", String(16), nullable=False),
    Column("form", JSON, nullable=False),
    Column("steps", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("number", Text),
    Column("dated", Date),
    Column("draft", String(64)),
    Column("places", JSON, nullable=False),
    Column("reference", Text, unique=True),
    Column("progress", Integer, nullable=False, server_default="0"),
    Column("code", Text, unique=True),
    Column("page", Text),
    Column("signed", String(64)),
    Column("problem", Text),
    Column("valid_until", Date),
    Column("replaces", ForeignKey("papers.id")),
    Column("version", Integer, nullable=False, server_default="0"),
    CheckConstraint("state = 'draft' OR number IS NOT NULL OR state = 'cancelled'", name="released_has_number"),
    CheckConstraint("state <> 'signed' OR signed IS NOT NULL", name="signed_is_kept"),
    Index("ix_papers_list", "agency_id", "feature", "changed_at"),
)

signers = Table(
    "signers",
    METADATA,
    Column("paper_id", ForeignKey("papers.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True, index=True),
)

series = Table(
    "series",
    METADATA,
    Column("agency_id", ForeignKey("agencies.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

numbers = Table(
    "numbers",
    METADATA,
    Column("agency_id", Text, primary_key=True),
    Column("series", Text, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("paper_id", ForeignKey("papers.id"), nullable=False, unique=True),
    Column("number", Text, nullable=False),
    Column("drawn_at", UtcTime, nullable=False),
    Column("void", Text),
)

errands = Table(
    "errands",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("paper_id", ForeignKey("papers.id"), nullable=False),
    Column("details", JSON, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", UtcTime, nullable=False),
    Column("taken_until", UtcTime),
    Column("done_at", UtcTime),
    Column("last_problem", Text),
    UniqueConstraint("kind", "paper_id", "id"),
    Index("ix_errands_due", "done_at", "due_at"),
)

incoming = Table(
    "incoming",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("agency_id", ForeignKey("agencies.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("agenda", Integer, nullable=False),
    Column("sender", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("number", Text),
    Column("dated", Date),
    Column("sha256", String(64), nullable=False),
    Column("verdict", JSON, nullable=False),
    Column("arrived_at", UtcTime, nullable=False),
    Column("paper_id", ForeignKey("papers.id")),
    Column("read_at", UtcTime),
    Column("read_by", ForeignKey("people.id")),
    UniqueConstraint("agency_id", "sha256"),
    UniqueConstraint("agency_id", "year", "agenda"),
    Index("ix_incoming_list", "agency_id", "arrived_at"),
)

dispositions = Table(
    "dispositions",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("incoming_id", ForeignKey("incoming.id"), nullable=False, index=True),
    Column("parent_id", ForeignKey("dispositions.id")),
    Column("from_person", ForeignKey("people.id"), nullable=False),
    Column("to_person", ForeignKey("people.id"), nullable=False),
    Column("instruction", Text, nullable=False),
    Column("until", Date),
    Column("given_at", UtcTime, nullable=False),
    Column("report", Text),
    Column("done_at", UtcTime),
    Index("ix_dispositions_mine", "to_person", "done_at"),
)

records = Table(
    "records",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("feature", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("agency_id", ForeignKey("agencies.id"), nullable=False),
    Column("owner_id", ForeignKey("people.id")),
    Column("day", Date),
    Column("state", String(32), nullable=False),
    Column("data", JSON, nullable=False),
    Column("paper_id", ForeignKey("papers.id"), index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    UniqueConstraint("feature", "kind", "key", name="uq_records_key"),
    Index("ix_records_list", "feature", "kind", "agency_id", "created_at"),
    Index("ix_records_day", "feature", "kind", "day"),
    Index("ix_records_state", "feature", "kind", "state"),
    Index("ix_records_owner", "owner_id", "feature", "kind"),
)

duties = Table(
    "duties",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("due_at", UtcTime, nullable=False),
    Column("taken_until", UtcTime),
)

heard = Table(
    "heard",
    METADATA,
    Column("source", String(32), primary_key=True),
    Column("last_event", Text),
)

history = Table(
    "history",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("paper_id", ForeignKey("papers.id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("who", Text),
    Column("what", String(32), nullable=False),
    Column("note", Text),
)
