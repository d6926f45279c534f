"""Officials from a file: checked whole, approved whole by a second person, taken in; a closed page ends nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, MultipartBody, URLEncodedBody

from api.faces.console.import_views import counted, row_cells, row_line
from api.faces.console.listing import PAGE, address, cursor_of, place_of
from api.faces.console.office_views import ProposalLine, proposal_line
from api.faces.console.office_words import NO_FILE, ROW_KINDS, told
from api.faces.console.visit import Visit, Visits, to
from api.office import objects
from api.pages.tables import csv_answer
from api.pages.text import Text
from api.permissions import Permission
from signer.bulk.model import CheckedFile, Finding, ImportedRow, RowKind, TableLimits
from signer.errors import ImportRefused, NotPermitted, Refused
from signer.people import ApprovalQuery, ApprovalStage

IMPORTS: Final = "/console/imports"
IMPORT: Final = f"{IMPORTS}/{{batch:str}}"
_FINDINGS: Final = 200
"""Errors that are shown at once; whoever mends these sees the next ones."""
_HEADINGS: Final = ("baris", "jenis", "nama", "unit_kerja", "status", "alasan")
_FOR_FORM: Final = 64 * 1024
"""Bytes of the rest of the form around the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """The file, and whether it is to be checked alone."""

    csrf: str = ""
    file: UploadFile | None = None
    way: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportForm:
    """An act on a file that was taken in."""

    csrf: str = ""


class ImportsController(Controller):
    """For registrars; an approver reads what they are asked about."""

    include_in_schema = False

    @get(IMPORTS, sync_to_thread=True)
    def page(self, visit: Visits) -> Response[Any]:
        """The form, and the last files."""
        return _start(visit)

    @post(IMPORTS, status_code=200, sync_to_thread=True, request_max_body_size=TableLimits().bytes + _FOR_FORM)
    def take_in(self, visit: Visits, data: MultipartBody[FileForm]) -> Response[Any]:
        """Check the file whole; keep it where nothing is wrong and more than a check was asked for."""
        caller = visit.own(data.csrf)
        name, content = _read(data.file)
        if not content:
            return _start(visit, error=NO_FILE)
        imports = visit.doors.people.imports
        try:
            if data.way == "check":
                return _checked(visit, name, imports.check(caller, content))
            kept = imports.keep(caller, name, content)
        except NotPermitted:
            raise
        except Refused as refused:
            return _start(visit, error=told(refused))
        if kept.import_id is None:
            return _checked(visit, name, kept.checked)
        return to(_path(kept.import_id))

    @get(IMPORT, sync_to_thread=True)
    def one(
        self,
        visit: Visits,
        batch: FromPath[str],
        cursor: FromQuery[str] = "",
        format: FromQuery[str] = "",
        go: FromQuery[str] = "",
    ) -> Response[Any]:
        """How far it is, and its rows. `go`: the page goes on by itself until every row was taken."""
        if format == "csv":
            return csv_answer("impor.csv", _HEADINGS, [row_cells(each) for each in _all_rows(visit, batch)])
        return _page(visit, batch, cursor=cursor, go=bool(go))

    @post(f"{IMPORT}/proposal", status_code=200, sync_to_thread=True)
    def propose(self, visit: Visits, batch: FromPath[str], data: URLEncodedBody[ImportForm]) -> Response[Any]:
        """Ask a second person for all of its rows, once."""
        caller = visit.own(data.csrf)
        try:
            if not _proposals(visit, batch, ApprovalStage.WAITING):
                visit.doors.people.imports.propose(caller, batch)
        except ImportRefused:
            raise HTTPException(status_code=404) from None
        return to(_path(batch))

    @post(f"{IMPORT}/run", status_code=200, sync_to_thread=True)
    def run(self, visit: Visits, batch: FromPath[str], data: URLEncodedBody[ImportForm]) -> Response[Any]:
        """The next rows; each exactly once, whoever presses and however often."""
        caller = visit.own(data.csrf)
        ready = _proposals(visit, batch, ApprovalStage.READY, by=caller.member.id)
        try:
            visit.doors.people.imports.go_on(caller, batch, approval_id=ready[0].id if ready else None)
        except NotPermitted:
            raise
        except Refused as refused:
            return _page(visit, batch, error=told(refused))
        return to(f"{_path(batch)}?go=1")


