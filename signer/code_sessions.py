"""Code sessions: an official lets one application sign with codes that come by mail, for a day at most.

    opened by its official (passphrase and second factor) -> used, counted -> ended

The key that the passphrase opened goes on under a random secret (`hsm_config/carrying.py`), and the HSM seals that
secret. So while a session is open the service itself could open the key, which it cannot otherwise: an official opens
one with both factors, for one API credential that an administrator allowed codes, for so many documents; the official
is told of each use and ends it at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric import ec

from signer.authorisation import KeyCarrier
from signer.code_model import CodeApplication, CodeSession, SeenSession, SessionKey
from signer.errors import CodeSessionRefused, FactorRefused, KeyUnavailable, PassphraseLocked, PassphraseWrong
from signer.factors.checking import SecondFactors
from signer.factors.model import Evidence, Proof, RecoveryProof, Session
from signer.factors.ports import SeedVault
from signer.model import OpenKey, Secret
from signer.people import Official

MOST_DOCUMENTS: Final = 500
LONGEST_HOURS: Final = 24
USUAL_HOURS: Final = 8
MOST_OPEN: Final = 5
"""Sessions of one official that are open at a time."""
SHOWN_SINCE: Final = timedelta(days=30)
"""How long what became of a session is shown to its official."""
_SECRET_BYTES: Final = 32
_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTerms:
    """What an official allows."""

    user_name: str
    documents: int
    hours: int


class CodeSessionStore(Protocol):
    """What is remembered of sessions. A change, its entry and what the official is told are one transaction."""

    def applications(self) -> tuple[CodeApplication, ...]:
        """Those that may be given codes now, by name."""
        ...

    def open(self, session: CodeSession, key: SessionKey, /, *, most: int, at: datetime) -> bool:
        """In place of an earlier one for the same application; `False` where `most` others are open, or codes are not
        allowed any more."""
        ...

    def key(self, session_id: str, /) -> SessionKey | None: ...

    def seen(self, signatory_id: str, /, *, since: datetime) -> tuple[SeenSession, ...]:
        """Those that were open after `since`, the newest first."""
        ...

    def end(self, session_id: str, /, *, signatory_id: str, at: datetime) -> bool:
        """Its official ends it; whether it was open."""
        ...


class Opening(Protocol):
    """`signer.service.SigningService`, as far as it is needed here."""

    def open(self, credential_id: str, passphrase: Secret, /) -> OpenKey: ...


class Challenges(Protocol):
    """The part of `signer.factors.ports.SessionStore` that is needed here."""

    def take_challenge(self, session_id: str, /) -> bytes | None: ...


class CodeSessions:
    """Opened and ended by their officials. `official(signatory_id)`; `reachable(signatory_id)`: whether mail reaches
    the person; `now` gives aware UTC."""

    def __init__(
        self,
        store: CodeSessionStore,
        *,
        signing: Opening,
        factors: SecondFactors,
        challenges: Challenges,
        official: Callable[[str], Official | None],
        reachable: Callable[[str], bool],
        carrier: KeyCarrier,
        secrets: SeedVault,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._store = store
        self._signing = signing
        self._factors = factors
        self._challenges = challenges
        self._official = official
        self._reachable = reachable
        self._carrier = carrier
        self._secrets = secrets
        self._now = now
        self._random_bytes = random_bytes

    def applications(self) -> tuple[CodeApplication, ...]:
        """Those that a session may be opened for, by name."""
        return self._store.applications()

    def seen(self, signatory_id: str) -> tuple[SeenSession, ...]:
        """An official's own ones, the newest first."""
        at = self._now()
        return tuple(
            replace(each, open=each.session.is_open(at))
            for each in self._store.seen(signatory_id, since=at - SHOWN_SINCE)
        )

    def open(self, login: Session, terms: SessionTerms, passphrase: Secret, proof: Proof) -> CodeSession:
        """From now on the application signs with codes that its official reads in the mail.

        1. The terms are within their bounds, the application may be given codes, mail reaches the official.
                                                                    else CodeSessionRefused
        2. Passphrase and second factor are both tried.             else FactorRefused, never told which;
                                                                    CredentialUnusable
        3. The key goes on under a new secret, which the HSM seals. else KeyUnavailable
        4. The session is stored, in place of an earlier one for the same application.
                                                                    else CodeSessionRefused
        """
        application, official = self._admitted(login, terms)
        key, _ = self._proven(login, official, passphrase, proof)
        at, session_id = self._now(), self._random_bytes(_ID_BYTES).hex()
        session = CodeSession(
            id=session_id,
            signatory_id=official.signatory.id,
            credential_id=key.credential.id,
            user_name=application.user_name,
            client_id=application.client_id,
            documents=terms.documents,
            opened_at=at,
            expires_at=at + timedelta(hours=terms.hours),
        )
        if not self._store.open(session, self._carried(session, key.key), most=MOST_OPEN, at=at):
            raise _refused(f"At most {MOST_OPEN} sessions are open at a time. End one.", "user_name", "too-many")
        return session

    def end(self, session_id: str, signatory_id: str) -> None:
        """At once; raises `CodeSessionRefused` where it is not this official's, or over already."""
        if not self._store.end(session_id, signatory_id=signatory_id, at=self._now()):
            raise _refused("This session is over.", "session", "not-open")

    def open_key(self, session: CodeSession) -> ec.EllipticCurvePrivateKey:
        """The key of a session in which a code was used up; raises `KeyUnavailable`."""
        kept = self._store.key(session.id)
        if kept is None:
            raise KeyUnavailable("the code session holds no key any more")
        owner = _owner(session)
        secret = Secret(self._secrets.open(kept.secret, owner=owner).decode())
        try:
            return self._carrier.open_carried(kept.carried, secret, owner=owner)
        except PassphraseWrong as error:
            raise KeyUnavailable("the key does not open with the secret of its code session") from error

    def _admitted(self, login: Session, terms: SessionTerms) -> tuple[CodeApplication, Official]:
        """Step 1."""
        if not 1 <= terms.documents <= MOST_DOCUMENTS:
            raise _refused(f"1 to {MOST_DOCUMENTS} documents.", "documents", "out-of-bounds")
        if not 1 <= terms.hours <= LONGEST_HOURS:
            raise _refused(f"1 to {LONGEST_HOURS} hours.", "hours", "out-of-bounds")
        found = [each for each in self._store.applications() if each.user_name == terms.user_name]
        if not found:
            raise _refused("Codes are not allowed for this application.", "user_name", "not-allowed")
        official = self._official(login.signatory_id or "")
        if official is None or official.credential_id is None:
            raise _refused("There is no certificate to sign with.", "session", "no-certificate")
        if not self._reachable(official.signatory.id):
            raise _refused("No address is known to which codes could go.", "session", "no-address")
        return found[0], official

    def _proven(self, login: Session, official: Official, passphrase: Secret, proof: Proof) -> tuple[OpenKey, Evidence]:
        """Step 2. A code is used up also where the passphrase was wrong."""
        challenge = self._challenges.take_challenge(login.id) or self._random_bytes(32)
        evidence = None
        if not isinstance(proof, RecoveryProof):  # a recovery code signs nothing
            evidence = self._factors.check(official.signatory.id, proof, challenge=challenge)
        try:
            key = self._signing.open(official.credential_id or "", passphrase)
        except (PassphraseWrong, PassphraseLocked):
            key = None
        if key is None or evidence is None:
            message = "The passphrase or the other factor is not right, or has to wait."
            raise FactorRefused(message, field="factors", reason="not-proven")
        return key, evidence

    def _carried(self, session: CodeSession, key: ec.EllipticCurvePrivateKey) -> SessionKey:
        """Step 3."""
        owner, secret = _owner(session), self._random_bytes(_SECRET_BYTES).hex()
        return SessionKey(
            carried=self._carrier.carry(key, Secret(secret), owner=owner),
            secret=self._secrets.seal(secret.encode(), owner=owner),
        )


def _owner(session: CodeSession) -> str:
    """To what key and secret are bound: this session of this credential for this application, and no other one."""
    return f"code-session:{session.id}:{session.credential_id}:{session.user_name}"


def _refused(message: str, field_name: str, reason: str) -> CodeSessionRefused:
    return CodeSessionRefused(message, field=field_name, reason=reason)
