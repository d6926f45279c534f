"""Many certificates revoked at once: asked for by one person, approved by another, each with its own outcome."""

from litestar import Controller

from api.faces.rest.office.certificate_body import BulkBody, BulkProposal, BulkRequest
from api.faces.rest.office.people_body import ApprovalBody
from api.faces.rest.office.visit import Visit, Visiting, acts
from api.faces.rest.office.wire import read_serial
from api.faces.rest.office.words import APPROVAL, CERTIFICATE
from api.permissions import Permission


class RevocationController(Controller):
    """Bulk revocation."""

    path = "/revocations"
    tags = ["certificates"]  # noqa: RUF012 - the framework's way

    @acts(
        "/proposal",
        "ProposeRevocations",
        Permission.CERTIFICATE_REVOKE,
        takes=BulkProposal,
        gives=ApprovalBody,
        status=201,
        at="/v1/approvals/{0.id}",
        fails=CERTIFICATE,
    )
    def propose(self, visit: Visiting[BulkProposal]) -> ApprovalBody:
        """Ask a second person for the revocation of a list"""
        office, reason = visit.people.office, visit.brought.reason.flag
        return ApprovalBody.of(office.propose_bulk_revocation(visit.caller, _serials(visit), reason))

    @acts(
        "/",
        "RevokeMany",
        Permission.CERTIFICATE_REVOKE,
        takes=BulkRequest,
        gives=BulkBody,
        fails=(*CERTIFICATE, *APPROVAL),
    )
    def revoke(self, visit: Visiting[BulkRequest]) -> BulkBody:
        """Revoke the approved list; each certificate has its own outcome"""
        office, asked = visit.people.office, visit.brought
        listed = _serials(visit)
        return BulkBody.of(office.revoke_many(visit.caller, listed, asked.reason.flag, approval_id=asked.approval))


def _serials(visit: Visit[BulkProposal] | Visit[BulkRequest]) -> list[int]:
    """Those that are named, and those of the officials that are named."""
    asked, office = visit.brought, visit.people.office
    named = [read_serial(each) for each in asked.serials]
    return [*named, *office.serials_of(visit.caller, asked.officials)] if asked.officials else named
