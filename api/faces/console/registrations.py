"""Registrations that somebody still has to do something about, and their one-time links, which are shown once."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from markupsafe import Markup

from api.faces.console.dossier import RegistrationLine, registration_line
from api.faces.console.listing import PAGE, address, cursor_of, place_of, several
from api.faces.console.office_words import NOTHING_CHOSEN, told
from api.faces.console.official import OFFICIAL, path_of
from api.faces.console.visit import Visit, Visits, to
from api.pages.moments import in_words
from api.pages.qr import drawn
from api.pages.text import Text
from api.permissions import Permission
from signer.errors import NotPermitted, Refused
from signer.registrations import Invitation

REGISTRATIONS: Final = "/console/registrations"
LINKS: Final = f"{REGISTRATIONS}/links"
RENEWAL: Final = f"{OFFICIAL}/renewal"
MOST_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksForm:
    """The registrations whose officials get a link."""

    csrf: str = ""
    chosen: str | list[str] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseForm:
    """A request for enrolment that will not be followed."""

    csrf: str = ""
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One link on its own slip of paper."""

    name: str
    where: str
    link: str
    qr: Markup
    until: Text


class RegistrationsController(Controller):
    """What is open, by id; and the requests of applications."""

    include_in_schema = False

    @get(REGISTRATIONS, sync_to_thread=True)
    def page(self, visit: Visits, cursor: FromQuery[str] = "") -> Response[Any]:
        """One page."""
        return _page(visit, cursor)

    @post(LINKS, status_code=200, sync_to_thread=True)
    def links(self, visit: Visits, data: URLEncodedBody[LinksForm]) -> Response[Any]:
        """A link for each of the chosen ones, in place of every earlier one. This page alone ever shows them."""
        visit.own(data.csrf)
        caller = visit.confirmed(REGISTRATIONS)
        visit.require(Permission.REGISTRATION_CREATE)
        chosen = several(data.chosen, MOST_AT_ONCE)
        if not chosen:
            return _page(visit, "", error=NOTHING_CHOSEN)
        made: list[Slip] = []
        failed: list[Text] = []
        for registration_id in chosen:
            try:
                made.append(_slip(visit, visit.doors.people.office.invite(caller, registration_id)))
            except NotPermitted:
                raise
            except Refused as refused:
                failed.append(told(refused))
        return visit.show("links.html", slips=made, failed=failed, back=REGISTRATIONS)

    @post(RENEWAL, status_code=200, sync_to_thread=True)
    def renewal(self, visit: Visits, signatory: FromPath[str], data: URLEncodedBody[CloseForm]) -> Response[Any]:
        """The link at which an official renews with the passphrase of today."""
        visit.own(data.csrf)
        caller = visit.confirmed(path_of(signatory))
        office = visit.doors.people.office
        try:
            invitation = office.renew(caller, office.serials_of(caller, [signatory])[0])
        except NotPermitted:
            raise
        except Refused as refused:
            return visit.show("links.html", slips=[], failed=[told(refused)], back=path_of(signatory))
        return visit.show("links.html", slips=[_slip(visit, invitation)], failed=[], back=path_of(signatory))

    @post(f"{REGISTRATIONS}/requests", status_code=200, sync_to_thread=True)
    def close(self, visit: Visits, data: URLEncodedBody[CloseForm]) -> Response[Any]:
        """What an application asked for will not be done."""
        caller = visit.own(data.csrf)
        try:
            visit.doors.people.directory.close_enrolment_request(caller, data.request)
        except NotPermitted:
            raise
        except Refused as refused:
            return _page(visit, "", error=told(refused))
        return to(REGISTRATIONS)


def _page(visit: Visit, cursor: str, *, error: Text | None = None) -> Response[Any]:
    place = place_of(cursor, 1)
    people, caller = visit.doors.people, visit.caller
    found = people.office.open_registrations(caller, after=place[0] if place else "", limit=PAGE)
    links = people.office.links(caller, [each.id for each in found])
    offset = visit.doors.settings.utc_offset_hours
    lines: list[tuple[str, RegistrationLine]] = [
        (each.signatory.id, registration_line(each, links.get(each.id), offset)) for each in found
    ]
    return visit.show(
        "registrations.html",
        error=error,
        found=lines,
        requests=people.directory.enrolment_requests(caller, limit=PAGE),
        confirmed=visit.session.confirmed(visit.doors.now()),
        may_register=visit.may(Permission.REGISTRATION_CREATE),
        next_page=address(REGISTRATIONS, cursor=cursor_of(found[-1].id)) if len(found) == PAGE else None,
        first=not cursor,
    )


def _slip(visit: Visit, invitation: Invitation) -> Slip:
    who, settings = invitation.registration.signatory, visit.doors.settings
    link = f"{settings.public_url}/enrol/{invitation.token}"
    return Slip(
        name=who.name,
        where=who.unit or who.organisation,
        link=link,
        qr=drawn(link),
        until=in_words(invitation.expires_at, utc_offset_hours=settings.utc_offset_hours),
    )
