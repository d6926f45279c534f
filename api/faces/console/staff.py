"""Accounts of staff: searched, added, given a new link, disabled; by administrators alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api.faces.console.visit import Visit, Visits, to
from api.faces.console.wording import ROLES, STAFF_REFUSALS
from api.office.accounts import StaffLink
from api.pages.tables import csv_answer
from api.pages.text import Text
from api.permissions import Permission
from signer.errors import Refused
from signer.model import Secret
from signer.people import Role, StaffMember

STAFF: Final = "/console/staff"
_LONGEST: Final = 100
_HEADINGS: Final = ("akun", "nama", "peran", "aktif", "faktor_kedua")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccountForm:
    """A new member of staff."""

    csrf: str = ""
    id: str = ""
    name: str = ""
    role: str = ""
    number: str = ""

    def __repr__(self) -> str:
        return "NewAccountForm(***)"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountForm:
    """A button of one account."""

    csrf: str = ""


class StaffController(Controller):
    """The list, one account, and what becomes of it."""

    include_in_schema = False

    @get(STAFF, sync_to_thread=True)
    def listed(
        self, visit: Visits, q: FromQuery[str] = "", role: FromQuery[str] = "", format: FromQuery[str] = ""
    ) -> Response[Any]:
        """Every account; there are dozens, so one page holds them."""
        visit.require(Permission.STAFF_MANAGE)
        found = _found(visit.doors.people.accounts.all(), q, role)
        enter = visit.doors.people.accounts.can_enter()
        if format == "csv":
            return csv_answer("petugas.csv", _HEADINGS, (_cells(each, enter) for each in found))
        return visit.show("staff.html", found=found, enter=enter, q=q[:_LONGEST], role=role, choices=ROLES)

    @get(f"{STAFF}/new", sync_to_thread=True)
    def new(self, visit: Visits) -> Response[Any]:
        """The form."""
        visit.require(Permission.STAFF_MANAGE)
        return _form(visit, NewAccountForm())

    @post(f"{STAFF}/new", status_code=200, sync_to_thread=True)
    def add(self, visit: Visits, data: URLEncodedBody[NewAccountForm]) -> Response[Any]:
        """The account, and its person's one-time link; shown once."""
        visit.own(data.csrf)
        visit.require(Permission.STAFF_MANAGE)
        caller = visit.confirmed(f"{STAFF}/new")
        if data.role not in {each.value for each in Role}:
            return _form(visit, data, error=STAFF_REFUSALS["role"], field="role")
        try:
            made = visit.doors.people.accounts.add(
                caller, id=data.id.strip(), name=data.name.strip(), role=Role(data.role), number=Secret(data.number)
            )
        except Refused as refused:
            if refused.field == "role":
                raise
            said, field = _said(refused)
            return _form(visit, data, error=said, field=field)
        return _link(visit, made)

    @get(f"{STAFF}/{{account:str}}", sync_to_thread=True)
    def one(self, visit: Visits, account: FromPath[str]) -> Response[Any]:
        """One account."""
        visit.require(Permission.STAFF_MANAGE)
        return _account(visit, account)

    @post(f"{STAFF}/{{account:str}}/link", status_code=200, sync_to_thread=True)
    def link(self, visit: Visits, account: FromPath[str], data: URLEncodedBody[AccountForm]) -> Response[Any]:
        """Another one-time link; once it is opened, whatever logged in before is good no more."""
        visit.own(data.csrf)
        visit.require(Permission.STAFF_MANAGE)
        caller = visit.confirmed(f"{STAFF}/{_known(visit, account).id}")
        return _link(visit, visit.doors.people.accounts.link(caller, account))

    @post(f"{STAFF}/{{account:str}}/disable", status_code=200, sync_to_thread=True)
    def disable(self, visit: Visits, account: FromPath[str], data: URLEncodedBody[AccountForm]) -> Response[Any]:
        """For good, at once; nobody disables themselves, so that one administrator at least stays."""
        visit.own(data.csrf)
        visit.require(Permission.STAFF_MANAGE)
        caller = visit.confirmed(f"{STAFF}/{_known(visit, account).id}")
        if account == caller.member.id:
            return _account(visit, account, error=STAFF_REFUSALS["self"])
        visit.doors.people.accounts.disable(caller, account)
        return to(STAFF)


def _found(all_of_them: Iterable[StaffMember], q: str, role: str) -> list[StaffMember]:
    """Those whose name or account has every word, active ones first."""
    words = q[:_LONGEST].casefold().split()
    fit = (
        each
        for each in all_of_them
        if all(word in f"{each.id} {each.name}".casefold() for word in words) and role in ("", each.role.value)
    )
    return sorted(fit, key=lambda each: (not each.active, each.name.casefold(), each.id))


def _known(visit: Visit, account: str) -> StaffMember:
    found = next((each for each in visit.doors.people.accounts.all() if each.id == account), None)
    if found is None:
        raise HTTPException(status_code=404)
    return found


def _account(visit: Visit, account: str, *, error: Text | None = None) -> Response[Any]:
    found = _known(visit, account)
    enters = found.id in visit.doors.people.accounts.can_enter()
    own = found.id == visit.caller.member.id
    return visit.show("staff_account.html", error=error, member=found, enters=enters, own=own)


def _form(visit: Visit, given: NewAccountForm, *, error: Text | None = None, field: str | None = None) -> Response[Any]:
    visit.confirmed(f"{STAFF}/new")
    return visit.show("staff_new.html", error=error, field=field, given=given, choices=ROLES)


def _link(visit: Visit, made: StaffLink) -> Response[Any]:
    address = f"{visit.doors.settings.public_url}/staff/{made.token}"
    return visit.show("staff_invited.html", made=made, address=address)


def _said(refused: Refused) -> tuple[Text, str]:
    field = {"staff": "id", "nik": "number", "nip": "number"}.get(refused.field, refused.field)
    return STAFF_REFUSALS.get(refused.reason, Text(str(refused), str(refused))), field


def _cells(each: StaffMember, enter: frozenset[str]) -> tuple[str, ...]:
    said = {True: "ya", False: "tidak"}
    return each.id, each.name, each.role.value, said[each.active], said[each.id in enter]
