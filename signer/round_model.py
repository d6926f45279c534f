"""The nouns of a round: several things that wait, approved by their signatory with one proof."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from signer.activation import ActivationRequest, transaction_digest
from signer.factors.model import Evidence

MOST: Final = 500
"""Things of one round; a batch is one of them. As many as documents: the sheets of a whole office at a period's end."""
_CONTEXT: Final = b"teken/round/1"


class RoundState(StrEnum):
    """Where a round stands. Expired is computed from its time, never stored."""

    OPEN = "open"
    GRANTED = "granted"
    ENDED = "ended"
    """Too many wrong factors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundMember:
    """One thing of a round."""

    position: int
    """From 1, as it was chosen."""
    key: str
    """As the list named it."""
    name: str
    request_id: str | None
    """The request that is approved; `None` where it could not be asked for."""
    left_out: bool = False
    """By the signatory, while they looked at the list."""
    refused: str | None = None
    """Why it is no part of it, or was not signed although it was approved: a stable word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one signatory approves at once."""

    id: str
    signatory_id: str
    session: str
    """SHA-256, hex, of the login that began it: no other one approves it."""
    members: tuple[RoundMember, ...]
    nonce: bytes
    tries: int
    """Counted before they are made."""
    state: RoundState
    begun_at: datetime
    expires_at: datetime
    granted_at: datetime | None = None

    def is_open(self, at: datetime) -> bool:
        """Whether it can still be approved at `at` (aware)."""
        return self.state is RoundState.OPEN and at < self.expires_at


def digest_of(round_id: str, requests: Sequence[ActivationRequest]) -> bytes:
    """SHA-256 over all that is approved: the round, and the transaction of each request, in order."""
    told = {"id": round_id, "requests": [transaction_digest(each).hex() for each in requests]}
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).digest()


def challenge_of(found: Round, digest: bytes) -> bytes:
    """What a passkey signs over: random, of this try alone, and of exactly these requests."""
    return hashlib.sha256(_CONTEXT + found.nonce + found.tries.to_bytes(2, "big") + digest).digest()


class RoundStore(Protocol):
    """What is remembered of rounds. Every move is one conditional update, with its audit entry."""

    def add(self, begun: Round, /) -> None: ...

    def find(self, round_id: str, /) -> Round | None: ...

    def of(self, signatory_id: str, /, *, limit: int) -> tuple[Round, ...]:
        """The newest ones that were granted, the newest first."""
        ...

    def leave_out(self, round_id: str, position: int, /, *, left_out: bool, session: str, at: datetime) -> bool:
        """Leave a member out or take it in again; `False` where the round is open no more, or a try was made."""
        ...

    def count_try(self, round_id: str, /, *, session: str, seen: int, at: datetime) -> bool:
        """Count one try before it is made; `False` where it is open no more, or another one was counted."""
        ...

    def count_failure(self, round_id: str, /, *, most: int, at: datetime) -> bool:
        """One try was found wrong; whether that was the last of `most`, which ends the round: its requests go on
        waiting. A try that is still being made keeps it open."""
        ...

    def grant(self, found: Round, evidence: Evidence, digest: bytes, /, *, at: datetime) -> bool:
        """`open -> granted`: of two approvals at once exactly one wins."""
        ...

    def refused(self, round_id: str, position: int, word: str, /) -> None:
        """A member of a granted round was not signed, and why."""
        ...
