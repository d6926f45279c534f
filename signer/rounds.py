"""Several things that wait, checked on one page and approved with one proof; then each is signed, and followed.

The factors are proven for exactly the list that was shown. Each request is then granted and signed on its own, as if it
had been opened alone: what cannot be signed any more stops no other, is told with its reason, and goes on waiting.
"""

import hmac
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from signer.activation import ActivationRequest, extra_time, transaction_digest
from signer.activation_requests import Asked
from signer.approving import TRANSACTION, TRIES, Approving
from signer.errors import ActivationRefused, FactorRefused, Refused, SignerError
from signer.factors.model import Evidence, Proof
from signer.model import OpenKey, Secret
from signer.proving import Proving
from signer.round_model import MOST, Round, RoundMember, RoundState, RoundStore, challenge_of, digest_of
from signer.waiting import Waiting, WaitingItem, WaitingKind

MOST_DOCUMENTS: Final = 500
"""Documents of the requests of one round, batches aside: they are signed one after the other while the key is open."""
_ID_BYTES: Final = 16
_NONCE_BYTES: Final = 32

_log = logging.getLogger(__name__)


class Inbox(Protocol):
    """`signer.inbox.Inbox`."""

    def waiting(self, signatory_id: str, /) -> Waiting: ...

    def ask_batch(self, signatory_id: str, batch_id: str, /) -> Asked: ...

    def ask_step(self, signatory_id: str, flow_id: str, number: int, /) -> Asked: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A round as it can be approved now."""

    round: Round
    ready: tuple[tuple[RoundMember, ActivationRequest], ...]
    exceptions: tuple[tuple[RoundMember, str], ...]
    """What is not part of it, each with the word for why."""
    left_out: tuple[RoundMember, ...]
    digest: bytes
    """Over everything that is ready: what an approval has to name."""

    @property
    def challenge(self) -> bytes:
        """For a passkey."""
        return challenge_of(self.round, self.digest)

    @property
    def documents(self) -> int:
        """That would be signed."""
        return sum(len(request.chosen) for _, request in self.ready)

    @property
    def pages(self) -> int:
        """Of all of them."""
        return sum(each.pages or 0 for _, request in self.ready for each in request.chosen)


class Rounds:
    """For one signatory who is logged in. `now` gives aware UTC; `beside` starts work that goes on after the answer."""

    def __init__(
        self,
        *,
        store: RoundStore,
        inbox: Inbox,
        approving: Approving,
        proving: Proving,
        beside: Callable[[Callable[[], None]], None],
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        transaction: timedelta = TRANSACTION,
        tries: int = TRIES,
    ) -> None:
        self._store = store
        self._inbox = inbox
        self._approving = approving
        self._proving = proving
        self._beside = beside
        self._now = now
        self._random_bytes = random_bytes
        self._transaction = transaction
        self._tries = tries

    def begin(self, signatory_id: str, keys: Sequence[str], *, session: str) -> Round:
        """A round of these things, as the inbox names them. What cannot be asked for is listed in it with its reason.

        Raises `ActivationRefused` for an empty list and for one with too many things or documents.
        """
        waiting, chosen = self._inbox.waiting(signatory_id), list(dict.fromkeys(keys))
        items = {each.key.text: each for each in waiting.items}
        documents = sum(items[key].documents for key in chosen if _signed_alone(items.get(key)))
        if not chosen or len(chosen) > MOST or documents > MOST_DOCUMENTS:
            raise _refused(f"Choose 1 to {MOST} letters.", "too-many" if chosen else "nothing-chosen")
        at = self._now()
        begun = Round(
            id=self._random_bytes(_ID_BYTES).hex(),
            signatory_id=signatory_id,
            session=session,
            members=tuple(
                self._member(signatory_id, place, key, items.get(key)) for place, key in enumerate(chosen, start=1)
            ),
            nonce=self._random_bytes(_NONCE_BYTES),
            tries=0,
            state=RoundState.OPEN,
            begun_at=at,
            expires_at=at + self._transaction + extra_time(documents + len(chosen)),
        )
        self._store.add(begun)
        return begun

    def find(self, round_id: str, *, signatory_id: str) -> Round | None:
        """One of theirs, in whatever state."""
        found = self._store.find(round_id)
        return found if found is not None and found.signatory_id == signatory_id else None

    def recent(self, signatory_id: str, *, limit: int = 5) -> tuple[Round, ...]:
        """Those that were approved, the newest first."""
        return self._store.of(signatory_id, limit=limit)

    def check(self, found: Round) -> Checked:
        """What could be approved now, and what not and why."""
        ready: list[tuple[RoundMember, ActivationRequest]] = []
        exceptions: list[tuple[RoundMember, str]] = []
        for member in found.members:
            if member.left_out:
                continue
            request = None if member.request_id is None else self._approving.behind(member.request_id)
            word = member.refused or self._speaks_against(found, request, [each for _, each in ready])
            if request is None or word is not None:
                exceptions.append((member, word or "not-open"))
            else:
                ready.append((member, request))
        return Checked(
            round=found,
            ready=tuple(ready),
            exceptions=tuple(exceptions),
            left_out=tuple(each for each in found.members if each.left_out),
            digest=digest_of(found.id, [request for _, request in ready]),
        )

    def leave_out(self, found: Round, position: int, *, left_out: bool, session: str) -> None:
        """One thing goes, or comes back; it goes on waiting. Raises `ActivationRefused`: `choice`."""
        if not self._store.leave_out(found.id, position, left_out=left_out, session=session, at=self._now()):
            raise _refused("The list cannot be changed any more.", "choice")

    def approve(self, found: Round, passphrase: Secret, proof: Proof, *, shown: str, session: str) -> Round:
        """Yes, to exactly what was shown; signing goes on beside this, and `signer.round_progress` follows it.

        1. The round is open, this session's, and what `shown` (its digest, hex) says.   else ActivationRefused
        2. One try is counted; when all of them were wrong the round ends, and its requests go on waiting.
        3. Both factors are tried, whatever the first one was.         else FactorRefused, never told which
        4. It is granted: of two approvals at once exactly one wins.   else ActivationRefused
        5. Each request is granted and signed in its turn.
        """
        checked = self.check(found)
        if not found.is_open(self._now()) or found.session != session or found.tries >= self._tries:
            raise _refused("The list has ended. Choose again.", "not-open")
        if not checked.ready or not hmac.compare_digest(shown.encode(), checked.digest.hex().encode()):
            raise _refused("The list was changed. Look at it again.", "changed")
        if not self._store.count_try(found.id, session=session, seen=found.tries, at=self._now()):
            raise _refused("The list has ended. Choose again.", "not-open")
        key, evidence = self._proven(checked, passphrase, proof)
        if not self._store.grant(found, evidence, checked.digest, at=self._now()):
            raise _refused("The list has ended. Choose again.", "not-open")
        self._beside(lambda: self._sign(checked, evidence, key))
        return self._store.find(found.id) or found

    def _member(self, signatory_id: str, place: int, key: str, item: WaitingItem | None) -> RoundMember:
        """Asked for, where that is needed and possible."""
        request_id = refused = None
        try:
            request_id = self._asked(signatory_id, item)
        except Refused as error:
            refused = error.reason
        name = (item.name if item is not None else None) or "Surat"
        return RoundMember(position=place, key=key, name=name, request_id=request_id, refused=refused)

    def _asked(self, signatory_id: str, item: WaitingItem | None) -> str:
        if item is None:
            raise _refused("It does not wait any more.", "not-open")
        match item.key.kind:
            case WaitingKind.REQUEST:
                return item.key.id
            case WaitingKind.BATCH:
                return self._inbox.ask_batch(signatory_id, item.key.id).request.id
            case WaitingKind.STEP:
                return self._inbox.ask_step(signatory_id, item.key.id, item.key.number).request.id

    def _speaks_against(
        self, found: Round, request: ActivationRequest | None, before: Sequence[ActivationRequest]
    ) -> str | None:
        """The word for why a request cannot be approved together with those `before` it."""
        if request is None or request.signatory_id != found.signatory_id or not request.is_open(self._now()):
            return "not-open"
        if request.session not in (None, found.session):
            return "other-session"
        if any(each.credential_id != request.credential_id for each in before):
            return "other-credential"
        try:
            self._approving.require_signable(request)
        except Refused as error:
            return error.reason
        return None

    def _proven(self, checked: Checked, passphrase: Secret, proof: Proof) -> tuple[OpenKey, Evidence]:
        """Step 3."""
        found, (_, first) = checked.round, checked.ready[0]
        proven = self._proving.prove(
            found.signatory_id, first.credential_id, passphrase, proof, challenge=checked.challenge
        )
        if proven is None:
            last = self._store.count_failure(found.id, most=self._tries, at=self._now())
            raise FactorRefused(
                "The passphrase or the other factor is not right, or has to wait.",
                field="factors",
                reason="ended" if last else "not-proven",
            )
        return proven

    def _sign(self, checked: Checked, evidence: Evidence, key: OpenKey) -> None:
        """Step 5; a failure of one stops no other."""
        found = checked.round
        for member, request in checked.ready:
            word = None
            try:
                shown = transaction_digest(request)
                self._approving.sign_under(
                    request.id, evidence, key, shown=shown, session=found.session, round_id=found.id
                )
            except Refused as error:
                word = error.reason
            except SignerError:
                word = "unavailable"
            except Exception:
                _log.exception("signing in a round stopped at one request")
                word = "internal"
            if word is not None:
                self._store.refused(found.id, member.position, word)


def _signed_alone(item: WaitingItem | None) -> bool:
    """Whether its documents are signed one after the other, not by the jobs of a batch."""
    return item is not None and item.key.kind is not WaitingKind.BATCH


def _refused(message: str, reason: str) -> ActivationRefused:
    return ActivationRefused(message, field="round", reason=reason)
