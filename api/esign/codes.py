"""Signing with an official's code: the code used up, then every document signed once, however often the call comes."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from api.esign.sealing import SignOpened
from api.esign.sign_once import PATIENCE
from signer.activation import consent
from signer.api_credentials import ApiCredential
from signer.code_model import CodeAsker, CodeCall, CodeSession
from signer.code_sessions import CodeSessions
from signer.consented_documents import Redeeming
from signer.errors import CodeRefused
from signer.gateway import Answered, GatewayCalls, Signed, likeness_of
from signer.model import OpenKey, Secret, SigningTask, TagPlace
from signer.opening import usable_credential
from signer.ports import CredentialStore
from signer.signing_codes import SigningCodes
from store.audit import Origin, acting

FACTORS: Final = ("code-session", "code")
"""What a consent by code rests on: the session that two factors opened, and the code in the mail."""
_CONTEXT: Final = b"teken/gateway/code/1"

Around = Callable[[SigningTask, Callable[[], Signed]], Signed]
"""What a face does around each document that is signed now."""


class GatewayCodes:
    """What an application does with codes of officials. Every audit entry names it. `now` gives aware UTC."""

    def __init__(
        self,
        codes: SigningCodes,
        *,
        sessions: CodeSessions,
        calls: GatewayCalls,
        redeeming: Redeeming,
        credentials: CredentialStore,
        sign: SignOpened,
        placed: Callable[[SigningTask], TagPlace | None],
        count: Callable[[str, str, int], None],
        within: timedelta,
        under_key: timedelta,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        """`placed`: where a task's tag is; `count` counts so many signings in the quotas of client and credential;
        `within`: how long a call is the same as one before it, `under_key`: the same under an `Idempotency-Key`."""
        self._codes = codes
        self._sessions = sessions
        self._calls = calls
        self._redeeming = redeeming
        self._credentials = credentials
        self._sign = sign
        self._placed = placed
        self._count = count
        self._within = within
        self._under_key = under_key
        self._now = now
        self._random_bytes = random_bytes

    def send(self, who: ApiCredential, credential_id: str, files: int) -> None:
        """As `SigningCodes.send`; `CodeRefused` also where an administrator did not allow codes."""
        _require_allowed(who)
        with _as(who):
            self._codes.send(CodeAsker(user_name=who.user_name, credential_id=credential_id), files)

    def sign(
        self, who: ApiCredential, tasks: Sequence[SigningTask], code: Secret, key: str | None, around: Around
    ) -> list[Answered]:
        """Every one of `tasks`, which are of one official and were examined already, in order.

        1. An administrator allowed codes, the official opened a session, the code is right.  else CodeRefused
        2. The quotas have room; not asked of a call that is repeated.                        else QuotaExceeded
        3. The code is used up, the files are counted in the session, the official is told.   else CodeRefused
        4. Each document that was not signed by this call before: the key is opened out of the session, consent for
           exactly this digest is granted and used up, and it is signed.
        """
        _require_allowed(who)
        credential_id, within = tasks[0].credential_id, self._within if key is None else self._under_key
        likenesses = [
            likeness_of(who.user_name, credential_id, task, key=f"{key or ''}#{place}" if place else key)
            for place, task in enumerate(tasks)
        ]
        call = CodeCall(
            user_name=who.user_name,
            credential_id=credential_id,
            files=len(tasks),
            call=hashlib.sha256(b"\n".join((_CONTEXT, *map(str.encode, likenesses)))).hexdigest(),
            repeated_since=self._now() - self._within,
        )
        with _as(who):
            session = self._codes.redeem(call, code, lambda: self._count(who.client_id, credential_id, len(tasks)))
            open_key = _once(lambda: self._opened(session))
            return [
                self._calls.carry_out(
                    who.user_name,
                    likeness,
                    within=within,
                    patience=PATIENCE,
                    sign=partial(self._signed, task, open_key, around),
                    prove=lambda: None,  # the code was proven before
                    placed=partial(self._placed, task),
                )
                for task, likeness in zip(tasks, likenesses, strict=True)
            ]

    def _opened(self, session: CodeSession) -> OpenKey:
        credential = usable_credential(self._credentials, session.credential_id, at=self._now())
        return OpenKey(credential=credential, key=self._sessions.open_key(session))

    def _signed(self, task: SigningTask, open_key: Callable[[], OpenKey], around: Around, request_key: str) -> Signed:
        named = replace(task, request_key=request_key)
        return around(task, lambda: self._sign(named, open_key(), partial(self._redeem, task)))

    def _redeem(self, task: SigningTask, digest: str) -> None:
        """Step 4's consent; the code was used up for these documents and no others."""
        given = consent(
            credential_id=task.credential_id,
            client_id=task.client_id,
            digests=frozenset({digest}),
            factors=FACTORS,
            at=self._now(),
            random_bytes=self._random_bytes,
        )
        self._redeeming.activations.grant(given)
        self._redeeming.of(given)(digest)


def _once(make: Callable[[], OpenKey]) -> Callable[[], OpenKey]:
    """What `make` gives, made when it is needed and not twice."""
    made: list[OpenKey] = []

    def get() -> OpenKey:
        if not made:
            made.append(make())
        return made[0]

    return get


def _require_allowed(who: ApiCredential) -> None:
    if not who.codes:
        raise CodeRefused("Codes are not allowed for this API credential.", field="totp", reason="not-allowed")


def _as(who: ApiCredential) -> AbstractContextManager[None]:
    return acting(Origin(actor=who.client_id, role="client"))
