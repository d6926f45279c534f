"""The signatory's consent, bound to one client, one credential and exactly these digests.

    asked (pending) -> opened by the signatory -> granted | denied | ended (three wrong tries, or time)

A request of a client is pending until its signatory has seen it and proven two factors for it. What is granted then is
an `Activation`: good once for each digest, for minutes.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from signer.authorisation import Purpose
from signer.model import (
    Activation,
    Certify,
    FieldLock,
    FlowStep,
    LetterMetadata,
    SignatureLevel,
    SignedAs,
    SigningAct,
    SigningTask,
    StampPlacement,
)

LIFETIME: Final = timedelta(minutes=2)  # granted and redeemed inside one request; anything longer is a replay
_ID_BYTES: Final = 16
_CONTEXT: Final = b"teken/activation/1"
_SHOWN: Final = 16  # hex digits of a digest that people compare
_EACH_FURTHER: Final = timedelta(seconds=5)  # a long list takes longer to look through
_MOST_EXTRA: Final = timedelta(minutes=45)


class ActivationKind(StrEnum):
    """What a request is about."""

    DOCUMENTS = "documents"
    """Documents that come with it."""
    BATCH = "batch"
    STEP = "step"
    """One step of a document that several officials sign."""
    HASHES = "hashes"
    """Digests alone; they are signed later, by the application that has the code."""


class ActivationState(StrEnum):
    """Where a request stands. Expired is computed from its times, never stored."""

    PENDING = "pending"
    GRANTED = "granted"
    DENIED = "denied"
    ENDED = "ended"
    """Too many wrong factors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentWish:
    """How a document shall be signed."""

    level: SignatureLevel
    stamp: StampPlacement | None = None
    footer: str | None = None
    """As in `signer.model.SigningTerms`."""
    reason: str | None = None
    location: str | None = None
    signed_as: SignedAs = field(default_factory=SignedAs)
    letter: LetterMetadata = field(default_factory=LetterMetadata)
    act: SigningAct = SigningAct.SIGNATURE
    certify: Certify | None = None
    lock: FieldLock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedDocument:
    """One document of a request, by its digest."""

    position: int
    """From 1."""
    digest: str
    """SHA-256, hex, of the document as it comes in; of a request for digests alone any of `ALGORITHMS`."""
    name: str
    """The client's claim; may be empty for a digest alone."""
    wish: DocumentWish
    pages: int | None = None
    """Counted by us; `None` until the document is here."""
    code: str | None = None
    """Long verification code of its signing; present exactly when signed."""
    failure: str | None = None
    """Why it was not signed although consent was given: a stable word."""
    left_out: bool = False
    """By the signatory: their consent does not cover it."""
    purpose: Purpose | None = None
    """Of a digest alone: what it is of, where the client said so."""
    placed: StampPlacement | None = None
    """Where the signatory put the stamp: page, position and size, nothing else; `None`: as the client asked."""

    @property
    def stamp(self) -> StampPlacement | None:
        """The stamp as it is signed with."""
        return self.placed or self.wish.stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationRequest:
    """What a client wants a signatory to sign."""

    id: str
    client_id: str
    credential_id: str
    signatory_id: str
    documents: tuple[RequestedDocument, ...]
    state: ActivationState
    nonce: bytes
    tries: int
    """Wrong factors so far; counted before they are tried."""
    asked_at: datetime
    expires_at: datetime
    opened_at: datetime | None = None
    session: str | None = None
    """SHA-256, hex, of the session that opened it: no other one approves it."""
    factor: str | None = None
    """Which second factor granted it."""
    batch_id: str | None = None
    """The batch that holds the documents."""
    flow: FlowStep | None = None
    """The step that is to be signed, and the document as it stood then."""
    changes: int = 0
    """How often the signatory left a document out or took it in again."""
    reason: str | None = None
    """Why the signatory said no, in their words."""
    origin: str | None = None
    """Of digests alone: the face that asked."""
    description: str | None = None
    """Of digests alone: the client's words."""

    @property
    def kind(self) -> ActivationKind:
        """What it is about."""
        if self.origin is not None:
            return ActivationKind.HASHES
        if self.batch_id is not None:
            return ActivationKind.BATCH
        return ActivationKind.DOCUMENTS if self.flow is None else ActivationKind.STEP

    @property
    def chosen(self) -> tuple[RequestedDocument, ...]:
        """What consent is given to: everything but what the signatory left out."""
        return tuple(each for each in self.documents if not each.left_out)

    def is_open(self, at: datetime) -> bool:
        """Whether it can still be granted or denied at `at` (aware)."""
        return self.state is ActivationState.PENDING and at < self.expires_at

    @property
    def complete(self) -> bool:
        """Whether every document is here that has to be."""
        return self.origin is not None or all(each.pages is not None for each in self.documents)

    def document(self, position: int) -> RequestedDocument | None:
        """By its number, from 1."""
        return self.documents[position - 1] if 1 <= position <= len(self.documents) else None


