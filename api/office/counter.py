"""What the office has for applications: with which credentials they may have documents signed today, and a way to ask
that somebody gets one. No member of staff is needed for either."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from signer.enrolment_requests import EnrolmentRequests
from signer.errors import Refused
from signer.model import Credential, Signatory
from signer.people import HolderKind, Official, OfficialQuery, StatusWord
from signer.seal_model import SealPermission
from store.audit import Origin, acting


class Officials(Protocol):
    """The reading half of `store.officials.SqlOfficialStore`."""

    def search(self, query: OfficialQuery, /, *, at: datetime) -> tuple[Official, ...]: ...


class Seals(Protocol):
    """What is lent to a client; of `signer.seals.SealService`."""

    def get(self, credential_id: str, /) -> Credential: ...

    def permission_for(self, credential_id: str, client_id: str, address: str | None, /) -> SealPermission: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Usable:
    """A credential that may sign today."""

    signatory: Signatory
    credential_id: str
    serial: int
    not_after: datetime
    lent: SealPermission | None = None
    """Under what a seal is used; `None` for an official, who consents to each document."""


class Counter:
    """`now` gives aware UTC."""

    def __init__(
        self,
        *,
        officials: Officials,
        seals: Seals,
        assigned: Callable[[str, datetime], tuple[str, ...]],
        enrolments: EnrolmentRequests,
        now: Callable[[], datetime],
    ) -> None:
        """`assigned`: credentials of the seals that a client was lent, by id, whatever is left of each."""
        self._officials = officials
        self._seals = seals
        self._assigned = assigned
        self._enrolments = enrolments
        self._now = now

    def officials(self, query: OfficialQuery) -> tuple[Usable, ...]:
        """Those whose credential may sign today, by name."""
        asked = replace(query, status=StatusWord.ISSUE, kind=HolderKind.OFFICIAL)
        return tuple(
            Usable(
                signatory=each.signatory, credential_id=each.credential_id, serial=each.serial, not_after=each.not_after
            )
            for each in self._officials.search(asked, at=self._now())
            if each.credential_id and each.serial and each.not_after  # as everybody of this status has
        )

    def seals(self, client_id: str, address: str | None, *, after: str = "", limit: int = 50) -> tuple[Usable, ...]:
        """Seals that may be used now from `address`, with an id behind `after`, by id."""
        found = list[Usable]()
        for credential_id in self._assigned(client_id, self._now()):
            if credential_id > after and len(found) < limit:
                try:
                    permission = self._seals.permission_for(credential_id, client_id, address)
                except Refused:  # used up, lent to another network, or suspended meanwhile
                    continue
                found.append(_usable(self._seals.get(credential_id), permission))
        return tuple(found)

    def ask(self, client_id: str, name: str, email: str) -> None:
        """As `EnrolmentRequests.ask`; the entry in the trail names the application."""
        with acting(Origin(actor=client_id, role="client")):
            self._enrolments.ask(client_id, name, email)


def _usable(seal: Credential, permission: SealPermission) -> Usable:
    return Usable(
        signatory=seal.signatory,
        credential_id=seal.id,
        serial=seal.certificate.serial_number,
        not_after=seal.certificate.not_valid_after_utc,
        lent=permission,
    )
