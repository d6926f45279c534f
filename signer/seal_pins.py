"""PINs of seals: an explicit secret that goes with every authorisation of a seal, where staff gave it one.

It belongs to the seal, not to one of its keys, and it is asked by whatever lets the seal be used: a door that cannot
take a PIN cannot use the seal. Wrong ones are counted in one place, whichever version of the API they came by.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NoReturn, Protocol

from signer.errors import ActivationRefused
from signer.model import Secret
from signer.seal_model import Refusal

_PIN_BYTES: Final = 16
_TOLD: Final = {
    Refusal.PIN_NEEDED: "This seal is used with its PIN, which only the CSC API takes.",
    Refusal.PIN_NONE: "This seal has no PIN. Send none.",
    Refusal.PIN_WRONG: "The PIN is not right, or has to wait.",
    Refusal.PIN_LOCKED: "The PIN of this seal is locked. An administrator unlocks it.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PinStanding:
    """How the PIN of a seal stands."""

    locked: bool
    failures: int
    """Wrong ones since the last right one."""


class SealPinStore(Protocol):
    """What is remembered of them, by the seal's signatory id. Each change and its audit entry are one transaction."""

    def standing(self, seal_id: str, /) -> PinStanding | None:
        """`None` where the seal has none."""
        ...

    def set(self, seal_id: str, pin_sha256: str, /, *, at: datetime) -> None: ...

    def remove(self, seal_id: str, /, *, at: datetime) -> bool: ...

    def unlock(self, seal_id: str, /, *, at: datetime) -> bool: ...

    def begin_attempt(self, seal_id: str, /, *, at: datetime) -> bool:
        """Count one attempt before it is made; `False` (nothing counted) while it waits or is locked."""
        ...

    def accept(self, seal_id: str, pin_sha256: str, /) -> bool:
        """Whether it is the PIN; then the count starts anew."""
        ...


class SealPins:
    """Sets PINs and asks for them. `now` gives aware UTC."""

    def __init__(
        self, store: SealPinStore, *, now: Callable[[], datetime], random_bytes: Callable[[int], bytes]
    ) -> None:
        self._store = store
        self._now = now
        self._random_bytes = random_bytes

    def has(self, seal_id: str) -> bool:
        """Whether the seal is used with a PIN."""
        return self._store.standing(seal_id) is not None

    def standing(self, seal_id: str) -> PinStanding | None:
        """How it stands; `None` where there is none."""
        return self._store.standing(seal_id)

    def set(self, seal_id: str) -> Secret:
        """A new PIN, told this once; the one of before is good no more."""
        text = base64.b32encode(self._random_bytes(_PIN_BYTES)).decode().rstrip("=")
        self._store.set(seal_id, _hashed(Secret(text)), at=self._now())
        return Secret(text)

    def remove(self, seal_id: str) -> None:
        """The seal is used without one. Raises `ActivationRefused` where it has none."""
        if not self._store.remove(seal_id, at=self._now()):
            _refuse(Refusal.PIN_NONE)

    def unlock(self, seal_id: str) -> None:
        """It may be tried again. Raises `ActivationRefused` where there is none."""
        if not self._store.unlock(seal_id, at=self._now()):
            _refuse(Refusal.PIN_NONE)

    def require(self, seal_id: str, pin: Secret | None) -> None:
        """That the seal is used with its PIN, or has none and none is sent. Raises `ActivationRefused`, its reason a
        `Refusal`.

        1. The seal has a PIN exactly where one is sent.     else `seal-pin-needed`, `seal-pin-none`
        2. The attempt is counted, before anything is tried. else `seal-pin-locked`, or `seal-pin-wrong` while it waits
        3. It is the right one, and the count starts anew.   else `seal-pin-wrong`
        """
        if not self.has(seal_id):
            return None if pin is None else _refuse(Refusal.PIN_NONE)
        if pin is None:
            _refuse(Refusal.PIN_NEEDED)
        if not self._store.begin_attempt(seal_id, at=self._now()):
            standing = self._store.standing(seal_id)
            _refuse(Refusal.PIN_LOCKED if standing is not None and standing.locked else Refusal.PIN_WRONG)
        if not self._store.accept(seal_id, _hashed(pin)):
            _refuse(Refusal.PIN_WRONG)
        return None


def _hashed(pin: Secret) -> str:
    return hashlib.sha256(pin.reveal().encode("utf-8", "surrogatepass")).hexdigest()


def _refuse(why: Refusal) -> NoReturn:
    raise ActivationRefused(_TOLD[why], field="credential", reason=why.value)
