"""Seals: the client's own authentication is the authorisation, with the PIN of a seal that has one, out of what was
lent to it. Somebody who keeps the seal authorises by their login at that client in the same way.

Who lent the seal named client, networks, count and hours (`signer/seals.py`); so many are counted there before an
authorisation exists, and what is not used of one is not given back.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from signer.authorisation import (
    Authorisation,
    AuthorisationKind,
    Authorisations,
    AuthorisationState,
    AuthorisedDigest,
    secret_hash,
)
from signer.errors import ActivationRefused
from signer.model import Secret
from signer.remote_credentials import RemoteCredentials
from signer.remote_model import Caller, RemoteRefusal
from signer.seal_model import LONGEST, Refusal, SealPermission

EXTENSION: Final = timedelta(seconds=300)
_ID_BYTES: Final = 32
_SAD_BYTES: Final = 32


class SealLending(Protocol):
    """Under what a client may seal."""

    def permission_for(
        self, credential_id: str, client_id: str, address: str | None, /, *, pin: Secret | None
    ) -> SealPermission:
        """Raises `ActivationRefused`, its reason a `Refusal`, `CredentialUnknown`, `CredentialUnusable`."""
        ...

    def take(self, permission_id: str, count: int, /, *, client_id: str, credential_id: str, at: datetime) -> bool:
        """Count all of `count` in one conditional update, or nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A new SAD: the only moment at which its text exists here."""

    sad: Secret
    seconds: int


class SealAuthorising:
    """Gives authorisations of seals to their clients, and extends them."""

    def __init__(
        self,
        *,
        credentials: RemoteCredentials,
        authorisations: Authorisations,
        seals: SealLending,
        life: timedelta,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        """`life`: how long a new authorisation is good."""
        self._credentials = credentials
        self._authorisations = authorisations
        self._seals = seals
        self._life = life
        self._now = now
        self._random_bytes = random_bytes

    def authorise(
        self,
        caller: Caller,
        credential_id: str,
        count: int,
        digests: Sequence[AuthorisedDigest],
        *,
        origin: str,
        pin: Secret | None = None,
    ) -> Granted:
        """An authorisation for `count` signatures; with `digests`, for exactly these. `pin`: of a seal that has one.

        Raises `CredentialUnknown`, `CredentialUnusable`, `ActivationRefused` (`personal`, `too-many`, or a `Refusal`
        of seals).
        """
        seen = self._credentials.get(caller, credential_id)
        if not seen.credential.is_seal:
            raise _refused(RemoteRefusal.PERSONAL, "A person authorises this credential on our page.")
        self._credentials.usable(caller, credential_id)
        if count > seen.most:
            raise _refused(RemoteRefusal.TOO_MANY, f"At most {seen.most} signatures at once.")
        permission = self._seals.permission_for(credential_id, caller.client_id, caller.address, pin=pin)
        at = self._now()
        taken = self._seals.take(permission.id, count, client_id=caller.client_id, credential_id=credential_id, at=at)
        if not taken:
            raise _refused(Refusal.USED_UP, "The seal is not lent for so many documents any more.")
        sad, hard_end = self._new_secret(), min(permission.expires_at, at + LONGEST)
        authorisation = Authorisation(
            id=self._random_bytes(_ID_BYTES).hex(),
            credential_id=credential_id,
            client_id=caller.client_id,
            user_id=caller.user_id,
            kind=AuthorisationKind.CLIENT if pin is None else AuthorisationKind.EXPLICIT,
            scal=1,
            total=count,
            bound=bool(digests),
            digests=tuple(digests),
            factors=("client",) if pin is None else ("client", "pin"),
            origin=origin,
            state=AuthorisationState.ACTIVE,
            granted_at=at,
            expires_at=min(at + self._life, hard_end),
            hard_end=hard_end,
            permission_id=permission.id,
        )
        self._authorisations.add(authorisation, sad_sha256=secret_hash(sad.reveal()))
        return Granted(sad=sad, seconds=_seconds(authorisation.expires_at - at))

    def extend(self, caller: Caller, credential_id: str, sad: Secret, digests: Sequence[AuthorisedDigest]) -> Granted:
        """Another SAD in place of `sad`, with `digests` besides those that are still open; never more signatures.

        One that was given for a count signs whatever comes until digests are named: from then on these alone.
        Raises as `authorise`, and `ActivationRefused` (`sad`, `sad-expired`, `digest`).
        """
        seen = self._credentials.get(caller, credential_id)
        if not seen.credential.is_seal:
            raise _refused(RemoteRefusal.PERSONAL, "A person approves every digest before.")
        self._credentials.usable(caller, credential_id)
        old = self._authorisations.behind(secret_hash(sad.reveal()))
        wanted = (caller.client_id, caller.user_id, credential_id)
        mine = old is not None and (old.client_id, old.user_id, old.credential_id) == wanted
        if old is None or not mine or old.state is not AuthorisationState.ACTIVE:
            raise _refused(RemoteRefusal.SAD, "The authorisation is not good for this.")
        at = self._now()
        expires_at = min(at + EXTENSION, old.hard_end)
        if old.expires_at <= at or expires_at <= at:
            raise _refused(RemoteRefusal.SAD_EXPIRED, "The authorisation has expired.")
        self._require_room(old, digests)
        new = self._new_secret()
        done = self._authorisations.extend(
            old.id,
            old_sad_sha256=secret_hash(sad.reveal()),
            new_sad_sha256=secret_hash(new.reveal()),
            digests=digests,
            expires_at=expires_at,
            at=at,
        )
        if not done:  # somebody was faster
            raise _refused(RemoteRefusal.SAD, "The authorisation is not good for this.")
        return Granted(sad=new, seconds=_seconds(expires_at - at))

    def _require_room(self, old: Authorisation, digests: Sequence[AuthorisedDigest]) -> None:
        known = {each.value for each in old.digests}
        if any(each.value in known for each in digests) or len({each.value for each in digests}) != len(digests):
            raise _refused(RemoteRefusal.DIGEST, "A digest is authorised once.")
        waiting = sum(not each.spent for each in old.digests)
        if waiting + len(digests) > old.total - old.used:
            raise _refused(RemoteRefusal.TOO_MANY, "More digests than signatures are left.")

    def _new_secret(self) -> Secret:
        return Secret(base64.urlsafe_b64encode(self._random_bytes(_SAD_BYTES)).rstrip(b"=").decode())


def _seconds(life: timedelta) -> int:
    return int(life.total_seconds())


def _refused(why: RemoteRefusal | Refusal, message: str) -> ActivationRefused:
    field = "SAD" if why in (RemoteRefusal.SAD, RemoteRefusal.SAD_EXPIRED) else "credentialID"
    return ActivationRefused(message, field=field, reason=why.value)
