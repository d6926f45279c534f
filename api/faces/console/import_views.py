"""What the pages about files of officials show. Nothing here asks or changes anything."""

from dataclasses import dataclass

from api.faces.console.office_words import ROW_KINDS, ROWS
from api.pages.moments import in_words
from api.pages.text import Text
from signer.bulk.model import ImportedRow, Progress, RowState


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLine:
    """One row of a file."""

    number: int
    kind: Text
    name: str
    where: str
    words: Text | None
    tone: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How far a file has come."""

    id: str
    file_name: str
    started_at: Text
    total: int
    taken: int
    failed: int
    open: int


def counted(progress: Progress, *, utc_offset_hours: int) -> Counted:
    """How far a file has come."""
    failed = progress.counts.get(RowState.FAILED, 0)
    return Counted(
        id=progress.import_id,
        file_name=progress.file_name,
        started_at=in_words(progress.started_at, utc_offset_hours=utc_offset_hours),
        total=progress.total,
        taken=progress.total - progress.open - failed,
        failed=failed,
        open=progress.open,
    )


def row_line(one: ImportedRow) -> RowLine:
    """One row in a list."""
    words, tone = ROWS[one.state]
    content = one.row.content
    return RowLine(
        number=one.row.number,
        kind=ROW_KINDS[one.row.kind],
        name=content.get("name") or content.get("signatory_id", ""),
        where=content.get("unit") or content.get("office") or content.get("organisation", ""),
        words=words,
        tone=tone,
        reason=one.reason,
    )


def row_cells(one: ImportedRow) -> tuple[str, ...]:
    """One row of a file of rows."""
    line = row_line(one)
    state = one.state.value
    return (str(line.number), one.row.kind.value, line.name, line.where, state, line.reason or "")
