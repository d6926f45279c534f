"""Operations of the CA out of their turn: proposed by an administrator, approved by a second person, done once."""

from litestar import Controller
from litestar.params import FromPath

from api.faces.rest.office.authority_body import OperationBody, OperationRequest
from api.faces.rest.office.people_body import ApprovalBody
from api.faces.rest.office.visit import Visiting, acts
from api.faces.rest.office.words import APPROVAL, CA
from api.office.operations import Operation
from api.permissions import Permission
from api.problems import NOT_FOUND, RequestRefused


class OperationController(Controller):
    """`crl`, `next-tsu`, `next-responder`, `last-crl`."""

    path = "/ca/operations"
    tags = ["authority"]  # noqa: RUF012 - the framework's way

    @acts(
        "/{operation:str}/proposal",
        "ProposeOperation",
        Permission.PROPOSAL_CREATE,
        gives=ApprovalBody,
        status=201,
        at="/v1/approvals/{0.id}",
        fails=(NOT_FOUND,),
    )
    def propose(self, visit: Visiting[None], operation: FromPath[str]) -> ApprovalBody:
        """Ask a second person for an operation of the CA; for administrators"""
        return ApprovalBody.of(visit.people.operations.propose(visit.caller, _known(operation)))

    @acts(
        "/{operation:str}",
        "CarryOutOperation",
        Permission.PROPOSAL_CREATE,
        takes=OperationRequest,
        gives=OperationBody,
        fails=(*APPROVAL, *CA),
        sends={"approval": "0123456789abcdef0123456789abcdef"},
        shows={"operation": "crl", "outcome": "CRL 118"},
    )
    def carry_out(self, visit: Visiting[OperationRequest], operation: FromPath[str]) -> OperationBody:
        """Do what was approved, once; what is known to be impossible today spends no approval"""
        known = _known(operation)
        outcome = visit.people.operations.carry_out(visit.caller, known, approval_id=visit.brought.approval)
        return OperationBody(operation=known, outcome=outcome)


def _known(operation: str) -> Operation:
    try:
        return Operation(operation)
    except ValueError:
        listed = ", ".join(Operation)
        raise RequestRefused(NOT_FOUND, f"Name one of {listed}.", field="operation", reason="unknown") from None
