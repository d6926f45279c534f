"""A new official, or another name or unit for one: written down by a registrar, then a second person decides."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api.faces.console.office_views import folded
from api.faces.console.office_words import NO_NAME, NOT_A_NIK, SAME_NAME, told
from api.faces.console.official import OFFICIAL, path_of
from api.faces.console.visit import Visit, Visits, to
from api.pages.text import Text
from api.permissions import Permission
from signer.errors import NotPermitted, Refused
from signer.model import Secret
from signer.people import HolderKind, Official, OfficialQuery, PersonalNumbers
from signer.registrations import Person

NEW: Final = "/console/officials/new"
_NIK: Final = re.compile("[0-9]{16}")
TRANSFER: Final = f"{OFFICIAL}/transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonForm:
    """An official as they are written down; NIK and NIP are hashed at once and kept nowhere."""

    csrf: str = ""
    name: str = ""
    surname: str = ""
    unit: str = ""
    organisation: str = ""
    organisation_identifier: str = ""
    nik: str = ""
    nip: str = ""
    email: str = ""
    another: str = ""
    """Said of two people of one name: that they are really two."""
    request: str = ""
    """The request for enrolment that this answers."""

    def __repr__(self) -> str:
        return "PersonForm(***)"

    def person(self, *, organisation: str, organisation_identifier: str) -> Person:
        """The person, with the service's own body where none is named."""
        return Person(
            name=_tidy(self.name),
            organisation=_tidy(self.organisation) or organisation,
            organisation_identifier=_tidy(self.organisation_identifier) or organisation_identifier,
            unit=_tidy(self.unit) or None,
            surname=_tidy(self.surname) or None,
        )

    @property
    def numbers(self) -> PersonalNumbers:
        """NIK and NIP, where given."""
        return PersonalNumbers(
            nik=Secret(self.nik.strip()) if self.nik.strip() else None,
            nip=Secret(self.nip.strip()) if self.nip.strip() else None,
        )


class RegisteringController(Controller):
    """Two forms over one template."""

    include_in_schema = False

    @get(NEW, sync_to_thread=True)
    def ask(self, visit: Visits, name: FromQuery[str] = "", asked: FromQuery[str] = "") -> Response[Any]:
        """A new official; `name` and `asked`: of the request of an application."""
        visit.require(Permission.REGISTRATION_CREATE)
        return _form(visit, PersonForm(name=name[:64], request=asked[:64]))

    @post(NEW, status_code=200, sync_to_thread=True)
    def register(self, visit: Visits, data: URLEncodedBody[PersonForm]) -> Response[Any]:
        """Propose the official. Two of one name are asked about first; so is a form that was sent twice."""
        caller = visit.own(data.csrf)
        visit.require(Permission.REGISTRATION_CREATE)
        if not data.name.strip():
            return _form(visit, data, error=NO_NAME, field="name")
        if data.nik.strip() and _NIK.fullmatch(data.nik.strip()) is None:
            return _form(visit, data, error=NOT_A_NIK, field="nik")  # a service pads shorter ones; people mistype
        people, pki = visit.doors.people, visit.doors.services.settings.pki
        person = data.person(organisation=pki.organisation, organisation_identifier=pki.organisation_identifier)
        same = _of_same_name(visit, person)
        if same and not data.another:
            return _form(visit, data, error=SAME_NAME, field="another", same=same)
        try:
            made = people.office.register(caller, person, data.numbers)
            if data.email.strip():
                people.directory.set_contact(caller, made.signatory.id, data.email.strip())
            if data.request:
                people.directory.close_enrolment_request(caller, data.request)
        except NotPermitted:
            raise
        except Refused as refused:
            return _form(visit, data, error=told(refused), field=refused.field)
        return to(path_of(made.signatory.id))

    @get(TRANSFER, sync_to_thread=True)
    def ask_transfer(self, visit: Visits, signatory: FromPath[str]) -> Response[Any]:
        """Another name, body or unit; filled with what is so today."""
        visit.require(Permission.REGISTRATION_CREATE)
        who = _known(visit, signatory).signatory
        form = PersonForm(
            name=who.name,
            surname=who.surname or "",
            unit=who.unit or "",
            organisation=who.organisation,
            organisation_identifier=who.organisation_identifier,
        )
        return _form(visit, form, of=signatory)

    @post(TRANSFER, status_code=200, sync_to_thread=True)
    def transfer(self, visit: Visits, signatory: FromPath[str], data: URLEncodedBody[PersonForm]) -> Response[Any]:
        """Propose it; the certificate of today is good until the new one is there."""
        caller = visit.own(data.csrf)
        official = _known(visit, signatory)
        if official.credential_id is None:
            raise HTTPException(status_code=404)
        if not data.name.strip():
            return _form(visit, data, error=NO_NAME, field="name", of=signatory)
        pki = visit.doors.services.settings.pki
        person = data.person(organisation=pki.organisation, organisation_identifier=pki.organisation_identifier)
        try:
            visit.doors.people.office.transfer(caller, official.credential_id, person)
        except NotPermitted:
            raise
        except Refused as refused:
            return _form(visit, data, error=told(refused), field=refused.field, of=signatory)
        return to(path_of(signatory))


def _form(
    visit: Visit,
    form: PersonForm,
    *,
    error: Text | None = None,
    field: str | None = None,
    of: str | None = None,
    same: Sequence[Official] = (),
) -> Response[Any]:
    known = {each.name for each in fields(PersonForm)}
    return visit.show(
        "register.html",
        error=error,
        field=field if field in known else None,
        form=form,
        of=of,
        same=same,
        home=visit.doors.services.settings.pki,
    )


def _of_same_name(visit: Visit, person: Person) -> list[Official]:
    """Officials of the same name and unit."""
    query = OfficialQuery(name=person.name, unit=person.unit, kind=HolderKind.OFFICIAL, limit=10)
    found = visit.doors.people.office.search(visit.caller, query)
    return [each.official for each in found if folded(each.official.signatory.name) == folded(person.name)]


def _known(visit: Visit, signatory: str) -> Official:
    query = OfficialQuery(signatory_id=signatory, kind=HolderKind.OFFICIAL, limit=1)
    found = next(iter(visit.doors.people.office.search(visit.caller, query)), None)
    if found is None:
        raise HTTPException(status_code=404)
    return found.official


def _tidy(text: str) -> str:
    return " ".join(text.split())
