"""Codes with which an application seals at the gateway: an activation for a day, then one code for each call.

    permission (staff) -> activation (mail to the seal's keeper) -> code for so many files -> used, once

A seal is lent to an application by staff (`signer.seals`). The activation is a second thing on top of that: somebody
who reads the keeper's mail lets that application begin. Codes have six digits, so each is kept as a keyed hash, and
the fifth wrong try ends it.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from signer.errors import CodeRefused, CredentialUnknown, TooSoon
from signer.model import Secret
from signer.people import Official
from signer.seal_model import SealPermission
from signer.seals import SealService

ACTIVATION_LIFE: Final = timedelta(hours=24)
SEALING_LIFE: Final = timedelta(minutes=5)
MOST_WRONG: Final = 5
"""The try at which a code ends: of a million, nobody guesses it in five."""
MAIL_EVERY: Final = timedelta(minutes=1)
"""How long an application waits before the keeper gets another mail."""
MAILS_A_DAY: Final = 10
"""Activations of one application for one seal: as many codes may be guessed at, five times each."""
_DAY: Final = timedelta(days=1)
_DIGITS: Final = 6
_ID_BYTES: Final = 16


class SealCodeKind(StrEnum):
    """What a code is good for."""

    ACTIVATION = "activation"
    SEALING = "sealing"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealCode:
    """One code, without the code."""

    id: str
    kind: SealCodeKind
    user_name: str
    """Of the API credential that it is good for."""
    credential_id: str
    """The seal's."""
    permission_id: str
    code_hash: str = field(repr=False)
    files: int
    """How many one call may have sealed; 0 for an activation."""
    wrong: int = 0
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    used_for: str | None = None
    """What the call was that used it up (hex)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCode:
    """A code with its text; the only moment at which it exists here."""

    text: Secret
    code: SealCode


@dataclass(frozen=True, slots=True, kw_only=True)
class SealAsker:
    """Who asks for which seal, and from where."""

    user_name: str
    """Of the API credential."""
    client_id: str
    credential_id: str
    """The seal's."""
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealUse(SealAsker):
    """One call that seals."""

    files: int
    call: str
    """What makes two calls the same (hex)."""
    repeated_since: datetime
    """The same call after this moment gets the first answer again."""


class SealCodeStore(Protocol):
    """What is remembered of them. Each change and its audit entry are one transaction."""

    def newest(self, kind: SealCodeKind, user_name: str, credential_id: str, /) -> SealCode | None:
        """The last one made, whatever became of it."""
        ...

    def made_since(
        self, kind: SealCodeKind, user_name: str, credential_id: str, /, *, since: datetime
    ) -> tuple[datetime, ...]:
        """When each one after `since` was made, the newest first."""
        ...

    def replace(self, code: SealCode, /, *, at: datetime) -> None:
        """Keep it, and end every earlier one of its kind for this credential and seal."""
        ...

    def check(self, code_id: str, right: bool, /, *, most_wrong: int, at: datetime) -> bool:
        """Note a try; whether it was right and the code was good. The last wrong one ends it."""
        ...

    def check_used(self, code_id: str, right: bool, /, *, most_wrong: int, at: datetime) -> bool:
        """The same for one that a call used up, when that call is repeated."""
        ...

    def end(self, code_id: str, /, *, at: datetime) -> bool:
        """Whether it was good until now."""
        ...

    def use(self, code: SealCode, use: SealUse, /, *, at: datetime) -> bool:
        """Use it up and count the files in the permission, or neither; raises `ActivationRefused` where the permission
        lets nothing be sealed."""
        ...


class KeeperMail(Protocol):
    """How the keeper of a seal hears a code."""

    def __call__(self, signatory_id: str, name: str, code: Secret, until: datetime, /, *, notice_id: str) -> None:
        """Raises `signer.notices.DeliveryFailed`."""
        ...


class Officials(Protocol):
    """Seals are found as officials are."""

    def get(self, signatory_id: str, /) -> Official | None: ...


