"""Accounts of staff: made by an administrator, the very first one by whoever holds the machine."""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.office.desk import Caller, Desk
from api.permissions import Permission
from signer.errors import LinkRefused, NotPermitted, StaffRefused
from signer.identity import PersonalNumberHash
from signer.model import Secret
from signer.people import Role, StaffMember
from store.staff import SqlStaffStore

_SECRET_BYTES: Final = 32
_FIRST: Final = "command-line"
_LINK: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """The very first account; the only moment at which its secret exists here."""

    member: StaffMember
    secret: str

    def __repr__(self) -> str:
        return f"NewAccount(id={self.member.id!r}, secret=***)"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLink:
    """A one-time link at which a member of staff gets a secret that nobody else sees."""

    staff_id: str
    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"StaffLink(staff_id={self.staff_id!r}, token=***)"


class Accounts:
    """Adds, lists, disables and recognises accounts."""

    def __init__(
        self,
        *,
        staff: SqlStaffStore,
        desk: Desk,
        numbers: Callable[[], PersonalNumberHash],
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        link_lifetime: timedelta,
    ) -> None:
        self.desk = desk
        self._staff = staff
        self._numbers = numbers
        self._now = now
        self._random_bytes = random_bytes
        self._link_lifetime = link_lifetime

    def add_first(self, *, id: str, name: str, role: Role, number: Secret) -> NewAccount:
        """The very first account, an administrator's, by whoever holds the machine; its secret is told here.

        Raises `NotPermitted` where there is an account already, and as `add`.
        """
        member = self._member(id, name, role, number)
        if role is not Role.ADMINISTRATOR or self._make_room():
            raise NotPermitted("Only an administrator adds staff. Log in as one.", field="role", reason="not-first")
        secret = self._drawn()
        self._store(member, secret, _FIRST)
        return NewAccount(member=member, secret=secret)

    def invite_first(self, *, id: str, name: str, number: Callable[[], Secret]) -> StaffLink | None:
        """A one-time link for the very first administrator, by whoever holds the machine: for a new account, whose
        number is asked for, or for the only one while its person has no second factor. `None` where somebody else is
        here. Raises as `add`."""
        waiting = self._staff.unfinished()
        if waiting is None and any(each.active for each in self._staff.all()):
            return None
        if waiting is None:
            waiting = self._member(id, name, Role.ADMINISTRATOR, number())
            self._store(waiting, self._drawn(), _FIRST)
        return self._linked(waiting.id, _FIRST)

    def add(self, caller: Caller, *, id: str, name: str, role: Role, number: Secret) -> StaffLink:
        """A new account of the person with this NIP or NIK, which is hashed and forgotten; its link is the person's.

        Nobody knows a secret of it before the link is opened. Raises `NotPermitted`, `StaffRefused` for a taken name
        or a person who has an account, `RegistrationRefused` for what is no number.
        """
        member = self._member(id, name, role, number)
        with self.desk.acting(caller, Permission.STAFF_MANAGE) as administrator:
            self._store(member, self._drawn(), administrator.id)
            return self._linked(id, administrator.id)

    def link(self, caller: Caller, staff_id: str) -> StaffLink:
        """Another link, where the first one was not used in time or the secret is lost; opening it ends the old one."""
        with self.desk.acting(caller, Permission.STAFF_MANAGE) as administrator:
            return self._linked(staff_id, administrator.id)

    def behind(self, token: str) -> StaffMember:
        """Whose link it is; raises `LinkRefused` for one that is unknown, expired or used, all alike."""
        found = self._staff.behind_link(_hashed(token), at=self._now()) if _LINK.fullmatch(token) else None
        if found is None:
            raise LinkRefused("This link is not good. Ask an administrator.", field="link", reason="not-good")
        return found

    def open(self, token: str) -> NewAccount:
        """Use the link up: the account with its new secret, told once. Raises `LinkRefused`."""
        member, secret = self.behind(token), self._drawn()
        self._staff.open_link(_hashed(token), _hashed(secret), at=self._now())
        return NewAccount(member=member, secret=secret)

    def enter(self, token: str, password: str) -> StaffMember:
        """Use the link up for the console: the account, whose password (hashed) it is from now on, in place of every
        secret and factor of before. Raises `LinkRefused`."""
        member = self.behind(token)
        self._staff.open_link(_hashed(token), _hashed(self._drawn()), password=password, at=self._now())
        return member

    def new_secret(self, caller: Caller) -> NewAccount:
        """A secret for the API in place of the one of before, for the caller alone; told once."""
        secret = self._drawn()
        self._staff.replace_api_secret(caller.member.id, _hashed(secret), at=self._now())
        return NewAccount(member=caller.member, secret=secret)

    def disable(self, caller: Caller, staff_id: str) -> None:
        """No log-in and no token is good any more; raises `StaffRefused` unless it is active."""
        with self.desk.acting(caller, Permission.STAFF_MANAGE) as administrator:
            self._staff.disable(staff_id, actor=administrator.id, at=self._now())

    def can_enter(self) -> frozenset[str]:
        """The accounts that have a second factor, and so can log in at the console."""
        return self._staff.with_second_factor()

    def all(self) -> tuple[StaffMember, ...]:
        """Every account, by id."""
        return self._staff.all()

    def _member(self, id: str, name: str, role: Role, number: Secret) -> StaffMember:
        return StaffMember(id=id, name=name, role=role, identity_hash=self._numbers().person(number))

    def _make_room(self) -> bool:
        """Whether somebody has an account. One whose person never came gives way."""
        waiting = self._staff.unclaimed()
        if waiting is not None:
            self._staff.disable(waiting.id, actor=_FIRST, at=self._now())
            return False
        return bool(self._staff.all())

    def _drawn(self) -> str:
        return base64.urlsafe_b64encode(self._random_bytes(_SECRET_BYTES)).rstrip(b"=").decode()

    def _linked(self, staff_id: str, actor: str) -> StaffLink:
        token, at = self._drawn(), self._now()
        expires_at = at + self._link_lifetime
        self._staff.issue_link(staff_id, _hashed(token), expires_at=expires_at, actor=actor, at=at)
        return StaffLink(staff_id=staff_id, token=token, expires_at=expires_at)

    def _store(self, member: StaffMember, secret: str, actor: str) -> None:
        try:
            self._staff.add(member, _hashed(secret), actor=actor, at=self._now())
        except ValueError:
            message = "A log-in name has 1 to 64 letters, digits, `.`, `-`, `~` and `_`."
            raise StaffRefused(message, field="id", reason="not-a-name") from None


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
