"""Seals at the desk: an administrator makes and renews them, an approver lets a client use one for a day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.office.desk import Caller, Desk
from api.permissions import Permission
from signer.errors import Refused
from signer.model import Credential
from signer.people import StatusWord, certificate_word
from signer.seal_model import SealPermission
from signer.seals import SealService


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSeal:
    """The credential of a seal and the one word for where it stands."""

    credential: Credential
    status: StatusWord


class SealOffice:
    """Every act names its caller. `now` gives aware UTC."""

    def __init__(
        self, *, desk: Desk, seals: SealService, may_seal: Callable[[str], bool], now: Callable[[], datetime]
    ) -> None:
        """`may_seal`: whether a client of this id is active and may have anything signed at all."""
        self._desk = desk
        self._seals = seals
        self._may_seal = may_seal
        self._now = now

    def enrol(self, caller: Caller, name: str, organisation: str, organisation_identifier: str) -> KnownSeal:
        """A new seal; raises as `SealService.enrol`."""
        with self._desk.acting(caller, Permission.SEAL_ENROL) as member:
            return self._known(self._seals.enrol(name, organisation, organisation_identifier, actor=member.id))

    def renew(self, caller: Caller, credential_id: str) -> KnownSeal:
        """A new key and certificate; raises as `SealService.renew`."""
        with self._desk.acting(caller, Permission.SEAL_ENROL) as member:
            return self._known(self._seals.renew(credential_id, actor=member.id))

    def all(self, caller: Caller, *, after: str = "", limit: int = 50) -> tuple[KnownSeal, ...]:
        """Every credential of a seal, of today and before, by id."""
        with self._desk.acting(caller, Permission.CREDENTIAL_READ):
            return tuple(map(self._known, self._seals.all(after=after, limit=limit)))

    def get(self, caller: Caller, credential_id: str) -> KnownSeal:
        """One of them; raises `CredentialUnknown`."""
        with self._desk.acting(caller, Permission.CREDENTIAL_READ):
            return self._known(self._seals.get(credential_id))

    def permissions(
        self, caller: Caller, credential_id: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> tuple[SealPermission, ...]:
        """What was permitted with it, the newest first, behind the time and id `before`; raises `CredentialUnknown`."""
        with self._desk.acting(caller, Permission.CREDENTIAL_READ):
            return self._seals.permissions(credential_id, before=before, limit=limit)

    def permission(self, caller: Caller, credential_id: str, permission_id: str) -> SealPermission | None:
        """One of them, whatever became of it; `None` where there is none. Raises `CredentialUnknown`."""
        with self._desk.acting(caller, Permission.CREDENTIAL_READ):
            return self._seals.permission(credential_id, permission_id)

    def activate(
        self, caller: Caller, credential_id: str, client_id: str, networks: Sequence[str], *, documents: int, hours: int
    ) -> SealPermission:
        """Let a client seal; raises as `SealService.activate`, and `Refused` for a client that has nothing signed."""
        with self._desk.acting(caller, Permission.SEAL_ACTIVATE):
            self._seals.get(credential_id)
            if not self._may_seal(client_id):
                raise Refused("No active application of this name signs here.", field="client", reason="unknown")
            life = timedelta(hours=hours)
            return self._seals.activate(credential_id, client_id, networks, documents=documents, life=life)

    def deactivate(self, caller: Caller, permission_id: str, *, credential_id: str | None = None) -> None:
        """End a permission at once; raises as `SealService.deactivate`."""
        with self._desk.acting(caller, Permission.SEAL_ACTIVATE):
            self._seals.deactivate(permission_id, credential_id=credential_id)

    def _known(self, credential: Credential) -> KnownSeal:
        until = credential.certificate.not_valid_after_utc
        return KnownSeal(credential=credential, status=certificate_word(credential.state, until, at=self._now()))
