"""An official's contact and acting appointments."""

from datetime import date
from typing import Final

from litestar import Controller
from litestar.params import FromPath

from api.faces.rest.declaring import Cursor, Limit
from api.faces.rest.office.directory_body import (
    AppointmentBody,
    AppointmentList,
    AppointmentRequest,
    ContactBody,
    ContactRequest,
)
from api.faces.rest.office.visit import Visit, Visiting, acts, reads
from api.faces.rest.office.wire import cursor_of, place_of
from api.faces.rest.office.words import OFFICIAL, PAGE
from api.permissions import Permission
from api.problems import NOT_FOUND, RequestRefused

_CONTACT: Final = {"signatory": "K5QXA2LBONUWC3TB", "email": "wayan.contoh@example.org"}
_NO_CONTACT: Final = {"signatory": "K5QXA2LBONUWC3TB", "email": None}
_APPOINTED: Final = {
    "form": "plt",
    "office": "Kepala Dinas Contoh",
    "startsOn": "2026-11-21",
    "endsOn": "2026-12-20",
}
_APPOINTMENT: Final = {"id": "0123456789abcdef0123456789abcdef", "signatory": "K5QXA2LBONUWC3TB", **_APPOINTED}


class DirectoryController(Controller):
    """Beneath an official, by the opaque identifier."""

    path = "/credentials/{signatory:str}"
    tags = ["credentials"]  # noqa: RUF012 - the framework's way

    @reads("/contact", "GetContact", Permission.CREDENTIAL_READ, gives=ContactBody, fails=OFFICIAL, shows=_CONTACT)
    def contact(self, visit: Visiting[None], signatory: FromPath[str]) -> ContactBody:
        """Where notices to an official go"""
        return ContactBody(signatory=signatory, email=visit.people.directory.contact(visit.caller, signatory))

    @acts(
        "/contact",
        "SetContact",
        Permission.REGISTRATION_CREATE,
        takes=ContactRequest,
        gives=ContactBody,
        fails=OFFICIAL,
        sends={"email": "wayan.contoh@example.org"},
        shows=_CONTACT,
    )
    def set_contact(self, visit: Visiting[ContactRequest], signatory: FromPath[str]) -> ContactBody:
        """From now on, notices to an official go there"""
        visit.people.directory.set_contact(visit.caller, signatory, visit.brought.email)
        return ContactBody(signatory=signatory, email=visit.brought.email)

    @acts(
        "/contact/withdrawal",
        "WithdrawContact",
        Permission.REGISTRATION_CREATE,
        gives=ContactBody,
        fails=OFFICIAL,
        shows=_NO_CONTACT,
    )
    def withdraw_contact(self, visit: Visiting[None], signatory: FromPath[str]) -> ContactBody:
        """No notices go to an official any more"""
        visit.people.directory.withdraw_contact(visit.caller, signatory)
        return ContactBody(signatory=signatory, email=None)

    @reads(
        "/appointments",
        "ListAppointments",
        Permission.CREDENTIAL_READ,
        gives=AppointmentList,
        fails=OFFICIAL,
        query=PAGE,
        shows={"items": [_APPOINTMENT], "next": None},
    )
    def appointments(
        self, visit: Visiting[None], signatory: FromPath[str], cursor: Cursor = None, limit: Limit = 50
    ) -> AppointmentList:
        """Acting appointments of an official, past and future ones too"""
        return _appointments(visit, signatory, after=place_of(cursor, tuple[date, str]), limit=limit)

    @acts(
        "/appointments",
        "Appoint",
        Permission.REGISTRATION_CREATE,
        takes=AppointmentRequest,
        gives=AppointmentBody,
        status=201,
        at="/v1/credentials/{0.signatory}/appointments/{0.id}",
        fails=OFFICIAL,
        sends=_APPOINTED,
        shows=_APPOINTMENT,
    )
    def appoint(self, visit: Visiting[AppointmentRequest], signatory: FromPath[str]) -> AppointmentBody:
        """Write an acting appointment down"""
        said = visit.brought
        made = visit.people.directory.appoint(
            visit.caller,
            signatory,
            form=said.form,
            office=said.office,
            starts_on=said.starts_on,
            ends_on=said.ends_on,
        )
        return AppointmentBody.of(made)

    @reads(
        "/appointments/{appointment:str}",
        "GetAppointment",
        Permission.CREDENTIAL_READ,
        gives=AppointmentBody,
        fails=OFFICIAL,
        shows=_APPOINTMENT,
    )
    def appointment(
        self, visit: Visiting[None], signatory: FromPath[str], appointment: FromPath[str]
    ) -> AppointmentBody:
        """One acting appointment that was not withdrawn"""
        found = visit.people.directory.appointment(visit.caller, signatory, appointment)
        if found is None:
            raise RequestRefused(NOT_FOUND, "No such appointment.", field="appointment", reason="unknown")
        return AppointmentBody.of(found)

    @acts(
        "/appointments/{appointment:str}/withdrawal",
        "WithdrawAppointment",
        Permission.REGISTRATION_CREATE,
        gives=AppointmentList,
        fails=OFFICIAL,
        shows={"items": [], "next": None},
    )
    def withdraw(self, visit: Visiting[None], signatory: FromPath[str], appointment: FromPath[str]) -> AppointmentList:
        """An acting appointment ends before its time; what is left is answered"""
        visit.people.directory.withdraw_appointment(visit.caller, signatory, appointment)
        return _appointments(visit, signatory)


def _appointments(
    visit: Visit[None], signatory: str, *, after: tuple[date, str] | None = None, limit: int = 50
) -> AppointmentList:
    found = visit.people.directory.appointments(visit.caller, signatory, after=after, limit=limit)
    following = cursor_of((found[-1].starts_on, found[-1].id)) if len(found) == limit else None
    return AppointmentList(items=[AppointmentBody.of(each) for each in found], next=following)