def _start(visit: Visit, *, error: Text | None = None) -> Response[Any]:
    recent, offset = visit.doors.people.imports.recent(visit.caller), visit.doors.settings.utc_offset_hours
    return visit.show(
        "imports.html",
        error=error,
        recent=[counted(each, utc_offset_hours=offset) for each in recent],
        limits=TableLimits(),
        may_register=visit.may(Permission.REGISTRATION_CREATE),
    )


def _checked(visit: Visit, name: str, checked: CheckedFile | None) -> Response[Any]:
    """What a check found; nothing was kept."""
    found: Sequence[Finding] = () if checked is None else checked.findings
    rows = () if checked is None else checked.rows
    answer = visit.show(
        "import_checked.html",
        name=name,
        count=len(rows),
        kinds=[(ROW_KINDS[kind], sum(each.kind is kind for each in rows)) for kind in RowKind],
        findings=found[:_FINDINGS],
        errors=len(found),
    )
    answer.status_code = 422 if found else 200
    return answer


def _page(visit: Visit, batch: str, *, cursor: str = "", go: bool = False, error: Text | None = None) -> Response[Any]:
    people, caller = visit.doors.people, visit.caller
    after = _number(cursor)
    try:
        progress, failures = people.imports.progress(caller, batch)
    except ImportRefused:
        raise HTTPException(status_code=404) from None
    rows = people.imports.rows(caller, batch, after=after, limit=PAGE)
    approved = people.imports.approved_under(caller, batch) is not None
    waiting = _proposals(visit, batch, ApprovalStage.WAITING)
    ready = _proposals(visit, batch, ApprovalStage.READY, by=caller.member.id)
    registers = visit.may(Permission.REGISTRATION_CREATE)
    return visit.show(
        "import.html",
        error=error,
        counted=counted(progress, utc_offset_hours=visit.doors.settings.utc_offset_hours),
        rows=[row_line(each) for each in rows],
        failures=[row_line(each) for each in failures[:PAGE]],
        waiting=waiting[0] if waiting else None,
        approved=approved,
        may_propose=registers and not (approved or waiting or ready) and progress.open > 0,
        may_run=registers and (approved or bool(ready)) and progress.open > 0,
        started=approved and progress.open < progress.total,
        go=go and progress.open > 0,
        next_page=address(_path(batch), cursor=cursor_of(str(rows[-1].row.number))) if len(rows) == PAGE else None,
        csv=address(_path(batch), format="csv"),
        first=not cursor,
    )


def _proposals(visit: Visit, batch: str, stage: ApprovalStage, *, by: str | None = None) -> list[ProposalLine]:
    """The last one at this stage, of this person where one is named."""
    query = ApprovalQuery(objects=(objects.import_of(batch),), stage=stage, proposed_by=by, limit=1)
    found = visit.doors.people.proposals.search(visit.caller, query)
    offset = visit.doors.settings.utc_offset_hours
    return [proposal_line(each, at=visit.doors.now(), utc_offset_hours=offset) for each in found]


def _all_rows(visit: Visit, batch: str) -> list[ImportedRow]:
    """No more than a file may have (`TableLimits.rows`)."""
    rows: list[ImportedRow] = []
    while page := visit.doors.people.imports.rows(
        visit.caller, batch, after=rows[-1].row.number if rows else 0, limit=1000
    ):
        rows += page
    return rows


def _read(upload: UploadFile | None) -> tuple[str, bytes]:
    """Name and content; 413 for what is larger than any file of officials."""
    if upload is None:
        return "", b""
    most = TableLimits().bytes
    with upload.file as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise HTTPException(status_code=413)
    return (upload.filename or "berkas")[-100:], content


def _number(cursor: str) -> int:
    place = place_of(cursor, 1)
    if place is None:
        return 0
    if not place[0].isdecimal() or len(place[0]) > 9:
        raise HTTPException(status_code=404)
    return int(place[0])


def _path(batch: str) -> str:
    return f"{IMPORTS}/{batch}"
