"""Whom applications want enrolled: read by the office, and closed by a registrar."""

from datetime import datetime
from typing import Annotated, Final

from litestar import Controller
from litestar.params import FromPath
from msgspec import Meta

from api.faces.rest.declaring import Cursor, Limit
from api.faces.rest.office.visit import Visiting, acts, reads
from api.faces.rest.office.wire import Following, Told
from api.faces.rest.office.words import PAGE, REGISTRATION
from api.permissions import Permission
from api.problems import NOT_FOUND, RequestRefused
from signer.enrolment_requests import EnrolmentRequest

_WAITING: Final = {
    "id": "0123456789abcdef0123456789abcdef",
    "client": "e-office",
    "name": "I Wayan Contoh",
    "email": "wayan.contoh@example.org",
    "askedAt": "2026-11-21T04:00:00Z",
    "closedAt": None,
    "closedBy": None,
}


class EnrolmentRequestBody(Told, frozen=True, kw_only=True):
    """What an application claims of somebody; a registrar checks it and registers the official as always."""

    id: str
    client: Annotated[str, Meta(description="The application that sent it in.")]
    name: str
    email: str
    asked_at: datetime
    closed_at: datetime | None
    closed_by: str | None

    @classmethod
    def of(cls, one: EnrolmentRequest) -> "EnrolmentRequestBody":
        """In the words of this contract."""
        return cls(
            id=one.id,
            client=one.client_id,
            name=one.name,
            email=one.email,
            asked_at=one.asked_at,
            closed_at=one.closed_at,
            closed_by=one.closed_by,
        )


class EnrolmentRequestPage(Told, frozen=True, kw_only=True):
    """Some that wait, by id."""

    items: list[EnrolmentRequestBody]
    next: Following


class EnrolmentRequestController(Controller):
    """A request issues nothing: it only says whom to look at."""

    path = "/enrolment-requests"
    tags = ["registrations"]  # noqa: RUF012 - the framework's way

    @reads(
        "/",
        "ListEnrolmentRequests",
        Permission.REGISTRATION_READ,
        gives=EnrolmentRequestPage,
        query=PAGE,
        shows={"items": [_WAITING], "next": None},
    )
    def waiting(self, visit: Visiting[None], cursor: Cursor = None, limit: Limit = 50) -> EnrolmentRequestPage:
        """Whom applications want enrolled, as they claim; those that wait, by id"""
        found = visit.people.directory.enrolment_requests(visit.caller, after=cursor or "", limit=limit)
        following = found[-1].id if len(found) == limit else None
        return EnrolmentRequestPage(items=[EnrolmentRequestBody.of(each) for each in found], next=following)

    @reads(
        "/{enrolment:str}",
        "GetEnrolmentRequest",
        Permission.REGISTRATION_READ,
        gives=EnrolmentRequestBody,
        fails=(NOT_FOUND,),
        shows=_WAITING,
        changed=lambda body: body.closed_at or body.asked_at,
    )
    def read(self, visit: Visiting[None], enrolment: FromPath[str]) -> EnrolmentRequestBody:
        """One request for enrolment, also when it is closed"""
        found = visit.people.directory.enrolment_request(visit.caller, enrolment)
        if found is None:
            raise RequestRefused(NOT_FOUND, "No such request for enrolment.", field="enrolment", reason="unknown")
        return EnrolmentRequestBody.of(found)

    @acts(
        "/{enrolment:str}/closure",
        "CloseEnrolmentRequest",
        Permission.REGISTRATION_CREATE,
        gives=EnrolmentRequestBody,
        fails=REGISTRATION,
        shows=_WAITING | {"closedAt": "2026-11-21T05:00:00Z", "closedBy": "pendaftar"},
    )
    def close(self, visit: Visiting[None], enrolment: FromPath[str]) -> EnrolmentRequestBody:
        """The person was registered, or will not be; the address may be asked for again"""
        return EnrolmentRequestBody.of(visit.people.directory.close_enrolment_request(visit.caller, enrolment))
