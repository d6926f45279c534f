"""What registrars send and read about imports. What might be a NIK or NIP in a file is never quoted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta

from api.faces.rest.office.people_body import ApprovalBody
from api.faces.rest.office.wire import Reference, Sent, Told
from api.office.imports import Intake
from signer.bulk.model import ImportedRow, Progress

MOST_FINDINGS: Final = 1000


class ImportStep(Sent, frozen=True, kw_only=True):
    """The next portion of rows."""

    approval: Annotated[Reference | None, Meta(description="Needed once, with the first portion.")] = None


class FindingBody(Told, frozen=True, kw_only=True):
    """What is wrong with one cell, or with one row."""

    row: Annotated[int, Meta(description="As a spreadsheet counts: the heading is row 1.")]
    column: Annotated[str | None, Meta(description="Its heading in the file; null: the row as a whole.")]
    code: Annotated[str, Meta(description="Stable word for machines.")]
    id: str
    en: str


class IntakeBody(Told, frozen=True, kw_only=True):
    """What became of a file: taken in, or everything that is wrong with it."""

    id: Annotated[str | None, Meta(description="Of the import; null where anything is wrong, and nothing was kept.")]
    rows: Annotated[int | None, Meta(description="Null for a file that was sent before.")]
    approval: Annotated[ApprovalBody | None, Meta(description="What a second person has to decide first.")]
    errors: Annotated[int, Meta(description="How many there are, also where not all are listed.")]
    findings: Annotated[list[FindingBody], Meta(description=f"The first {MOST_FINDINGS}.")]

    @classmethod
    def of(cls, intake: Intake) -> "IntakeBody":
        """In the words of this contract."""
        found = intake.checked.findings if intake.checked is not None else ()
        return cls(
            id=intake.import_id,
            rows=None if intake.checked is None else len(intake.checked.rows),
            approval=None if intake.approval is None else ApprovalBody.of(intake.approval),
            errors=len(found),
            findings=[
                FindingBody(row=each.row, column=each.column, code=each.code, id=each.indonesian, en=each.english)
                for each in found[:MOST_FINDINGS]
            ],
        )


class FailedRowBody(Told, frozen=True, kw_only=True):
    """A row that was refused."""

    row: int
    reason: str | None


class ImportBody(Told, frozen=True, kw_only=True):
    """How far an import has come."""

    id: str
    file: str
    started_at: datetime
    rows: int
    open: Annotated[int, Meta(description="Rows that are left: ask for the next portion until it is 0.")]
    states: dict[str, int]
    failed: list[FailedRowBody]

    @classmethod
    def of(cls, progress: Progress, failed: Iterable[ImportedRow] = ()) -> "ImportBody":
        """In the words of this contract."""
        return cls(
            id=progress.import_id,
            file=progress.file_name,
            started_at=progress.started_at,
            rows=progress.total,
            open=progress.open,
            states={state.value: count for state, count in progress.counts.items()},
            failed=[FailedRowBody(row=each.row.number, reason=each.reason) for each in failed],
        )
