"""Who stands at the desk, and what their role lets them do. A refusal is in the trail before the caller hears of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from api.permissions import ROLE_PERMISSIONS, Permission
from signer.errors import NotPermitted, StaffRefused
from signer.people import StaffMember
from store.audit import Act, AuditTrail, Origin, Outcome, acting


class Staff(Protocol):
    """The reading half of `store.staff.SqlStaffStore`."""

    def get(self, staff_id: str, /) -> StaffMember | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A member of staff, in one request."""

    member: StaffMember
    request_id: str | None = None


class Desk:
    """Knows staff and their rights. The roles are looked up at each act: a disabled account ends at once."""

    def __init__(self, *, staff: Staff, trail: AuditTrail, now: Callable[[], datetime]) -> None:
        self._staff = staff
        self._trail = trail
        self._now = now

    def caller(self, staff_id: str, request_id: str | None = None) -> Caller:
        """The active account of that name; raises `StaffRefused`, for an application as well."""
        member = self._staff.get(staff_id)
        if member is None or not member.active:
            raise StaffRefused("Only staff does this, and this is no active account.", field="staff", reason="unknown")
        return Caller(member=member, request_id=request_id)

    @contextmanager
    def acting(self, caller: Caller, permission: Permission) -> Iterator[StaffMember]:
        """Inside, every audit entry names the caller. Raises `NotPermitted` where the role lacks `permission`."""
        member = caller.member
        with acting(Origin(actor=member.id, role=member.role.value, request_id=caller.request_id)):
            if not member.active or permission not in ROLE_PERMISSIONS[member.role]:
                self._refuse(member, permission.value)
                raise NotPermitted(
                    f"Your role may not do this: it lacks {permission}.", field="role", reason="permission"
                )
            try:
                yield member
            except NotPermitted as refused:
                self._refuse(member, f"{permission.value}: {refused.field}/{refused.reason}")
                raise

    def _refuse(self, member: StaffMember, reason: str) -> None:
        self._trail.record(
            Act.RIGHT_REFUSE, f"staff:{member.id}", at=self._now(), outcome=Outcome.REFUSED, reason=reason
        )
