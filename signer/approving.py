"""The signatory's side of consent: see what is signed, prove two factors for exactly that, and it is signed at once.

What is signed may be documents that came with the request, documents of a batch, or a step of a flow; each kind says
for itself what its documents are and what signing them means.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from signer.activation import (
    ActivationKind,
    ActivationRequest,
    ActivationState,
    RequestedDocument,
    challenge_of,
    consent,
    extra_time,
    transaction_digest,
)
from signer.activation_requests import LONGEST_REASON, RequestStore, is_showable, link_hash
from signer.authorisation import CODE_LIFE, SAD_LIFE, AuthorisedDigest, KeyCarrier, LaterUse, secret_hash
from signer.errors import ActivationRefused, FactorRefused
from signer.factors.model import Evidence, Proof
from signer.model import Activation, OpenKey, Secret
from signer.opening import usable_credential
from signer.ports import CredentialStore
from signer.proving import Proving
from signer.quotas import Quotas

TRANSACTION: Final = timedelta(seconds=300)
TRIES: Final = 3
MOST_TRIES: Final = 5
LAST_TRY: Final = timedelta(seconds=30)
"""Within it the last try has ended the request, one way or the other; longer than a passphrase and a turn at the HSM
take. A process that dies over that try leaves the request to its time."""


class Target(Protocol):
    """What the requests of one kind are about."""

    def document(self, request: ActivationRequest, listed: RequestedDocument, /) -> bytes | None:
        """As it came in; `None` where it is not needed any more."""
        ...

    def require_ready(self, request: ActivationRequest, /) -> None:
        """Raises `Refused` where something that was chosen cannot be signed any more as it was shown."""
        ...

    def sign(self, request: ActivationRequest, activation: Activation, key: OpenKey, /) -> None:
        """Sign what was chosen. How each document ended is written down; a failure of one stops no other."""
        ...

    def returned(self, request: ActivationRequest, reason: str | None, /) -> None:
        """The signatory says no. Raises `Refused` where that comes too late."""
        ...


class Approving:
    """What happens on the page for people. `now` gives aware UTC; `session` is the SHA-256 of a login, hex."""

    def __init__(
        self,
        *,
        requests: RequestStore,
        credentials: CredentialStore,
        proving: Proving,
        targets: Mapping[ActivationKind, Target],
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        carrier: KeyCarrier | None = None,
        quotas: Quotas | None = None,
        transaction: timedelta = TRANSACTION,
        tries: int = TRIES,
    ) -> None:
        """`carrier` carries keys on to applications; without one nobody approves digests alone."""
        if not 1 <= tries <= MOST_TRIES:
            raise ValueError(f"1 to {MOST_TRIES} tries")
        self._requests = requests
        self._credentials = credentials
        self._proving = proving
        self._targets = targets
        self._carrier = carrier
        self._quotas = quotas
        self._now = now
        self._random_bytes = random_bytes
        self._transaction = transaction
        self._tries = tries

    def behind(self, link: str) -> ActivationRequest | None:
        """The request of a link, or of an id for who is logged in; in whatever state, `None` for an unknown one."""
        hashed = link_hash(link)
        return self._requests.find(link) if hashed is None else self._requests.behind(hashed)

    def open(self, link: str, *, session: str, signatory_id: str) -> ActivationRequest:
        """The request, bound to this session from now on; its time begins when it is opened for the first time. One
        that is decided is shown to its signatory wherever they are logged in.

        Raises `ActivationRefused`: unknown and another person's alike, then `not-open`, `incomplete`,
        `other-session`, and `last-try` while the last one is made, or was cut off, until the request's time is over.
        """
        request = self.behind(link)
        if request is None or request.signatory_id != signatory_id:
            raise _refused("There is no such request.", "unknown")
        if request.state is not ActivationState.PENDING:
            return request
        if not request.is_open(self._now()):
            raise _refused("The request has ended. Ask anew where it came from.", "not-open")
        if not request.complete:
            raise _refused("The documents are still on their way.", "incomplete")
        if request.session is None:
            at = self._now()
            ends = min(request.expires_at, at + self._transaction + extra_time(len(request.documents)))
            self._requests.open(request.id, session, expires_at=ends, at=at)
            request = self.behind(link) or request
        if request.session != session:
            raise _refused("It was opened in another browser.", "other-session")
        if request.tries >= self._tries:
            raise _refused("The last try is being made, or was cut off. Look again in a moment.", "last-try")
        return request

    def document(self, request: ActivationRequest, position: int) -> tuple[RequestedDocument, bytes] | None:
        """One document of a request that was opened, as it came in."""
        listed = request.document(position)
        content = self._targets[request.kind].document(request, listed) if listed is not None else None
        return None if listed is None or content is None else (listed, content)

    def choose(self, link: str, position: int, *, left_out: bool, session: str, signatory_id: str) -> ActivationRequest:
        """Leave one document out, or take it in again; one at least stays, nothing is taken in after a try, and digests
        alone are approved as a whole: their application counts on every one.

        Raises as `open`, and `not-open` or `choice`.
        """
        request = self._pending(link, session, signatory_id)
        listed = request.document(position)
        last = left_out and len(request.chosen) == 1
        fixed = request.kind is ActivationKind.HASHES
        if listed is None or last or fixed or (request.tries and not left_out):
            raise _refused("This document cannot be left out or taken in.", "choice")
        if listed.left_out is not left_out and not self._requests.choose(
            request, position, left_out=left_out, session=session, at=self._now()
        ):
            raise _refused("The request has ended, or was changed at this moment.", "not-open")
        return self.behind(link) or request

    def deny(self, link: str, *, session: str, signatory_id: str, reason: str | None = None) -> ActivationRequest:
        """No; raises as `open`, `not-open` where it is decided already, and `no-reason` for a step without one."""
        request = self._pending(link, session, signatory_id)
        told = (reason or "").strip() or None
        if told is None and request.kind is ActivationKind.STEP:
            raise _refused("Say why the letter goes back.", "no-reason")
        if told is not None and (len(told) > LONGEST_REASON or not is_showable(told)):
            raise _refused(f"A reason has up to {LONGEST_REASON} characters on one line.", "no-reason")
        self._targets[request.kind].returned(request, told)
        if not self._requests.deny(request.id, session, reason=told, at=self._now()):
            raise _refused("The request has ended.", "not-open")
        return self.behind(link) or request

    def approve(
        self,
        link: str,
        passphrase: Secret,
        proof: Proof,
        *,
        shown: str,
        session: str,
        signatory_id: str,
        under: Secret | None = None,
    ) -> ActivationRequest:
        """Yes, to exactly what was shown; everything is signed before this returns.

        `under`: for digests alone, and for nothing else, the new code that their application will bring. They are
        signed later: the key goes on under this code, and step 6 is theirs.

        1. The request is open, complete, this session's, and what `shown` (its transaction's digest, hex) says.
                                                                       else ActivationRefused
        2. The credential may sign now.                                else CredentialUnusable
           What was chosen can still be signed as it was shown.        else BatchRefused, FlowRefused
           The quotas have room for all of it; counted once.           else QuotaExceeded
        3. One try is counted; when all of them were wrong the request ends, and within `LAST_TRY` of the last one also
           where nobody sees its outcome.
        4. Both factors are tried, whatever the first one was.         else FactorRefused, never told which
        5. It is granted: of two approvals at once exactly one wins.   else ActivationRefused
        6. Each document's digest is used up, then it is signed. A digest that was used up stays so.
        """
        request = self._pending(link, session, signatory_id)
        if (request.kind is ActivationKind.HASHES) is not (under is not None):
            raise ValueError("digests alone, and nothing else, are approved under a code")
        if not hmac.compare_digest(shown.encode(), transaction_digest(request).hex().encode()):
            raise _refused("The list was changed. Look at it again.", "changed")
        target = self.require_signable(request)
        self._count_quota(request)
        self._count(request, session)
        key, evidence = self._proven(request, passphrase, proof)
        activation = self._grant(request, session, evidence, key, under=under)
        target.sign(request, activation, key)
        return self.behind(link) or request

    def sign_under(
        self, request_id: str, evidence: Evidence, key: OpenKey, *, shown: bytes, session: str, round_id: str
    ) -> ActivationRequest:
        """One request of a round, whose person proved both factors for exactly this list: steps 1, 2, 5 and 6 of
        `approve`. `shown`: its transaction's digest as the round had it. Raises as those."""
        request = self._pending(request_id, session, key.credential.signatory.id)
        if not hmac.compare_digest(shown, transaction_digest(request)):
            raise _refused("It was changed after the round was approved.", "changed")
        target = self.require_signable(request)
        self._count_quota(request)
        activation = self._grant(request, session, evidence, key, round_id=round_id)
        target.sign(request, activation, key)
        return self.behind(request_id) or request

    def require_signable(self, request: ActivationRequest) -> Target:
        """Step 2 of `approve` without its quotas: raises `CredentialUnusable`, and where a document cannot be signed
        any more as it was shown."""
        usable_credential(self._credentials, request.credential_id, at=self._now())
        target = self._targets[request.kind]
        target.require_ready(request)
        return target

    def _pending(self, link: str, session: str, signatory_id: str) -> ActivationRequest:
        """A request that can still be decided."""
        request = self.open(link, session=session, signatory_id=signatory_id)
        if request.state is not ActivationState.PENDING:
            raise _refused("The request has ended. Ask anew where it came from.", "not-open")
        return request

    def _count_quota(self, request: ActivationRequest) -> None:
        """The last part of step 2; a second try of the same list is no second signing."""
        if self._quotas is not None and request.tries == 0:
            self._quotas.count(
                client_id=request.client_id, credential_id=request.credential_id, documents=len(request.chosen)
            )

    def _count(self, request: ActivationRequest, session: str) -> None:
        """Step 3."""
        at = self._now()
        last = request.tries + 1 >= self._tries
        ends = min(request.expires_at, at + LAST_TRY) if last else request.expires_at
        if not self._requests.count_try(request.id, session, seen=request.tries, expires_at=ends, at=at):
            raise _refused("The request has ended. Ask anew where it came from.", "not-open")

    def _proven(self, request: ActivationRequest, passphrase: Secret, proof: Proof) -> tuple[OpenKey, Evidence]:
        """Step 4."""
        proven = self._proving.prove(
            request.signatory_id, request.credential_id, passphrase, proof, challenge=challenge_of(request)
        )
        if proven is None:
            last = self._requests.count_failure(request.id, most=self._tries, at=self._now())
            raise FactorRefused(
                "The passphrase or the other factor is not right, or has to wait.",
                field="factors",
                reason="ended" if last else "not-proven",
            )
        return proven

    def _grant(
        self,
        request: ActivationRequest,
        session: str,
        evidence: Evidence,
        key: OpenKey,
        *,
        under: Secret | None = None,
        round_id: str | None = None,
    ) -> Activation:
        """Step 5."""
        at = self._now()
        activation = consent(
            credential_id=request.credential_id,
            client_id=request.client_id,
            digests=frozenset(each.digest for each in request.chosen),
            factors=("passphrase", evidence.kind.value),
            at=at,
            random_bytes=self._random_bytes,
        )
        if under is not None:
            activation = replace(activation, expires_at=at + CODE_LIFE)
        granted = self._requests.grant(
            request,
            activation,
            session=session,
            evidence=evidence,
            transaction=transaction_digest(request),
            at=at,
            later=None if under is None else self._later(request, activation, key, under),
            round_id=round_id,
        )
        if not granted:
            raise _refused("The request has ended.", "not-open")
        return activation

    def _later(self, request: ActivationRequest, activation: Activation, key: OpenKey, under: Secret) -> LaterUse:
        """The key under the code, for these digests and nothing else."""
        if self._carrier is None or request.origin is None:
            raise ValueError("nobody carries keys here")
        return LaterUse(
            code_sha256=secret_hash(under.reveal()),
            origin=request.origin,
            user_id=request.signatory_id,
            request_id=request.id,
            digests=tuple(
                AuthorisedDigest(value=each.digest, purpose=each.purpose, label=each.name or None)
                for each in request.chosen
            ),
            carried=self._carrier.carry(key.key, under, owner=secret_hash(activation.id)),
            hard_end=activation.granted_at + CODE_LIFE + SAD_LIFE,
        )


def _refused(message: str, reason: str) -> ActivationRefused:
    return ActivationRefused(message, field="activation", reason=reason)
