"""Officials and the credentials of today."""

from collections.abc import Sequence

from litestar import Controller
from litestar.params import FromPath, FromQuery

from api.faces.rest.declaring import Cursor, Limit, Words
from api.faces.rest.office.people_body import OfficialBody, OfficialPage
from api.faces.rest.office.visit import Visiting, reads
from api.faces.rest.office.wire import cursor_after, place_of, read_serial
from api.faces.rest.office.words import SEARCH
from api.office.registry import Found
from api.permissions import Permission
from api.problems import NOT_FOUND, RequestRefused
from signer.people import HolderKind, OfficialQuery, StatusWord


class CredentialController(Controller):
    """Officials are found by what is known of them; never by NIK or NIP."""

    path = "/credentials"
    tags = ["credentials"]  # noqa: RUF012 - the framework's way

    @reads("/", "SearchCredentials", Permission.CREDENTIAL_READ, gives=OfficialPage, query=SEARCH)
    def search(
        self,
        visit: Visiting[None],
        *,
        name: Words = None,
        unit: Words = None,
        organisation: Words = None,
        status: FromQuery[StatusWord | None] = None,
        kind: FromQuery[HolderKind] = HolderKind.OFFICIAL,
        serial: Words = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> OfficialPage:
        """Officials and the credentials of today"""
        query = OfficialQuery(
            name=name,
            unit=unit,
            organisation=organisation,
            status=status,
            serial=None if serial is None else read_serial(serial),
            kind=kind,
            after=place_of(cursor, tuple[str, str]),
            limit=limit,
        )
        found = visit.people.office.search(visit.caller, query)
        following = cursor_after(found[-1].official.signatory) if len(found) == limit else None
        return OfficialPage(items=[OfficialBody.of(each) for each in found], next=following)

    @reads("/{signatory:str}", "GetCredential", Permission.CREDENTIAL_READ, gives=OfficialBody, fails=(NOT_FOUND,))
    def read(self, visit: Visiting[None], signatory: FromPath[str]) -> OfficialBody:
        """One official and the credential of today"""
        return only(visit.people.office.search(visit.caller, OfficialQuery(signatory_id=signatory)), "signatory")


def only(found: Sequence[Found], field: str) -> OfficialBody:
    """The one that was asked for; refuses with 404 where nobody has it."""
    if not found:
        raise RequestRefused(NOT_FOUND, "No official has it.", field=field, reason="unknown")
    return OfficialBody.of(found[0])
