"""The signatory's side of consent: see what is signed, prove two factors for exactly that, and it is signed at once."""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from signer.activation import (
    ActivationRequest,
    ActivationState,
    RequestedDocument,
    challenge_of,
    consent,
    task_of,
    transaction_digest,
)
from signer.activation_requests import RequestStore, link_hash
from signer.errors import (
    ActivationRefused,
    FactorRefused,
    PassphraseLocked,
    PassphraseWrong,
    Refused,
    SignerError,
    Unavailable,
)
from signer.factors.checking import SecondFactors
from signer.factors.model import Evidence, Proof, RecoveryProof
from signer.model import Activation, OpenKey, Secret, SignedDocument, SigningTask
from signer.opening import usable_credential
from signer.ports import ActivationStore, CredentialStore, DocumentVault, KeyVault

TRANSACTION: Final = timedelta(seconds=300)
TRIES: Final = 3
MOST_TRIES: Final = 5


class Signing(Protocol):
    """`signer.service.SigningService`, as far as a consent needs it."""

    def open(self, credential_id: str, passphrase: Secret, /) -> OpenKey: ...

    def sign_opened(self, task: SigningTask, key: OpenKey, redeem: Callable[[str], None], /) -> SignedDocument: ...


class Approving:
    """What happens on the page for people. `now` gives aware UTC; `session` is the SHA-256 of a login, hex."""

    def __init__(
        self,
        *,
        requests: RequestStore,
        activations: ActivationStore,
        credentials: CredentialStore,
        keys: KeyVault,
        factors: SecondFactors,
        signing: Signing,
        vault: DocumentVault,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        transaction: timedelta = TRANSACTION,
        tries: int = TRIES,
    ) -> None:
        if not 1 <= tries <= MOST_TRIES:
            raise ValueError(f"1 to {MOST_TRIES} tries")
        self._requests = requests
        self._activations = activations
        self._credentials = credentials
        self._keys = keys
        self._factors = factors
        self._signing = signing
        self._vault = vault
        self._now = now
        self._random_bytes = random_bytes
        self._transaction = transaction
        self._tries = tries

    def behind(self, link: str) -> ActivationRequest | None:
        """The request of a link, in whatever state; `None` for an unknown one."""
        hashed = link_hash(link)
        return None if hashed is None else self._requests.behind(hashed)

    def open(self, link: str, *, session: str, signatory_id: str) -> ActivationRequest:
        """The request, bound to this session from now on; its time begins when it is opened for the first time.

        Raises `ActivationRefused`: unknown and another person's alike, then `not-open`, `incomplete`,
        `other-session`.
        """
        request = self.behind(link)
        if request is None or request.signatory_id != signatory_id:
            raise _refused("There is no such request.", "unknown")
        if request.session == session and request.state is not ActivationState.PENDING:
            return request
        if not request.is_open(self._now()):
            raise _refused("The request has ended. Ask anew where it came from.", "not-open")
        if not request.complete:
            raise _refused("The documents are still on their way.", "incomplete")
        if request.session is None:
            at = self._now()
            ends = min(request.expires_at, at + self._transaction)
            self._requests.open(request.id, session, expires_at=ends, at=at)
            request = self.behind(link) or request
        if request.session != session:
            raise _refused("It was opened in another browser.", "other-session")
        return request

    def document(self, request: ActivationRequest, position: int) -> tuple[RequestedDocument, bytes] | None:
        """One document of a request that was opened, as it came in."""
        listed = request.document(position)
        content = self._vault.get(listed.digest) if listed is not None else None
        return None if listed is None or content is None else (listed, content)

    def deny(self, link: str, *, session: str, signatory_id: str) -> ActivationRequest:
        """No; raises as `open`, and `not-open` where it is decided already."""
        request = self.open(link, session=session, signatory_id=signatory_id)
        if not self._requests.deny(request.id, session, at=self._now()):
            raise _refused("The request has ended.", "not-open")
        return self.behind(link) or request

    def approve(
        self, link: str, passphrase: Secret, proof: Proof, *, session: str, signatory_id: str
    ) -> ActivationRequest:
        """Yes, to exactly what was shown; everything is signed before this returns.

        1. The request is open, complete and this session's.           else ActivationRefused
        2. The credential may sign now.                                else CredentialUnusable
        3. One try is counted; the last one ends the request.
        4. Both factors are tried, whatever the first one was.         else FactorRefused, never told which
        5. It is granted: of two approvals at once exactly one wins.   else ActivationRefused
        6. For each document: its digest is used up, then it is signed. A digest that was used up stays so.
        """
        request = self.open(link, session=session, signatory_id=signatory_id)
        usable_credential(self._credentials, request.credential_id, at=self._now())
        self._count(request, session)
        key, evidence = self._proven(request, passphrase, proof)
        activation = self._grant(request, session, evidence)
        for listed in request.documents:
            self._sign(request, listed, activation, key)
        return self.behind(link) or request

    def _count(self, request: ActivationRequest, session: str) -> None:
        """Step 3."""
        counted = self._requests.count_try(request.id, session, seen=request.tries, most=self._tries, at=self._now())
        if not counted:
            raise _refused("The request has ended. Ask anew where it came from.", "not-open")

    def _proven(self, request: ActivationRequest, passphrase: Secret, proof: Proof) -> tuple[OpenKey, Evidence]:
        """Step 4. A code is used up also where the passphrase was wrong."""
        if isinstance(proof, RecoveryProof):
            raise ValueError("a recovery code signs nothing")
        evidence = self._factors.check(request.signatory_id, proof, challenge=challenge_of(request))
        try:
            key = self._open_in_even_time(request.credential_id, passphrase)
        except (PassphraseWrong, PassphraseLocked):
            key = None
        if key is None or evidence is None:
            last = request.tries + 1 >= self._tries
            if last:
                self._requests.end(request.id, at=self._now())
            raise FactorRefused(
                "The passphrase or the other factor is not right, or has to wait.",
                field="factors",
                reason="ended" if last else "not-proven",
            )
        return key, evidence

    def _open_in_even_time(self, credential_id: str, passphrase: Secret) -> OpenKey:
        """As long as with a key that may be tried, also where the passphrase is locked and nothing is."""
        try:
            return self._signing.open(credential_id, passphrase)
        except PassphraseLocked:
            credential = self._credentials.get(credential_id)
            if credential is not None:
                with contextlib.suppress(SignerError):
                    self._keys.open(credential.key, Secret(self._random_bytes(16).hex()))
            raise

    def _grant(self, request: ActivationRequest, session: str, evidence: Evidence) -> Activation:
        """Step 5."""
        at = self._now()
        activation = consent(
            credential_id=request.credential_id,
            client_id=request.client_id,
            digests=frozenset(each.digest for each in request.documents),
            factors=("passphrase", evidence.kind.value),
            at=at,
            random_bytes=self._random_bytes,
        )
        granted = self._requests.grant(
            request,
            activation,
            session=session,
            evidence=evidence,
            transaction=transaction_digest(request),
            at=at,
        )
        if not granted:
            raise _refused("The request has ended.", "not-open")
        return activation

    def _sign(
        self, request: ActivationRequest, listed: RequestedDocument, activation: Activation, key: OpenKey
    ) -> None:
        """Step 6: how it ended is written down, and a failure of one stops no other."""
        code = failure = None
        try:
            signed = self._signing.sign_opened(self._task(request, listed), key, self._redeeming(activation))
            code = signed.record.intent.code.token
        except Refused as refused:
            failure = refused.reason
        except SignerError:
            failure = "unavailable"
        except Exception:
            self._requests.signed(request.id, listed.position, code=None, failure="internal")
            raise
        self._requests.signed(request.id, listed.position, code=code, failure=failure)

    def _task(self, request: ActivationRequest, listed: RequestedDocument) -> SigningTask:
        content = self._vault.get(listed.digest)
        if content is None:
            raise Unavailable("a document that had arrived is not in the vault")
        return task_of(request, listed, content)

    def _redeeming(self, activation: Activation) -> Callable[[str], None]:
        def redeem(digest: str) -> None:
            self._activations.redeem(
                activation.id,
                client_id=activation.client_id,
                credential_id=activation.credential_id,
                digest=digest,
                at=self._now(),
            )

        return redeem


def _refused(message: str, reason: str) -> ActivationRefused:
    return ActivationRefused(message, field="activation", reason=reason)
