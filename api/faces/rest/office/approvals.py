"""Approvals: what needs a second person."""

from litestar import Controller
from litestar.params import FromPath

from api.faces.rest.declaring import Cursor, Limit
from api.faces.rest.office.people_body import ApprovalBody, ApprovalPage, DecisionRequest
from api.faces.rest.office.visit import Visiting, acts, reads
from api.faces.rest.office.words import APPROVAL, PAGE
from api.permissions import Permission


class ApprovalController(Controller):
    """What one person proposed and another one decides on."""

    path = "/approvals"
    tags = ["approvals"]  # noqa: RUF012 - the framework's way

    @reads("/", "ListApprovals", Permission.APPROVAL_READ, gives=ApprovalPage, query=PAGE)
    def waiting(self, visit: Visiting[None], cursor: Cursor = None, limit: Limit = 50) -> ApprovalPage:
        """What waits for a second person"""
        found = visit.people.office.waiting_approvals(visit.caller, after=cursor or "", limit=limit)
        following = found[-1].id if len(found) == limit else None
        return ApprovalPage(items=[ApprovalBody.of(each) for each in found], next=following)

    @reads("/{approval:str}", "GetApproval", Permission.APPROVAL_READ, gives=ApprovalBody, fails=APPROVAL)
    def read(self, visit: Visiting[None], approval: FromPath[str]) -> ApprovalBody:
        """One approval"""
        return ApprovalBody.of(visit.people.office.approval(visit.caller, approval))

    @acts(
        "/{approval:str}/decision",
        "Decide",
        Permission.APPROVAL_DECIDE,
        takes=DecisionRequest,
        gives=ApprovalBody,
        fails=APPROVAL,
        sends={"approve": True, "note": "Sesuai berkas."},
    )
    def decide(self, visit: Visiting[DecisionRequest], approval: FromPath[str]) -> ApprovalBody:
        """Approve or reject, for good"""
        said = visit.brought
        return ApprovalBody.of(visit.people.office.decide(visit.caller, approval, approve=said.approve, note=said.note))
