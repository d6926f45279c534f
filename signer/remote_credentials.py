"""Which credentials a caller sees, and how they stand. Whatever is asked: never another person's, never a seal that is
not lent to the client, and where somebody logged in, none that they do not keep."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, NoReturn, Protocol

from signer.certificate_standing import standing_of
from signer.errors import CredentialUnknown, CredentialUnusable, KeyUnavailable, StatusUnavailable
from signer.model import Credential, CredentialState
from signer.opening import require_usable
from signer.ports import CredentialStore, StatusSource
from signer.remote_model import Caller, CertificateStanding, RemoteCredential

_PAGE: Final = 100
_GONE: Final = (CredentialState.RETIRED, CredentialState.AWAITING_CERTIFICATE)
"""Nothing was ever, or will ever again be, signed with these: they are nobody's business."""


class ListedCredentials(CredentialStore, Protocol):
    """Credentials, and those of one person among them."""

    def list(self, *, signatory_id: str, after: str, limit: int) -> tuple[Credential, ...]:
        """In whatever state, by id, behind the id `after`."""
        ...


class AssignedSeals(Protocol):
    """What is lent to whom."""

    def assigned(self, client_id: str, *, at: datetime) -> tuple[str, ...]:
        """Credentials of the seals that a client may use at `at`, from wherever and however much is left, by id."""
        ...


class SealKeepers(Protocol):
    """Who keeps which seal."""

    def keeps(self, user_id: str, seal_id: str, /) -> bool: ...


class SealPins(Protocol):
    """`signer.seal_pins.SealPins`, as far as it is asked here."""

    def has(self, seal_id: str, /) -> bool: ...


class RemoteCredentials:
    """Credentials as applications see them."""

    def __init__(
        self,
        *,
        credentials: ListedCredentials,
        seals: AssignedSeals,
        keepers: SealKeepers,
        pins: SealPins,
        pins_taken: bool,
        status: StatusSource,
        most_personal: int,
        most_sealed: int,
        now: Callable[[], datetime],
    ) -> None:
        """`most_personal`, `most_sealed`: signatures of one authorisation; `pins_taken`: whether a seal that has a PIN
        signs here at all."""
        self._credentials = credentials
        self._seals = seals
        self._keepers = keepers
        self._pins = pins
        self._pins_taken = pins_taken
        self._status = status
        self._most_personal = most_personal
        self._most_sealed = most_sealed
        self._now = now

    def listed(self, caller: Caller) -> tuple[RemoteCredential, ...]:
        """All that the caller sees: what signs now before the rest, persons' before seals', each group by id."""
        seen = [self._seen(each) for each in self._visible(caller)]
        return tuple(sorted(seen, key=lambda each: (not each.enabled, each.credential.is_seal, each.credential.id)))

    def get(self, caller: Caller, credential_id: str) -> RemoteCredential:
        """One of them; raises `CredentialUnknown`, the same for what is not there and what is somebody else's."""
        credential = self._credentials.get(credential_id)
        if credential is None or not self._sees(caller, credential):
            raise CredentialUnknown("There is no such credential.", field="credentialID", reason="unknown")
        return self._seen(credential)

    def usable(self, caller: Caller, credential_id: str) -> RemoteCredential:
        """One that signs now. Raises as `get`, `CredentialUnusable`, `StatusUnavailable`, `KeyUnavailable`."""
        seen = self.get(caller, credential_id)
        if not seen.enabled:
            self._refuse(seen)
        return seen

    def _refuse(self, seen: RemoteCredential) -> NoReturn:
        """Say why it does not sign."""
        credential, at = seen.credential, self._now()
        if seen.standing is CertificateStanding.EXPIRED:
            subject = credential.certificate.subject.rfc4514_string()
            message = f"Signing certificate '{subject}' is expired."
            raise CredentialUnusable(message, field="credentialID", reason=seen.standing.value)
        require_usable(credential, at=at)
        if seen.pin and not self._pins_taken:
            message = "This seal is used with its PIN, and PINs are not taken here."
            raise CredentialUnusable(message, field="credentialID", reason="pin-not-taken")
        standing = standing_of(credential, self._status, at=at)
        message = "The certificate is revoked or on hold."
        raise CredentialUnusable(message, field="credentialID", reason=standing.value)

    def _visible(self, caller: Caller) -> Iterator[Credential]:
        """By the caller alone; nothing of a request's body comes here."""
        if caller.authorisation is not None:
            ids: tuple[str, ...] = (caller.authorisation.credential_id,)
        else:
            if caller.user_id is not None:
                yield from (each for each in self._of_person(caller.user_id) if self._sees(caller, each))
            ids = self._seals.assigned(caller.client_id, at=self._now())
        for credential_id in ids:
            credential = self._credentials.get(credential_id)
            if credential is not None and self._sees(caller, credential):
                yield credential

    def _of_person(self, signatory_id: str) -> Iterator[Credential]:
        after = ""
        while page := self._credentials.list(signatory_id=signatory_id, after=after, limit=_PAGE):
            yield from page
            after = page[-1].id

    def _sees(self, caller: Caller, credential: Credential) -> bool:
        if credential.state in _GONE or not credential.chain:
            return False
        if caller.authorisation is not None:
            return credential.id == caller.authorisation.credential_id
        if credential.is_seal:
            mine = caller.user_id is None or self._keepers.keeps(caller.user_id, credential.signatory.id)
            return mine and credential.id in self._seals.assigned(caller.client_id, at=self._now())
        return caller.user_id is not None and credential.signatory.id == caller.user_id

    def _seen(self, credential: Credential) -> RemoteCredential:
        at = self._now()
        try:
            standing, known = standing_of(credential, self._status, at=at), True
        except StatusUnavailable:  # nothing speaks against the certificate, and it would not sign
            standing, known = CertificateStanding.VALID, False
        pin = credential.is_seal and self._pins.has(credential.signatory.id)
        good = known and standing is CertificateStanding.VALID and (self._pins_taken or not pin)
        return RemoteCredential(
            credential=credential,
            standing=standing,
            enabled=good and _is_usable(credential, at),
            most=self._most_sealed if credential.is_seal else self._most_personal,
            pin=pin,
        )


def _is_usable(credential: Credential, at: datetime) -> bool:
    try:
        require_usable(credential, at=at)
    except (CredentialUnusable, KeyUnavailable):
        return False
    return True
