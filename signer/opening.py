"""From a credential's id and a passphrase to a live key: state first, then the counted attempt, then the key."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from threading import Lock
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signer.errors import (
    CredentialUnknown,
    CredentialUnusable,
    KeyUnavailable,
    PassphraseWrong,
    SignerError,
    Unavailable,
)
from signer.model import ROTATION, Credential, CredentialState, Secret
from signer.ports import CredentialStore, KeyVault

_Attempt = tuple[str, bytes, str]
"""Credential, nonce of its sealed key, passphrase."""

ATTEMPTS_UNTIL_WAIT: Final = 5  # the port's promise: from the fifth failure on there is a wait

_REFUSALS: Final = {
    CredentialState.SUSPENDED: "The credential is suspended. Ask the registration office to resume it.",
    CredentialState.REVOKED: "The credential is revoked. Enrol again to get a new one.",
    CredentialState.RETIRED: "The credential is retired. Use the newer one.",
    CredentialState.AWAITING_CERTIFICATE: "The credential has no certificate yet. Wait until its issuer answers.",
}


class Turns:
    """One attempt at a time for each credential of this process, and one for all who come while it lasts with the same.

    An attempt counts until its passphrase is found right, so five at once with the right one, a pile of letters signed
    in parallel, would look like five guesses and lock the credential. And each would cost an Argon2id run to learn what
    the first one learns: who brings the same passphrase for the same sealed key while it is tried has its key as well.
    Once it was tried nothing is kept; where it fails, everybody tries, and is counted, on their own.
    """

    def __init__(self, size: int = 256) -> None:
        """`size`: locks; credentials that share one wait for each other, and nothing else happens."""
        self._locks = tuple(Lock() for _ in range(size))
        self._guard = Lock()
        self._running: dict[_Attempt, Future[ec.EllipticCurvePrivateKey]] = {}

    def of(self, credential_id: str) -> Lock:
        """The lock to hold from the count to its clearing."""
        return self._locks[hash(credential_id) % len(self._locks)]

    def shared(
        self, credential: Credential, passphrase: Secret, attempt: Callable[[], ec.EllipticCurvePrivateKey]
    ) -> ec.EllipticCurvePrivateKey:
        """What `attempt` gives, or gave whoever began the same one and has not ended yet; raises what it raises."""
        same = (credential.id, credential.key.nonce, passphrase.reveal())
        mine: Future[ec.EllipticCurvePrivateKey] = Future()
        with self._guard:
            running = self._running.setdefault(same, mine)
        if running is not mine:
            return running.result() if running.exception() is None else attempt()
        try:
            key = attempt()
        except BaseException as error:
            self._end(same).set_exception(error)
            raise
        self._end(same).set_result(key)
        return key

    def _end(self, same: _Attempt) -> Future[ec.EllipticCurvePrivateKey]:
        """Nobody joins it any more."""
        with self._guard:
            return self._running.pop(same)


def usable_credential(credentials: CredentialStore, credential_id: str, *, at: datetime) -> Credential:
    """The credential, if it may sign at `at`; `CredentialUnknown` or `CredentialUnusable` otherwise."""
    credential = credentials.get(credential_id)
    if credential is None:
        raise CredentialUnknown("There is no such credential. Check its id.", field="credential", reason="unknown")
    require_usable(credential, at=at)
    return credential


def require_usable(credential: Credential, *, at: datetime) -> None:
    """Whether a credential as it was read may sign at `at`; `CredentialUnusable` or `KeyUnavailable` otherwise."""
    if credential.state is not CredentialState.ACTIVE:
        raise _unusable(_REFUSALS[credential.state], credential.state.value)
    if not credential.chain:
        raise _unusable("The credential has no certificate yet. Wait until it is issued.", "no-certificate")
    certificate = credential.certificate
    if at < certificate.not_valid_before_utc:
        raise _unusable("The certificate is not valid yet. Try again later.", "not-yet-valid")
    if at > certificate.not_valid_after_utc:
        raise _unusable("The certificate has expired. Renew the credential.", "expired")
    public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if public != credential.key.public_key:
        raise KeyUnavailable("the certificate's public key is not that of the sealed key")


def open_key(
    credentials: CredentialStore,
    keys: KeyVault,
    credential: Credential,
    passphrase: Secret,
    *,
    turns: Turns,
    now: Callable[[], datetime],
) -> ec.EllipticCurvePrivateKey:
    """The live key. The attempt is counted before the passphrase is tried, and forgotten when it was right.

    A key under an older KEK or pepper is moved to the newest on the way. Raises `PassphraseLocked` (nothing tried),
    `PassphraseWrong` (counted), `KeyUnavailable`.
    """
    if credential.is_seal:  # not counted: nobody shall suspend an organisation's seal by guessing
        raise _unusable("This is the seal of an organisation. No passphrase opens it.", "seal")
    return turns.shared(
        credential, passphrase, lambda: _attempt(credentials, keys, credential, passphrase, turns=turns, now=now)
    )


def _attempt(
    credentials: CredentialStore,
    keys: KeyVault,
    credential: Credential,
    passphrase: Secret,
    *,
    turns: Turns,
    now: Callable[[], datetime],
) -> ec.EllipticCurvePrivateKey:
    """Counted, tried, cleared."""
    with turns.of(credential.id):
        keys.require_ready()  # a token that is away must not look like guessing
        counted = credentials.begin_attempt(credential.id, at=now())
        try:
            key = keys.open(credential.key, passphrase)
        except PassphraseWrong:
            raise _wrong_passphrase(counted) from None
        except SignerError:
            raise
        except Exception as error:  # whatever holds the key has errors of its own, and they may say too much
            raise KeyUnavailable(f"the key vault failed: {type(error).__name__}") from error
        credentials.clear_attempts(credential.id, at=now())
    if keys.is_outdated(credential.key):
        _move_to_newest(credentials, keys, credential, passphrase, at=now())
    return key


def _move_to_newest(
    credentials: CredentialStore, keys: KeyVault, credential: Credential, passphrase: Secret, *, at: datetime
) -> None:
    """Lazy rotation: only now, with the passphrase at hand, can the key be sealed anew. Where that fails, or somebody
    else was first, nothing is lost: the old row stays good, and the next use tries again."""
    try:
        newest = keys.reseal(credential.key, passphrase, passphrase)
        credentials.reseal(credential.id, old=credential.key, new=newest, actor=ROTATION, at=at)
    except (Unavailable, CredentialUnusable):
        return


def _wrong_passphrase(counted: Credential) -> PassphraseWrong:
    left = ATTEMPTS_UNTIL_WAIT - counted.failed_attempts
    if left > 0:
        times = "1 attempt is" if left == 1 else f"{left} attempts are"
        return PassphraseWrong(
            f"The passphrase is wrong. {times} left before a wait.", field="passphrase", reason="wrong"
        )
    until = counted.locked_until
    when = f"from {until:%Y-%m-%d %H:%M:%S} UTC on" if until else "after the registration office unlocks it"
    message = f"The passphrase is wrong. The next attempt is possible {when}."
    return PassphraseWrong(message, field="passphrase", reason="wrong")


def _unusable(message: str, reason: str) -> CredentialUnusable:
    return CredentialUnusable(message, field="credential", reason=reason)