def transaction_digest(request: ActivationRequest) -> bytes:
    """SHA-256 over all that is approved, in one spelling: who asks whom, and each document by digest, name, pages, and
    where the signatory put its stamp."""
    told: dict[str, object] = {
        "id": request.id,
        "client": request.client_id,
        "credential": request.credential_id,
        "count": len(request.chosen),
        "documents": [[each.position, each.digest, each.name, each.pages] for each in request.chosen],
    }
    if request.batch_id is not None:
        told["batch"] = request.batch_id
    if request.origin is not None:
        told["purposes"] = [None if each.purpose is None else each.purpose.value for each in request.chosen]
        told["origin"], told["description"] = request.origin, request.description
    placed = [[each.position, *_place(each.placed)] for each in request.chosen if each.placed is not None]
    if placed:
        told["placed"] = placed
    if request.flow is not None:
        told["step"] = [request.flow.flow_id, request.flow.number, request.flow.revision]
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).digest()


def _place(placed: StampPlacement) -> tuple[object, ...]:
    return placed.page, placed.x, placed.y, placed.width, placed.height, placed.template


def challenge_of(request: ActivationRequest) -> bytes:
    """What a passkey signs over: random, of this try alone, and of exactly this transaction.

    Whoever has the nonce and the transaction can show later what a stored assertion approved.
    """
    tried = request.tries.to_bytes(2, "big")
    return hashlib.sha256(_CONTEXT + request.nonce + tried + transaction_digest(request)).digest()


def task_of(request: ActivationRequest, listed: RequestedDocument, document: bytes) -> SigningTask:
    """One document of a request, as signing takes it."""
    wish = listed.wish
    return SigningTask(
        document=document,
        credential_id=request.credential_id,
        client_id=request.client_id,
        level=wish.level,
        stamp=listed.stamp,
        footer=wish.footer,
        reason=wish.reason,
        location=wish.location,
        signed_as=wish.signed_as,
        letter=wish.letter,
        act=wish.act,
        certify=wish.certify,
        lock=wish.lock,
    )


def extra_time(documents: int) -> timedelta:
    """How much longer a request of so many documents stays open than one of a single document."""
    return min(_EACH_FURTHER * (documents - 1), _MOST_EXTRA)


def fingerprint(digest: str) -> str:
    """The beginning of a digest for people, in groups of four."""
    return " ".join(digest[start : start + 4] for start in range(0, _SHOWN, 4))


def consent(
    *,
    credential_id: str,
    client_id: str,
    digests: frozenset[str],
    at: datetime,
    random_bytes: Callable[[int], bytes],
    factors: tuple[str, ...] = ("passphrase",),
) -> Activation:
    """A new consent, given at `at` (aware) with `factors`, for documents of these SHA-256 digests (hex)."""
    return Activation(
        id=random_bytes(_ID_BYTES).hex(),
        credential_id=credential_id,
        client_id=client_id,
        digests=digests,
        factors=factors,
        granted_at=at,
        expires_at=at + LIFETIME,
    )
