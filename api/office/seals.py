"""Seals at the desk: an administrator makes and renews them, gives them PINs and names who keeps them; an approver lets
a client use one for a day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from api.office.desk import Caller, Desk
from api.permissions import Permission
from signer.errors import Refused
from signer.model import Credential, Secret
from signer.people import StatusWord, certificate_word
from signer.seal_model import SealPermission
from signer.seal_pins import PinStanding
from signer.seals import SealService


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSeal:
    """The credential of a seal and the one word for where it stands."""

    credential: Credential
    status: StatusWord


class Keepers(Protocol):
    """Who keeps which seal. Each change and its audit entry are one transaction."""

    def of(self, seal_id: str, /) -> tuple[str, ...]: ...

    def name(self, seal_id: str, user_id: str, /, *, at: datetime) -> bool: ...

    def dismiss(self, seal_id: str, user_id: str, /, *, at: datetime) -> bool: ...


class SealOffice:
    """Every act names its caller. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        desk: Desk,
        seals: SealService,
        keepers: Keepers,
        somebody: Callable[[str], bool],
        may_seal: Callable[[str], bool],
        now: Callable[[], datetime],
    ) -> None:
        """`somebody`: whether an id is that of an official or of an account of an integration; `may_seal`: whether a
        client of this id is active and may have anything signed at all."""
        self._desk = desk
        self._keepers = keepers
        self._somebody = somebody
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

    def keepers(self, caller: Caller, credential_id: str) -> tuple[str, ...]:
        """Who keeps it, by id; raises `CredentialUnknown`."""
        with self._desk.acting(caller, Permission.CREDENTIAL_READ):
            return self._keepers.of(self._whose(credential_id))

    def name_keeper(self, caller: Caller, credential_id: str, user_id: str) -> None:
        """Their login at an application that the seal is lent to uses it from now on. Raises `CredentialUnknown`, and
        `Refused` for somebody who is unknown."""
        with self._desk.acting(caller, Permission.SEAL_ENROL):
            if not self._somebody(user_id):
                message = "No official and no account of an integration has this id."
                raise Refused(message, field="keeper", reason="unknown")
            self._keepers.name(self._whose(credential_id), user_id, at=self._now())

    def dismiss_keeper(self, caller: Caller, credential_id: str, user_id: str) -> None:
        """They keep it no more; raises `CredentialUnknown`, and `Refused` for somebody who did not."""
        with self._desk.acting(caller, Permission.SEAL_ENROL):
            if not self._keepers.dismiss(self._whose(credential_id), user_id, at=self._now()):
                raise Refused("They do not keep this seal.", field="keeper", reason="unknown")

    def pin(self, caller: Caller, credential_id: str) -> PinStanding | None:
        """How its PIN stands; `None` where it has none. Raises `CredentialUnknown`."""
        with self._desk.acting(caller, Permission.CREDENTIAL_READ):
            return self._seals.pins.standing(self._whose(credential_id))

    def set_pin(self, caller: Caller, credential_id: str) -> Secret:
        """A new PIN, told this once: from now on the seal is used with it, and at the CSC API alone."""
        with self._desk.acting(caller, Permission.SEAL_ENROL):
            return self._seals.pins.set(self._whose(credential_id))

    def remove_pin(self, caller: Caller, credential_id: str) -> None:
        """It is used without one; raises `CredentialUnknown`, `ActivationRefused` where it has none."""
        with self._desk.acting(caller, Permission.SEAL_ENROL):
            self._seals.pins.remove(self._whose(credential_id))

    def unlock_pin(self, caller: Caller, credential_id: str) -> None:
        """It may be tried again; raises as `remove_pin`."""
        with self._desk.acting(caller, Permission.SEAL_ENROL):
            self._seals.pins.unlock(self._whose(credential_id))

    def _whose(self, credential_id: str) -> str:
        return self._seals.get(credential_id).signatory.id

    def _known(self, credential: Credential) -> KnownSeal:
        until = credential.certificate.not_valid_after_utc
        return KnownSeal(credential=credential, status=certificate_word(credential.state, until, at=self._now()))
