"""The nouns of a batch: many documents under one consent, or under one permission of a seal."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from signer.model import LetterMetadata, SigningTerms, VerificationCode

CHUNK: Final = 20
"""Documents of one job: a crash repeats one of them at most, and the job's own cost is spread over them."""

PREPARE: Final = "batch-prepare"
FINISH: Final = "batch-finish"
SEAL: Final = "batch-seal"
"""Kinds of jobs; each takes the id of a batch and the number of a chunk."""


class BatchState(Enum):
    """Where a batch stands as a whole."""

    OPEN = "open"
    """Documents may be added."""
    CLOSED = "closed"
    """Its documents are fixed."""
    COMPLETED = "completed"
    """Each of its documents has its outcome; `retry` takes up what failed."""
    CANCELLED = "cancelled"


class ItemState(Enum):
    """Where one document of a batch stands."""

    RECEIVED = "received"
    PREPARED = "prepared"
    """Everything is there but the signature: it waits for consent, or for the seal."""
    RESERVED = "reserved"
    """Consent is used up for it and the intent is in the log; the key may have signed."""
    SIGNED = "signed"
    """The signature value is kept; what is missing needs no key of the signatory."""
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedUnder:
    """What lets a batch be sealed; its jobs ask for both again, for each document."""

    permission_id: str
    address: str
    """From where the client asked for it: jobs have no caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Many documents with the same credential, client and terms."""

    id: str
    """Random; 128 bits in hex."""
    terms: SigningTerms
    """Of every document; each has its own letter."""
    seal: SealedUnder | None
    """Of the seal of an organisation; `None`: a person consents."""
    state: BatchState
    documents: int
    """How many were received."""
    created_at: datetime
    completed_at: datetime | None = None
    """When the last document had its outcome; present exactly when completed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchItem:
    """One document of a batch."""

    batch_id: str
    position: int
    """From 0, in the order of arrival."""
    state: ItemState
    sha256: str
    """Hex digest of the document as it came in."""
    letter: LetterMetadata
    code: VerificationCode | None
    """From `prepared` on."""
    page_count: int | None
    failure: str | None
    """Why it failed; of a signed one, why it is not finished yet. A stable word."""
    document_sha256: str | None
    """Hex digest of the signed document in the vault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedItem:
    """What preparing found out, to be kept until the signature value is there."""

    code: VerificationCode
    page_count: int
    revision: bytes
    """What our revision adds to the document, its contents still empty."""
    digest: bytes
    """SHA-256 of the byte range."""
    field_name: str
    contents: tuple[int, int]
    timestamp_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignableItem:
    """A prepared document as consent sees it."""

    position: int
    sha256: str
    digest: bytes
    letter: LetterMetadata
    code: VerificationCode


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedItem:
    """A document with its signature value, to be finished."""

    position: int
    document: bytes
    prepared: PreparedItem
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLimits:
    """How large a batch may be."""

    documents: int = 500
    bytes: int = 512 * 1024 * 1024
    """Of all its documents together: they are held until each one is finished."""
