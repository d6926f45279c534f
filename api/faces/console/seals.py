"""Seals of organisations: made and renewed by administrators, lent to an application for a day by approvers."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api.faces.console.listing import PAGE, address, cursor_of, place_of
from api.faces.console.office_words import LENT_ALREADY, NO_NUMBER, SAME_SEAL, told
from api.faces.console.seal_views import SealLine, permission_line, seal_cells, seal_line
from api.faces.console.visit import Visit, Visits, to
from api.office.seals import KnownSeal
from api.pages.tables import csv_answer
from api.pages.text import Text
from api.permissions import Permission
from ca.errors import CaRefused
from signer.errors import CredentialUnknown, NotPermitted, Refused
from signer.people import StatusWord
from signer.seal_model import MOST_DOCUMENTS

SEALS: Final = "/console/seals"
NEW: Final = f"{SEALS}/new"
SEAL: Final = f"{SEALS}/{{credential:str}}"
_HEADINGS: Final = ("id", "nama", "instansi", "status", "nomor_seri", "berlaku_sampai")
_MOST_IN_FILE: Final = 5000
_LONGEST: Final = 6  # digits of a number that is typed


@dataclass(frozen=True, slots=True, kw_only=True)
class SealForm:
    """A new seal, or what an application may do with one."""

    csrf: str = ""
    name: str = ""
    organisation: str = ""
    organisation_identifier: str = ""
    client: str = ""
    networks: str = ""
    documents: str = "100"
    hours: str = "8"
    permission: str = ""
    another: str = ""
    """Said where there is one like it: that a second one is wanted."""


class SealsController(Controller):
    """Whoever may see certificates sees them; who acts, says the role."""

    include_in_schema = False

    @get(SEALS, sync_to_thread=True)
    def page(self, visit: Visits, cursor: FromQuery[str] = "", format: FromQuery[str] = "") -> Response[Any]:
        """Every one, of today and before."""
        place = place_of(cursor, 1)
        limit = _MOST_IN_FILE if format == "csv" else PAGE
        found = visit.doors.people.seals.all(visit.caller, after=place[0] if place else "", limit=limit)
        lines = [_seal(visit, each) for each in found]
        if format == "csv":
            return csv_answer("segel.csv", _HEADINGS, [seal_cells(each) for each in found])
        return visit.show(
            "seals.html",
            found=lines,
            may_enrol=visit.may(Permission.SEAL_ENROL),
            next_page=address(SEALS, cursor=cursor_of(lines[-1].id)) if len(lines) == PAGE else None,
            csv=address(SEALS, format="csv"),
            first=not cursor,
        )

    @get(NEW, sync_to_thread=True)
    def ask(self, visit: Visits) -> Response[Any]:
        """Whose it is to be."""
        visit.require(Permission.SEAL_ENROL)
        visit.confirmed()
        return _new(visit, SealForm())

    @post(NEW, status_code=200, sync_to_thread=True)
    def enrol(self, visit: Visits, data: URLEncodedBody[SealForm]) -> Response[Any]:
        """Key and certificate, at once."""
        visit.own(data.csrf)
        caller = visit.confirmed(NEW)
        pki = visit.doors.services.settings.pki
        name = " ".join(data.name.split())
        if not data.another and _has_one(visit, name):
            return _new(visit, data, error=SAME_SEAL, field="another")
        try:
            made = visit.doors.people.seals.enrol(
                caller,
                name,
                " ".join(data.organisation.split()) or pki.organisation,
                data.organisation_identifier.strip() or pki.organisation_identifier,
            )
        except NotPermitted:
            raise
        except (Refused, CaRefused) as refused:
            return _new(visit, data, error=told(refused), field=refused.field)
        return to(_path(made.credential.id))

    @get(SEAL, sync_to_thread=True)
    def one(self, visit: Visits, credential: FromPath[str]) -> Response[Any]:
        """The seal, and who may use it today."""
        return _page(visit, credential)

    @post(f"{SEAL}/renewal", status_code=200, sync_to_thread=True)
    def renew(self, visit: Visits, credential: FromPath[str], data: URLEncodedBody[SealForm]) -> Response[Any]:
        """A new key and certificate; what was permitted belongs to the old one."""
        visit.own(data.csrf)
        caller = visit.confirmed(_path(credential))
        try:
            made = visit.doors.people.seals.renew(caller, credential)
        except NotPermitted:
            raise
        except (Refused, CaRefused) as refused:
            return _page(visit, credential, error=told(refused))
        return to(_path(made.credential.id))

    @post(f"{SEAL}/activations", status_code=200, sync_to_thread=True)
    def activate(self, visit: Visits, credential: FromPath[str], data: URLEncodedBody[SealForm]) -> Response[Any]:
        """An application may seal so many documents, from its networks, for at most a day."""
        visit.own(data.csrf)
        caller = visit.confirmed(_path(credential))
        documents, hours = _number(data.documents), _number(data.hours)
        if documents is None or hours is None:
            wrong = "documents" if documents is None else "hours"
            return _page(visit, credential, error=NO_NUMBER, field=wrong, form=data)
        client = data.client.strip()
        if not data.another and _lent(visit, credential, client):
            return _page(visit, credential, error=LENT_ALREADY, field="another", form=data)
        try:
            visit.doors.people.seals.activate(
                caller, credential, client, data.networks.split(), documents=documents, hours=hours
            )
        except NotPermitted:
            raise
        except Refused as refused:
            return _page(visit, credential, error=told(refused), field=refused.field, form=data)
        return to(_path(credential))

    @post(f"{SEAL}/activations/end", status_code=200, sync_to_thread=True)
    def end(self, visit: Visits, credential: FromPath[str], data: URLEncodedBody[SealForm]) -> Response[Any]:
        """From now on nothing is sealed under it."""
        caller = visit.own(data.csrf)
        try:
            visit.doors.people.seals.deactivate(caller, data.permission, credential_id=credential)
        except NotPermitted:
            raise
        except Refused as refused:
            return _page(visit, credential, error=told(refused))
        return to(_path(credential))


def _has_one(visit: Visit, name: str) -> bool:
    """Whether a seal of this name is active; a form that was sent twice is one such case."""
    seals = visit.doors.people.seals.all(visit.caller, limit=_MOST_IN_FILE)
    return any(each.status is StatusWord.ISSUE and each.credential.signatory.name == name for each in seals)


def _lent(visit: Visit, credential: str, client: str) -> bool:
    """Whether a permission of this application stands."""
    try:
        permissions = visit.doors.people.seals.permissions(visit.caller, credential)
    except CredentialUnknown:
        raise HTTPException(status_code=404) from None
    at = visit.doors.now()
    return any(each.client_id == client and each.over(at=at) is None for each in permissions)


def _page(
    visit: Visit,
    credential: str,
    *,
    error: Text | None = None,
    field: str | None = None,
    form: SealForm | None = None,
) -> Response[Any]:
    seals, caller = visit.doors.people.seals, visit.caller
    at, offset = visit.doors.now(), visit.doors.settings.utc_offset_hours
    try:
        line, lent = _seal(visit, seals.get(caller, credential)), seals.permissions(caller, credential)
    except CredentialUnknown:
        raise HTTPException(status_code=404) from None
    return visit.show(
        "seal.html",
        error=error,
        field=field if field in ("client", "networks", "documents", "hours", "another") else None,
        form=form or SealForm(),
        line=line,
        permissions=[permission_line(each, at=at, utc_offset_hours=offset) for each in lent],
        most=MOST_DOCUMENTS,
        confirmed=visit.session.confirmed(at),
        may_enrol=visit.may(Permission.SEAL_ENROL) and line.is_active,
        may_activate=visit.may(Permission.SEAL_ACTIVATE) and line.is_active and not line.is_house,
        may_revoke=visit.may(Permission.CERTIFICATE_REVOKE) and line.is_active and not line.is_house,
        may_end=visit.may(Permission.SEAL_ACTIVATE),
    )


def _new(visit: Visit, form: SealForm, *, error: Text | None = None, field: str | None = None) -> Response[Any]:
    known = ("name", "organisation", "organisation_identifier", "another")
    home = visit.doors.services.settings.pki
    return visit.show("seal_new.html", error=error, field=field if field in known else None, form=form, home=home)


def _seal(visit: Visit, known: KnownSeal) -> SealLine:
    return seal_line(known, at=visit.doors.now(), utc_offset_hours=visit.doors.settings.utc_offset_hours)


def _number(text: str) -> int | None:
    typed = text.strip()
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= _LONGEST else None


def _path(credential: str) -> str:
    return f"{SEALS}/{credential}"
