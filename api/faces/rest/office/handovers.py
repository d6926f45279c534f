"""A step of a document is handed to who acts in its office: an administrator asks, a second person agrees."""

from datetime import date
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller
from litestar.params import FromPath
from msgspec import Meta

from api.faces.rest.office.people_body import ApprovalBody
from api.faces.rest.office.visit import Visit, Visiting, acts, reads
from api.faces.rest.office.words import APPROVAL
from api.office.handovers import HandoverOffice
from api.permissions import Permission
from api.problems import NOT_FOUND, OFFICE_CLOSED, PROBLEMS, RequestRefused
from signer.appointments import ActingForm
from signer.errors import CredentialUnusable, FlowRefused, Refused
from signer.handing_over import Deputy

_ID: Final = "0123456789abcdef0123456789abcdef"
_STEP: Final = (NOT_FOUND, PROBLEMS[FlowRefused])
_SIGNABLE: Final = (*_STEP, PROBLEMS[Refused], PROBLEMS[CredentialUnusable])
_DEPUTY: Final = {
    "appointment": _ID,
    "signatory": "K5QXA2LBONUWC3TB",
    "name": "Ni Made Contoh",
    "form": "plh",
    "office": "Kepala Dinas Contoh",
    "startsOn": "2026-12-01",
    "endsOn": "2026-12-14",
    "canSign": True,
}
_APPOINTMENT = Annotated[str, Meta(min_length=1, max_length=64, examples=[_ID])]


class DeputyBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Somebody who acts in the office of the step today."""

    appointment: str
    signatory: str
    name: str
    form: ActingForm
    office: str
    starts_on: date
    ends_on: date
    can_sign: Annotated[bool, Meta(description="Whether they have a certificate that may sign now.")]

    @classmethod
    def of(cls, deputy: Deputy) -> "DeputyBody":
        """In the words of this contract."""
        held = deputy.appointment
        return cls(
            appointment=held.id,
            signatory=deputy.signatory.id,
            name=deputy.signatory.name,
            form=held.form,
            office=held.office,
            starts_on=held.starts_on,
            ends_on=held.ends_on,
            can_sign=deputy.credential_id is not None,
        )


class DeputyList(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whoever acts; at most 20, those whose appointment ends first at the beginning."""

    items: list[DeputyBody]


class HandoverProposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """To whom."""

    appointment: _APPOINTMENT


class HandoverRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What a second person has approved."""

    appointment: _APPOINTMENT
    approval: Annotated[str, Meta(min_length=1, max_length=64, examples=[_ID])]


class HandoverController(Controller):
    """For administrators; officials do it on their own desk."""

    path = "/handovers/{document:str}/{number:int}"
    tags = ["documents"]  # noqa: RUF012 - the framework's way

    @reads("/", "ListDeputies", Permission.PROPOSAL_CREATE, gives=DeputyList, fails=_STEP, shows={"items": [_DEPUTY]})
    def deputies(self, visit: Visiting[None], document: FromPath[str], number: FromPath[int]) -> DeputyList:
        """Who acts in the office of a step that waits, today"""
        return DeputyList(items=list(map(DeputyBody.of, _office(visit).deputies(visit.caller, document, number))))

    @acts(
        "/proposal",
        "ProposeHandover",
        Permission.PROPOSAL_CREATE,
        takes=HandoverProposal,
        sends={"appointment": _ID},
        gives=ApprovalBody,
        status=201,
        at="/v1/approvals/{0.id}",
        fails=_STEP,
    )
    def propose(
        self, visit: Visiting[HandoverProposal], document: FromPath[str], number: FromPath[int]
    ) -> ApprovalBody:
        """Ask a second person whether a step goes to who acts in its office; for administrators"""
        return ApprovalBody.of(_office(visit).propose(visit.caller, document, number, visit.brought.appointment))

    @acts(
        "/",
        "HandOver",
        Permission.PROPOSAL_CREATE,
        takes=HandoverRequest,
        sends={"appointment": _ID, "approval": _ID},
        gives=DeputyBody,
        shows=_DEPUTY,
        fails=(*_SIGNABLE, *APPROVAL),
    )
    def hand_over(self, visit: Visiting[HandoverRequest], document: FromPath[str], number: FromPath[int]) -> DeputyBody:
        """Do what was approved; the application hears of it"""
        brought = visit.brought
        done = _office(visit).hand_over(
            visit.caller, document, number, brought.appointment, approval_id=brought.approval
        )
        return DeputyBody.of(done)


def _office(visit: Visit[Any]) -> HandoverOffice:
    if visit.services.handovers is None:
        raise RequestRefused(OFFICE_CLOSED, "This process serves no documents of several officials.")
    return visit.services.handovers
