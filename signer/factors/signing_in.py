"""Logging in to the page for people: before it, no factor for signing is asked for, so no outsider can lock one.

With a passkey, with a code of an authenticator, or with a recovery code. None of them signs anything. Only codes are
counted: they can be guessed.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from signer.errors import FactorRefused
from signer.factors import passkey as passkeys
from signer.factors.checking import SecondFactors, recovery_hash
from signer.factors.model import FactorKind, Session, SignedInBy, TotpProof
from signer.factors.passkey import RelyingParty
from signer.factors.ports import FactorStore, SessionStore
from signer.factors.subjects import is_signatory
from signer.model import Secret

LONGEST: Final = timedelta(hours=8)
IDLE: Final = timedelta(minutes=30)
BEFORE: Final = timedelta(minutes=10)
"""How long somebody may take to log in."""
_TOKEN_BYTES: Final = 32
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A login, and the secret for the browser; the only moment at which its text exists here."""

    session: Session
    token: str

    def __repr__(self) -> str:
        return f"NewSession(session={self.session!r}, token=***)"


class SignIn:
    """Logins. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        sessions: SessionStore,
        store: FactorStore,
        factors: SecondFactors,
        party: RelyingParty,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        longest: timedelta = LONGEST,
        idle: timedelta = IDLE,
        lets_in: Callable[[str], bool] = is_signatory,
    ) -> None:
        """`lets_in`: whose login it may be, by the owner of a factor; everybody else is a stranger here."""
        self._sessions = sessions
        self._store = store
        self._factors = factors
        self._party = party
        self._now = now
        self._random_bytes = random_bytes
        self._longest = longest
        self._idle = idle
        self._lets_in = lets_in

    def begin(self, signatory_id: str | None, by: SignedInBy, *, confirmed_until: datetime | None = None) -> NewSession:
        """A new secret at every login: one that somebody planted before is worth nothing."""
        token = base64.urlsafe_b64encode(self._random_bytes(_TOKEN_BYTES)).rstrip(b"=").decode()
        at = self._now()
        session = Session(
            id=_hashed(token),
            signatory_id=signatory_id,
            by=by,
            began_at=at,
            expires_at=at + (BEFORE if signatory_id is None else self._longest),
            confirmed_until=confirmed_until,
        )
        self._sessions.begin(session, at=at)
        return NewSession(session=session, token=token)

    def find(self, token: str | None) -> Session | None:
        """Whose browser this is; `None` for what is unknown, ended, too old or unused for too long."""
        if token is None or not _TOKEN.fullmatch(token):
            return None
        at = self._now()
        found = self._sessions.find(_hashed(token), at=at, idle_since=at - self._idle)
        stranger = found is not None and found.signatory_id is not None and not self._lets_in(found.signatory_id)
        return None if stranger else found

    def end(self, session: Session) -> None:
        """Log out."""
        self._sessions.end(session.id, at=self._now())

    def with_code(self, signatory_id: str | None, code: Secret) -> NewSession:
        """Where it is known whose code it has to be; `None`: of nobody, refused as late as a wrong one. Raises
        `FactorRefused`."""
        if signatory_id is None:
            self._factors.spend_time()
            raise _refused()
        proof = TotpProof(code=code)
        evidence = self._factors.check(signatory_id, proof, challenge=b"", as_kind=FactorKind.SIGN_IN)
        if evidence is None:
            raise _refused()
        return self.begin(signatory_id, SignedInBy.TOTP)

    def passkey_options(self, session: Session) -> str:
        """JSON for the browser; the challenge waits in the session, good once."""
        challenge = self._random_bytes(32)
        self._sessions.challenge(session.id, challenge)
        return passkeys.request_options(self._party, challenge=challenge)

    def with_passkey(self, session: Session, assertion: str) -> NewSession:
        """The passkey says who it is. Raises `FactorRefused`."""
        challenge = self._sessions.take_challenge(session.id)
        asserted = passkeys.credential_id_of(assertion)
        known = self._store.passkey(asserted) if asserted is not None else None
        if challenge is None or known is None or not self._lets_in(known.signatory_id):
            raise _refused()
        if not self._factors.recognise(known, assertion, challenge=challenge):
            raise _refused()
        self.end(session)
        return self.begin(known.signatory_id, SignedInBy.PASSKEY)

    def with_recovery(self, code: Secret) -> NewSession:
        """The code says whose it is, and is used up. Raises `FactorRefused`."""
        hashed, at = recovery_hash(code), self._now()
        owner = self._store.owner_of_code(hashed)
        lets_in = owner is not None and self._lets_in(owner)
        signatory_id = self._store.use_code(hashed, of=owner, at=at) if lets_in else None
        if signatory_id is None:
            raise _refused()
        return self.begin(signatory_id, SignedInBy.RECOVERY)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _refused() -> FactorRefused:
    return FactorRefused("That is not right, or has to wait.", field="factors", reason="not-proven")