class SealCodes:
    """`hashed` is a keyed hash (hex) whose key is not in the database; `now` gives aware UTC."""

    def __init__(
        self,
        store: SealCodeStore,
        *,
        seals: SealService,
        officials: Officials,
        mail: KeeperMail,
        hashed: Callable[[Secret], str],
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._store = store
        self._seals = seals
        self._officials = officials
        self._mail = mail
        self._hashed = hashed
        self._now = now
        self._random_bytes = random_bytes

    def credential_of(self, subscriber: str) -> str:
        """The credential of today of the seal with this id (`seal-…`); raises `CredentialUnknown`."""
        seal = self._officials.get(subscriber)
        if seal is None or not seal.signatory.is_seal or seal.credential_id is None:
            raise CredentialUnknown("There is no such seal. Check its id.", field="idSubscriber", reason="unknown")
        return seal.credential_id

    def activate(self, who: SealAsker) -> None:
        """Send the keeper a new activation. Raises `ActivationRefused` without a permission of staff, `TooSoon`,
        `signer.notices.DeliveryFailed`; `CredentialUnusable`."""
        permission = self._seals.permission_for(who.credential_id, who.client_id, who.address)
        self._require_pause(who)
        made = self._made(SealCodeKind.ACTIVATION, who.user_name, permission, ACTIVATION_LIFE)
        signatory = self._seals.get(who.credential_id).signatory
        self._store.replace(made.code, at=self._now())  # first: a mail whose code is good for nothing harms nobody
        self._mail(signatory.id, signatory.name, made.text, made.code.expires_at, notice_id=made.code.id)

    def refresh(self, who: SealAsker, code: Secret) -> MadeCode:
        """A new activation in exchange for the one of today; raises `CodeRefused`, and as `activate`."""
        permission = self._seals.permission_for(who.credential_id, who.client_id, who.address)
        self._checked(SealCodeKind.ACTIVATION, who.user_name, who.credential_id, code)
        made = self._made(SealCodeKind.ACTIVATION, who.user_name, permission, ACTIVATION_LIFE)
        self._store.replace(made.code, at=self._now())
        return made

    def revoke(self, user_name: str, credential_id: str, code: Secret) -> None:
        """End the activation of today and the code made with it; raises `CodeRefused`."""
        activation = self._checked(SealCodeKind.ACTIVATION, user_name, credential_id, code)
        if not self._store.end(activation.id, at=self._now()):
            raise _refused()
        sealing = self._store.newest(SealCodeKind.SEALING, user_name, credential_id)
        if sealing is not None:
            self._store.end(sealing.id, at=self._now())

    def sealing_code(self, who: SealAsker, code: Secret, files: int) -> MadeCode:
        """A code for one call over at most `files` files, good for minutes; `code` is the activation. Raises as
        `refresh`."""
        permission = self._seals.permission_for(who.credential_id, who.client_id, who.address)
        self._checked(SealCodeKind.ACTIVATION, who.user_name, who.credential_id, code)
        made = self._made(SealCodeKind.SEALING, who.user_name, permission, SEALING_LIFE, files=files)
        self._store.replace(made.code, at=self._now())
        return made

    def redeem(self, use: SealUse, code: Secret) -> str:
        """Use a code up for one call: from here on the key may be used. The same call again is let through. Gives the
        code's id.

        Raises `CodeRefused`, `ActivationRefused` where the permission ended or is used up, `CredentialUnusable`.
        """
        known = self._store.newest(SealCodeKind.SEALING, use.user_name, use.credential_id)
        if known is None:
            raise _refused()
        if self._is_repeated(known, use):
            return self._repeated(known, use, code)
        if not self._store.check(known.id, self._matches(known, code), most_wrong=MOST_WRONG, at=self._now()):
            return self._overtaken(known, use, code)
        if use.files > known.files:
            raise CodeRefused("This code is for fewer files.", field="file", reason="too-many-files")
        if not self._store.use(known, use, at=self._now()):
            return self._overtaken(known, use, code)
        return known.id

    def _repeated(self, known: SealCode, use: SealUse, code: Secret) -> str:
        """The code that this very call used up before; wrong tries at it are counted as well."""
        if not self._store.check_used(known.id, self._matches(known, code), most_wrong=MOST_WRONG, at=self._now()):
            raise _refused()
        self._require_lent(known, use)
        return known.id

    def _overtaken(self, known: SealCode, use: SealUse, code: Secret) -> str:
        """The code was wrong, or somebody used it at this moment: perhaps this very call."""
        newest = self._store.newest(SealCodeKind.SEALING, use.user_name, use.credential_id)
        if newest is None or newest.id != known.id or not self._matches(newest, code):
            raise _refused()
        if not self._is_repeated(newest, use):
            raise _refused()
        return self._repeated(newest, use, code)

    def _require_lent(self, known: SealCode, use: SealUse) -> None:
        """The first call was counted; a seal that was taken back meanwhile, or is asked for from elsewhere, rests."""
        for permission in self._seals.permissions(use.credential_id):
            if permission.id == known.permission_id:
                return self._seals.require_lent(permission, use.address)
        raise _refused()

    def _require_pause(self, who: SealAsker) -> None:
        at = self._now()
        made = self._store.made_since(SealCodeKind.ACTIVATION, who.user_name, who.credential_id, since=at - _DAY)
        until = made[MAILS_A_DAY - 1] + _DAY if len(made) >= MAILS_A_DAY else max(made, default=at - _DAY) + MAIL_EVERY
        if until > at:
            raise TooSoon("A code was sent a moment ago.", field="idSubscriber", reason="too-soon", until=until)

    def _is_repeated(self, known: SealCode, use: SealUse) -> bool:
        return known.used_for == use.call and known.ended_at is not None and known.ended_at >= use.repeated_since

    def _checked(self, kind: SealCodeKind, user_name: str, credential_id: str, code: Secret) -> SealCode:
        known = self._store.newest(kind, user_name, credential_id)
        if known is None:
            raise _refused()
        right = self._matches(known, code)
        if not self._store.check(known.id, right, most_wrong=MOST_WRONG, at=self._now()):
            raise _refused()
        return known

    def _matches(self, known: SealCode, code: Secret) -> bool:
        return hmac.compare_digest(known.code_hash, self._hash(known.id, code))

    def _made(
        self, kind: SealCodeKind, user_name: str, permission: SealPermission, life: timedelta, *, files: int = 0
    ) -> MadeCode:
        at, code_id = self._now(), self._random_bytes(_ID_BYTES).hex()
        # 128 bits reduced to six digits: what some codes are likelier than others is not to be measured
        text = Secret(f"{int.from_bytes(self._random_bytes(16)) % 10**_DIGITS:0{_DIGITS}}")
        code = SealCode(
            id=code_id,
            kind=kind,
            user_name=user_name,
            credential_id=permission.credential_id,
            permission_id=permission.id,
            code_hash=self._hash(code_id, text),
            files=files,
            made_at=at,
            expires_at=min(at + life, permission.expires_at),
        )
        return MadeCode(text=text, code=code)

    def _hash(self, code_id: str, code: Secret) -> str:
        return self._hashed(Secret(f"seal-code:{code_id}:{code.reveal().strip()}"))


def _refused() -> CodeRefused:
    """All alike: unknown, wrong, used, expired, ended."""
    return CodeRefused("This code is not good.", field="totp", reason="not-good")
