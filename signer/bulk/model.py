"""The nouns of an import. All frozen and keyword-only; times are aware and in UTC, dates are those of the office."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class RowKind(Enum):
    """What a row asks for."""

    OFFICIAL = "official"
    """*Pejabat*: propose a new signatory."""
    TRANSFER = "transfer"
    """*Mutasi*: a signatory moves to another unit or body."""
    ACTING = "acting"
    """*Plt., Plh., Pj., Pjs.*: a signatory acts in an office between two dates."""


class RowState(Enum):
    """How far a row has come."""

    WAITING = "waiting"
    RESERVED = "reserved"
    """Begun: whoever takes it up again asks with the same key, so that nothing happens twice."""
    REGISTERED = "registered"
    """Proposed; people decide on it now."""
    DONE = "done"
    """The official has the certificate, or the appointment is recorded."""
    FAILED = "failed"
    """It could not be taken in, or somebody decided against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLimits:
    """How much a file may cost. Each is far above an honest province (50,000 officials, a dozen columns)."""

    bytes: int = 20 * 1024 * 1024
    unpacked_bytes: int = 200 * 1024 * 1024
    """Of all parts of an XLSX that are read, as they come out, whatever the archive claims."""
    rows: int = 60_000
    columns: int = 64
    cell_characters: int = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRow:
    """One row as it stands in the file."""

    number: int
    """As a spreadsheet counts: the heading is row 1."""
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRow:
    """One row in our words, ready to be taken in."""

    number: int
    kind: RowKind
    content: Mapping[str, str]
    """Column (English name) to text; columns without a text are absent. Dates as `YYYY-MM-DD`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong with one cell, or with one row; never quotes what might be a NIK or NIP."""

    row: int
    column: str | None
    """Its heading in the file; `None`: the row as a whole."""
    code: str
    """A stable word in kebab-case."""
    indonesian: str
    english: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """A file that was read whole. Only one without findings is taken in."""

    sha256: str
    rows: tuple[CheckedRow, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRow:
    """One row of an import that was taken in."""

    import_id: str
    row: CheckedRow
    state: RowState
    outcome: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import has come."""

    import_id: str
    file_name: str
    started_at: datetime
    counts: Mapping[RowState, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """Rows that still have to be taken up."""
        return self.counts.get(RowState.WAITING, 0) + self.counts.get(RowState.RESERVED, 0)
