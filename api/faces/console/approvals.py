"""The second person's page: what waits, who asked, until when; decided here, and carried out by who proposed it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api.faces.console.approved import Subject, subject_of
from api.faces.console.dossier import names_of
from api.faces.console.listing import PAGE, address, chips, cursor_of, place_of, word_of
from api.faces.console.office_views import proposal_line
from api.faces.console.office_words import KINDS, STAGES, told
from api.faces.console.registrations import Slip
from api.faces.console.visit import Visit, Visits, to
from api.office import objects
from api.office.proposals import Proposal
from api.pages.moments import in_words
from api.pages.qr import drawn
from api.pages.tables import csv_answer
from api.pages.text import Text
from api.permissions import Permission
from ca.errors import CaRefused
from signer.errors import ApprovalRefused, NotPermitted, Refused
from signer.people import ApprovalKind, ApprovalQuery, ApprovalStage

APPROVALS: Final = "/console/approvals"
APPROVAL: Final = f"{APPROVALS}/{{approval:str}}"
_ALL: Final = Text("Semua", "All")
_HEADINGS: Final = (
    "id",
    "jenis",
    "perihal",
    "tahap",
    "diusulkan_oleh",
    "diusulkan",
    "batas",
    "diputuskan_oleh",
    "diputuskan",
)
_MOST_IN_FILE: Final = 5000
_APPROVE, _REJECT = "approve", "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionForm:
    """What the second person says."""

    csrf: str = ""
    decision: str = ""
    note: str = ""


class ApprovalsController(Controller):
    """All that was ever proposed."""

    include_in_schema = False

    @get(APPROVALS, sync_to_thread=True)
    def page(
        self,
        visit: Visits,
        *,
        stage: FromQuery[str] = "waiting",
        kind: FromQuery[str] = "",
        mine: FromQuery[str] = "",
        cursor: FromQuery[str] = "",
        format: FromQuery[str] = "",
    ) -> Response[Any]:
        """The newest first; at the beginning what waits for a decision. `stage=all`: whatever became of it."""
        people, caller, at = visit.doors.people, visit.caller, visit.doors.now()
        offset = visit.doors.settings.utc_offset_hours
        query = ApprovalQuery(
            stage=None if stage == "all" else word_of(ApprovalStage, stage),
            kind=word_of(ApprovalKind, kind),
            proposed_by=caller.member.id if mine else None,
            after=_place(cursor),
            limit=_MOST_IN_FILE if format == "csv" else PAGE,
        )
        found = people.proposals.search(caller, query)
        if format == "csv":
            return csv_answer("persetujuan.csv", _HEADINGS, [_cells(each) for each in found])
        given = {"stage": stage, "kind": kind, "mine": "1" if mine else ""}
        choices = [*((each.value, STAGES[each][0]) for each in ApprovalStage), ("all", _ALL)]
        return visit.show(
            "approvals.html",
            found=[proposal_line(each, at=at, utc_offset_hours=offset) for each in found],
            given=given,
            chips=chips(APPROVALS, "stage", choices, stage, **given),
            kinds=[(each.value, KINDS[each]) for each in ApprovalKind],
            names=names_of(visit),
            may_decide=visit.may(Permission.APPROVAL_DECIDE),
            next_page=address(APPROVALS, **given, cursor=_behind(found[-1])) if len(found) == PAGE else None,
            csv=address(APPROVALS, **given, format="csv"),
            first=not cursor,
        )

    @get(APPROVAL, sync_to_thread=True)
    def one(self, visit: Visits, approval: FromPath[str]) -> Response[Any]:
        """Who asks for what, until when; and what may be done about it now."""
        return _page(visit, approval)

    @post(f"{APPROVAL}/decision", status_code=200, sync_to_thread=True)
    def decide(self, visit: Visits, approval: FromPath[str], data: URLEncodedBody[DecisionForm]) -> Response[Any]:
        """Yes or no, for good."""
        visit.own(data.csrf)
        caller = visit.confirmed(f"{APPROVALS}/{approval}")
        if data.decision not in (_APPROVE, _REJECT):
            raise HTTPException(status_code=422)
        note = " ".join(data.note.split()) or None
        try:
            visit.doors.people.office.decide(caller, approval, approve=data.decision == _APPROVE, note=note)
        except Refused as refused:
            if isinstance(refused, NotPermitted) and refused.reason != "own":
                raise
            return _page(visit, approval, error=told(refused))
        return to(f"{APPROVALS}/{approval}")

    @post(f"{APPROVAL}/act", status_code=200, sync_to_thread=True)
    def act(self, visit: Visits, approval: FromPath[str], data: URLEncodedBody[DecisionForm]) -> Response[Any]:
        """Carry out what was approved, as its proposer, once."""
        visit.own(data.csrf)
        visit.confirmed(f"{APPROVALS}/{approval}")
        try:
            return _carried_out(visit, _found(visit, approval))
        except NotPermitted:
            raise
        except (Refused, CaRefused) as refused:
            return _page(visit, approval, error=told(refused))


def _carried_out(visit: Visit, proposal: Proposal) -> Response[Any]:
    """What kinds of this area need; the others are carried out on their own pages."""
    people, caller, one = visit.doors.people, visit.caller, proposal.approval
    about = one.object.partition(":")[2]
    match one.kind:
        case ApprovalKind.BULK_REVOCATION:
            failed = {serial: error for serial, error in people.proposals.revoke(caller, one.id).items() if error}
            if failed:
                return _page(visit, one.id, failed=failed)
        case ApprovalKind.RELEASE:
            people.office.release(caller, int(about, 16), approval_id=one.id)
        case ApprovalKind.FACTOR_RESET:
            return _factor_link(visit, proposal, about)
        case ApprovalKind.IMPORT:
            people.imports.go_on(caller, about, approval_id=one.id)
            return to(f"/console/imports/{about}")
        case ApprovalKind.HANDOVER if visit.doors.services.handovers is not None:
            step = objects.handover_of(one.object)
            visit.doors.services.handovers.hand_over(caller, *step, approval_id=one.id)
        case _:
            raise HTTPException(status_code=404)
    return to(f"{APPROVALS}/{one.id}")


def _factor_link(visit: Visit, proposal: Proposal, signatory_id: str) -> Response[Any]:
    """The link for new factors; this page alone ever shows it."""
    one, factors, settings = proposal.approval, visit.doors.people.factors, visit.doors.settings
    act = factors.first if one.object.startswith("first-factor:") else factors.reset
    subject = subject_of(visit, one)
    link = settings.public_url + act(visit.caller, signatory_id, approval_id=one.id)
    hours = visit.doors.services.settings.people.link_hours
    until = in_words(visit.doors.now() + timedelta(hours=hours), utc_offset_hours=settings.utc_offset_hours)
    slip = Slip(name=subject.name, where=subject.where, link=link, qr=drawn(link), until=until)
    return visit.show("links.html", slips=[slip], failed=[], back=f"/console/officials/{signatory_id}")


def _page(
    visit: Visit,
    approval_id: str,
    *,
    error: Text | None = None,
    failed: dict[int, Exception] | None = None,
) -> Response[Any]:
    found, caller = _found(visit, approval_id), visit.caller
    one, at, offset = found.approval, visit.doors.now(), visit.doors.settings.utc_offset_hours
    waits, ready = found.stage is ApprovalStage.WAITING, found.stage is ApprovalStage.READY
    own = one.proposed_by == caller.member.id or one.proposer_identity == caller.member.identity_hash
    subject: Subject = subject_of(visit, one)
    return visit.show(
        "approval.html",
        error=error,
        line=proposal_line(found, at=at, utc_offset_hours=offset),
        approval=one,
        subject=subject,
        names=names_of(visit),
        decided_at=None if one.decided_at is None else in_words(one.decided_at, utc_offset_hours=offset),
        may_decide=waits and not own and visit.may(Permission.APPROVAL_DECIDE),
        may_act=ready and one.proposed_by == caller.member.id and subject.acts is not None,
        waits=waits,
        ready=ready,
        confirmed=visit.session.confirmed(at),
        failed=[(f"{serial:x}", _said(failure)) for serial, failure in (failed or {}).items()],
    )


def _said(failure: Exception) -> Text:
    return (
        told(failure) if isinstance(failure, Refused | CaRefused) else Text("Belum berhasil.", "It did not work yet.")
    )


def _found(visit: Visit, approval_id: str) -> Proposal:
    try:
        return visit.doors.people.proposals.get(visit.caller, approval_id)
    except ApprovalRefused:
        raise HTTPException(status_code=404) from None


def _behind(last: Proposal) -> str:
    return cursor_of(last.approval.proposed_at.isoformat(), last.approval.id)


def _place(cursor: str) -> tuple[datetime, str] | None:
    place = place_of(cursor, 2)
    if place is None:
        return None
    try:
        moment = datetime.fromisoformat(place[0])
    except ValueError:
        raise HTTPException(status_code=404) from None
    if moment.tzinfo is None:
        raise HTTPException(status_code=404)
    return moment, place[1]


def _cells(proposal: Proposal) -> tuple[str, ...]:
    one = proposal.approval
    return (
        one.id,
        KINDS[one.kind].id,
        one.summary,
        proposal.stage.value,
        one.proposed_by,
        one.proposed_at.isoformat(timespec="seconds"),
        one.expires_at.isoformat(timespec="seconds"),
        one.decided_by or "",
        one.decided_at.isoformat(timespec="seconds") if one.decided_at else "",
    )
