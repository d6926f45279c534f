"""Many certificates revoked at once: asked for by one person, approved by another, each with its own outcome."""

from typing import Any, Final

import msgspec
from litestar import Controller, Response, post
from litestar.concurrency import sync_to_thread

from api.auth import requires
from api.faces.rest.json_body import json_of
from api.faces.rest.office import Asked, Given, office_of, told
from api.faces.rest.office_body import ApprovalBody, BulkBody, BulkProposal, BulkRequest, read_serial
from api.office.desk import Caller
from api.office.registry import Office
from api.permissions import Permission

_PROPOSAL: Final = msgspec.json.Decoder(BulkProposal)
_REQUEST: Final = msgspec.json.Decoder(BulkRequest)


class RevocationController(Controller):
    """Bulk revocation."""

    path = "/revocations"

    @post("/proposal", operation_id="ProposeRevocations", guards=[requires(Permission.CERTIFICATE_REVOKE)])
    async def propose(self, request: Asked, services: Given) -> Response[Any]:
        """Ask a second person for the revocation of exactly these."""
        body = await json_of(request, _PROPOSAL)

        def carry_out() -> Response[Any]:
            office, caller = office_of(services, request)
            approval = office.propose_bulk_revocation(caller, _serials(office, caller, body), body.reason.flag)
            return told(ApprovalBody.of(approval), status=201)

        return await sync_to_thread(carry_out)

    @post("/", operation_id="RevokeMany", guards=[requires(Permission.CERTIFICATE_REVOKE)])
    async def revoke(self, request: Asked, services: Given) -> Response[Any]:
        """Revoke what was approved; one that fails does not stop the others."""
        body = await json_of(request, _REQUEST)

        def carry_out() -> Response[Any]:
            office, caller = office_of(services, request)
            serials = _serials(office, caller, body)
            outcome = office.revoke_many(caller, serials, body.reason.flag, approval_id=body.approval)
            return told(BulkBody.of(outcome))

        return await sync_to_thread(carry_out)


def _serials(office: Office, caller: Caller, body: BulkProposal) -> list[int]:
    """Those that are named, and those of the officials that are named."""
    named = [read_serial(each) for each in body.serials]
    return [*named, *office.serials_of(caller, body.officials)] if body.officials else named
