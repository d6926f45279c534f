"""Codes with which an application signs for an official who opened a session for it: by mail, one for each call.

    asked for so many files -> mailed to the official -> used, once, and counted in the session

Six digits are what people type. So a code is kept as a keyed hash whose key is not in the database, is good for five
minutes, ends with the fifth wrong try, and ten wrong tries end the session.
"""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from signer.code_model import CodeAsker, CodeCall, CodeSession, SigningCode, no_session, used_up
from signer.errors import CodeRefused, TooSoon
from signer.model import Secret

LIFE: Final = timedelta(minutes=5)
MOST_WRONG: Final = 5
"""The try at which a code ends."""
MOST_WRONG_IN_SESSION: Final = 10
"""The try at which the session ends: of a million, nobody guesses it in ten."""
MAIL_EVERY: Final = timedelta(minutes=1)
"""How long an application waits for another code where it has not used the last one."""
_DIGITS: Final = 6
_ID_BYTES: Final = 16


class SigningCodeStore(Protocol):
    """What is remembered of codes. Each change and its audit entry are one transaction."""

    def open_for(self, user_name: str, credential_id: str, /, *, at: datetime) -> CodeSession | None:
        """The session that is open."""
        ...

    def newest(self, session_id: str, /) -> SigningCode | None:
        """The last one made, whatever became of it."""
        ...

    def replace(self, code: SigningCode, /, *, at: datetime) -> bool:
        """Keep it, and end every earlier one of its session; `False` where the session is over."""
        ...

    def wrong(self, code_id: str, /, *, most: int, most_in_session: int, at: datetime) -> None:
        """Count a wrong try; the last one ends the code, or the session."""
        ...

    def use(self, code: SigningCode, call: CodeCall, /, *, most_wrong: int, at: datetime) -> bool:
        """Use it up, count the files in the session and tell the official, or nothing of it; whether the code was good.

        Raises `CodeRefused` where the session is over, or does not let all of them be signed; the refusal is in the
        trail."""
        ...

    def again(self, code_id: str, call: str, /, *, most_wrong: int) -> bool:
        """Whether it was used up for that call, and not guessed at too often."""
        ...


class CodeMail(Protocol):
    """How an official hears a code. `files`: for how many; `client_id`: which application asks."""

    def __call__(
        self, signatory_id: str, code: Secret, until: datetime, /, *, files: int, client_id: str, notice_id: str
    ) -> None:
        """Raises `signer.notices.DeliveryFailed`."""
        ...


class SigningCodes:
    """`hashed` is a keyed hash (hex) whose key is not in the database; `now` gives aware UTC."""

    def __init__(
        self,
        store: SigningCodeStore,
        *,
        mail: CodeMail,
        hashed: Callable[[Secret], str],
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._store = store
        self._mail = mail
        self._hashed = hashed
        self._now = now
        self._random_bytes = random_bytes

    def send(self, who: CodeAsker, files: int) -> None:
        """Mail a code for one call over at most `files` files to the official.

        Raises `CodeRefused` without an open session that has room for them, `TooSoon`,
        `signer.notices.DeliveryFailed`.
        """
        session = self._session(who)
        if session.used + files > session.documents:
            raise used_up()
        self._require_pause(session)
        text, code = self._made(session, files)
        if not self._store.replace(code, at=self._now()):  # first: a mail whose code is good for nothing harms nobody
            raise no_session()
        until = code.expires_at
        self._mail(session.signatory_id, text, until, files=files, client_id=session.client_id, notice_id=code.id)

    def redeem(self, call: CodeCall, code: Secret, count: Callable[[], None]) -> CodeSession:
        """Use a code up for one call: from here on the key may be used. The same call again is let through.

        `count` is called before a code is used up, and may refuse. Raises `CodeRefused`.
        """
        session = self._session(call)
        known = self._store.newest(session.id)
        if known is None:
            raise _not_good()
        if not self._matches(known, code):
            self._store.wrong(known.id, most=MOST_WRONG, most_in_session=MOST_WRONG_IN_SESSION, at=self._now())
            raise _not_good()
        if self._is_repeated(known, call):
            return session
        if call.files > known.files:
            raise CodeRefused("This code is for fewer files.", field="file", reason="too-many-files")
        count()
        if not self._store.use(known, call, most_wrong=MOST_WRONG, at=self._now()):
            self._require_same(session, call)  # somebody was faster: perhaps this very call
        return session

    def _session(self, who: CodeAsker) -> CodeSession:
        session = self._store.open_for(who.user_name, who.credential_id, at=self._now())
        if session is None:
            raise no_session()
        return session

    def _require_pause(self, session: CodeSession) -> None:
        last = self._store.newest(session.id)
        if last is None or last.used_for is not None:
            return
        until = last.made_at + MAIL_EVERY
        if until > self._now():
            raise TooSoon("A code was sent a moment ago.", field="data", reason="too-soon", until=until)

    def _is_repeated(self, known: SigningCode, call: CodeCall) -> bool:
        recent = known.ended_at is not None and known.ended_at >= call.repeated_since
        return recent and self._store.again(known.id, call.call, most_wrong=MOST_WRONG)

    def _require_same(self, session: CodeSession, call: CodeCall) -> None:
        known = self._store.newest(session.id)
        if known is None or not self._is_repeated(known, call):
            raise _not_good()

    def _matches(self, known: SigningCode, code: Secret) -> bool:
        return hmac.compare_digest(known.code_hash, self._hash(known.id, code))

    def _made(self, session: CodeSession, files: int) -> tuple[Secret, SigningCode]:
        at, code_id = self._now(), self._random_bytes(_ID_BYTES).hex()
        # 128 bits reduced to six digits: what some codes are likelier than others is not to be measured
        text = Secret(f"{int.from_bytes(self._random_bytes(16)) % 10**_DIGITS:0{_DIGITS}}")
        code = SigningCode(
            id=code_id,
            session_id=session.id,
            code_hash=self._hash(code_id, text),
            files=files,
            made_at=at,
            expires_at=min(at + LIFE, session.expires_at),
        )
        return text, code

    def _hash(self, code_id: str, code: Secret) -> str:
        return self._hashed(Secret(f"signing-code:{code_id}:{code.reveal().strip()}"))


def _not_good() -> CodeRefused:
    """All alike: unknown, wrong, used, expired, ended."""
    return CodeRefused("This code is not good.", field="totp", reason="not-good")
