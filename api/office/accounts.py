"""Accounts of staff: made by an administrator, the very first one by whoever holds the machine."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.office.desk import Caller, Desk
from api.permissions import Permission
from signer.errors import NotPermitted, StaffRefused
from signer.identity import PersonalNumberHash
from signer.model import Secret
from signer.people import Role, StaffMember
from store.staff import SqlStaffStore

_SECRET_BYTES: Final = 32
_FIRST: Final = "command-line"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """A new account; the only moment at which its secret exists here."""

    member: StaffMember
    secret: str

    def __repr__(self) -> str:
        return f"NewAccount(id={self.member.id!r}, secret=***)"


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
    ) -> None:
        self.desk = desk
        self._staff = staff
        self._numbers = numbers
        self._now = now
        self._random_bytes = random_bytes

    def add(self, caller: Caller | None, *, id: str, name: str, role: Role, number: Secret) -> NewAccount:
        """A new account of the person with this NIP or NIK, which is hashed and forgotten.

        Without `caller` only the very first account can be made, and it is an administrator's. Raises `NotPermitted`,
        `StaffRefused` for a taken name or a person who has an account, `RegistrationRefused` for what is no number.
        """
        secret = base64.urlsafe_b64encode(self._random_bytes(_SECRET_BYTES)).rstrip(b"=").decode()
        member = StaffMember(id=id, name=name, role=role, identity_hash=self._numbers().person(number))
        if caller is None:
            if role is not Role.ADMINISTRATOR or self._staff.all():
                raise NotPermitted("Only an administrator adds staff. Log in as one.", field="role", reason="not-first")
            self._store(member, secret, _FIRST)
        else:
            with self.desk.acting(caller, Permission.STAFF_MANAGE) as administrator:
                self._store(member, secret, administrator.id)
        return NewAccount(member=member, secret=secret)

    def disable(self, caller: Caller, staff_id: str) -> None:
        """No log-in and no token is good any more; raises `StaffRefused` unless it is active."""
        with self.desk.acting(caller, Permission.STAFF_MANAGE) as administrator:
            self._staff.disable(staff_id, actor=administrator.id, at=self._now())

    def all(self) -> tuple[StaffMember, ...]:
        """Every account, by id."""
        return self._staff.all()

    def _store(self, member: StaffMember, secret: str, actor: str) -> None:
        try:
            hashed = hashlib.sha256(secret.encode()).hexdigest()
            self._staff.add(member, hashed, actor=actor, at=self._now())
        except ValueError:
            message = "A log-in name has 1 to 64 letters, digits, `.`, `-`, `~` and `_`."
            raise StaffRefused(message, field="id", reason="not-a-name") from None
