"""The trail over HTTP: an auditor's role of this moment, within what the token carries."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

from api.audit.check import Verdict
from api.audit.reading import AuditReading, Reader
from api.office.desk import Caller, Staff
from api.permissions import ROLE_PERMISSIONS
from signer.errors import Refused
from store.audit import Act, AuditEntry

ACTS: Final = tuple(each.value for each in Act)
"""Every word for what can be done here."""


class TrailDoor:
    """Who is turned away, an application too, stands in the trail with its name."""

    def __init__(self, reading: AuditReading, staff: Staff) -> None:
        self._reading = reading
        self._staff = staff

    def read(
        self,
        client_id: str,
        scopes: Collection[str],
        *,
        after: int,
        limit: int,
        actor: str | None = None,
        object: str | None = None,
        act: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[AuditEntry, ...]:
        """As `AuditReading.read`; times aware. Raises `NotAnAuditor`, and `Refused` for an act that no entry has."""
        member = self._staff.get(client_id)
        rights = ROLE_PERMISSIONS[member.role] if member is not None and member.active else frozenset()
        reader = Reader(actor=client_id, permissions=frozenset(each for each in rights if each in scopes))
        kind = None if act is None else _act(act)
        return self._reading.read(
            reader, after=after, limit=limit, actor=actor, object=object, act=kind, since=since, until=until
        )

    def search(
        self,
        caller: Caller,
        *,
        before: int | None,
        limit: int,
        actor: str | None = None,
        object: str | None = None,
        act: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[AuditEntry, ...]:
        """The same for a member of staff, the newest first, with a sequence below `before`. Raises likewise."""
        kind = None if act is None else _act(act)
        return self._reading.read(
            _reader(caller),
            limit=limit,
            actor=actor,
            object=object,
            act=kind,
            since=since,
            until=until,
            before=before,
            newest_first=True,
        )

    def check(self, caller: Caller) -> Verdict:
        """The whole trail checked; that it was, stands in it. Raises `NotAnAuditor`."""
        return self._reading.verify(_reader(caller))

    def export(self, caller: Caller) -> Iterator[str]:
        """The lines of an export; that it was taken stands in it. Raises `NotAnAuditor`."""
        return self._reading.export(_reader(caller))


def _reader(caller: Caller) -> Reader:
    member = caller.member
    return Reader(actor=member.id, permissions=ROLE_PERMISSIONS[member.role] if member.active else frozenset())


def _act(word: str) -> Act:
    try:
        return Act(word)
    except ValueError:
        raise Refused("No entry has such an act. Look at some entries.", field="act", reason="unknown") from None
