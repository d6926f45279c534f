"""Registrations: requests that an official gets a certificate."""

from litestar import Controller
from litestar.params import FromPath

from api.faces.rest.declaring import Cursor, Limit
from api.faces.rest.office.people_body import LinkBody, RegistrationBody, RegistrationPage, RegistrationRequest
from api.faces.rest.office.visit import Visit, Visiting, acts, reads
from api.faces.rest.office.words import PAGE, REGISTRATION
from api.permissions import Permission
from signer.errors import RegistrationRefused
from signer.people import Purpose, Registration


class RegistrationController(Controller):
    """From a name on paper to a one-time link."""

    path = "/registrations"
    tags = ["registrations"]  # noqa: RUF012 - the framework's way

    @reads("/", "ListRegistrations", Permission.REGISTRATION_READ, gives=RegistrationPage, query=PAGE)
    def open(self, visit: Visiting[None], cursor: Cursor = None, limit: Limit = 50) -> RegistrationPage:
        """Registrations that wait for somebody"""
        found = visit.people.office.open_registrations(visit.caller, after=cursor or "", limit=limit)
        following = found[-1].id if len(found) == limit else None
        return RegistrationPage(items=[RegistrationBody.of(each) for each in found], next=following)

    @acts(
        "/",
        "Register",
        Permission.REGISTRATION_CREATE,
        takes=RegistrationRequest,
        gives=RegistrationBody,
        status=201,
        at="/v1/registrations/{0.id}",
        fails=REGISTRATION,
        sends={"name": "I Wayan Contoh", "unit": "Dinas Contoh"},
    )
    def register(self, visit: Visiting[RegistrationRequest]) -> RegistrationBody:
        """Propose that an official gets a certificate; a second person approves"""
        return RegistrationBody.of(_proposed(visit))

    @reads(
        "/{registration:str}",
        "GetRegistration",
        Permission.REGISTRATION_READ,
        gives=RegistrationBody,
        fails=REGISTRATION,
    )
    def read(self, visit: Visiting[None], registration: FromPath[str]) -> RegistrationBody:
        """One registration"""
        return RegistrationBody.of(visit.people.office.registration(visit.caller, registration))

    @acts(
        "/{registration:str}/link",
        "Invite",
        Permission.REGISTRATION_CREATE,
        gives=LinkBody,
        status=201,
        at="/v1/registrations/{0.registration}",
        fails=REGISTRATION,
        tells_secret=True,
    )
    def invite(self, visit: Visiting[None], registration: FromPath[str]) -> LinkBody:
        """The one-time link for the official; an earlier one ends"""
        invitation = visit.people.office.invite(visit.caller, registration)
        return LinkBody.of(invitation, public_url=visit.services.settings.server.public_url)


def _proposed(visit: Visit[RegistrationRequest]) -> Registration:
    office, caller, body = visit.people.office, visit.caller, visit.brought
    pki = visit.services.settings.pki
    if body.purpose is Purpose.RENEWAL:
        raise RegistrationRefused("Ask for a renewal at the certificate.", field="purpose", reason="elsewhere")
    if body.purpose is Purpose.LOST_PASSPHRASE:
        return office.replace_lost_passphrase(caller, body.replaced)
    person = body.person(organisation=pki.organisation, organisation_identifier=pki.organisation_identifier)
    if body.purpose is Purpose.TRANSFER:
        return office.transfer(caller, body.replaced, person)
    return office.register(caller, person, body.numbers)
