"""The nouns of documents that several officials sign: a flow, its steps, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from signer.model import (
    Certify,
    FieldLock,
    LetterMetadata,
    SignatureLevel,
    SignatureRecord,
    SignedAs,
    SigningAct,
    StampPlacement,
)


class FlowState(StrEnum):
    """How far a flow has come."""

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one official is asked to do."""

    number: int
    """From 1, as the client listed it."""
    order: int
    """Steps of the same order may be signed in any order; all of a lower one come first."""
    act: SigningAct
    credential_id: str
    stamp: StampPlacement | None = None
    reason: str | None = None
    signed_as: SignedAs = field(default_factory=SignedAs)
    lock: FieldLock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """An official gave the document back unsigned, which stopped it for everybody."""

    step: int
    reason: str
    """In their words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One document and everybody who is to sign it."""

    id: str
    client_id: str
    letter: LetterMetadata
    level: SignatureLevel
    certify: Certify | None
    """Of the very first step."""
    footer: str | None
    """As in `signer.model.SigningTerms`; with the signature that comes first."""
    steps: tuple[Step, ...]
    original_sha256: str
    created_at: datetime
    cancelled_at: datetime | None = None
    returned: Returned | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStanding:
    """A flow, and what the log of signatures says of it."""

    flow: Flow
    done: Mapping[int, SignatureRecord]
    """By the step's number, in the order of signing."""
    busy: int | None
    """The step that is being signed at this moment."""

    @property
    def state(self) -> FlowState:
        """A flow whose steps are all signed cannot be cancelled any more."""
        if len(self.done) == len(self.flow.steps):
            return FlowState.COMPLETED
        return FlowState.OPEN if self.flow.cancelled_at is None else FlowState.CANCELLED

    @property
    def current_sha256(self) -> str:
        """Of the document as it stands now."""
        newest = list(self.done.values())[-1:]
        outcome = newest[0].outcome if newest else None
        return (outcome.document_sha256 if outcome else None) or self.flow.original_sha256

    def next_steps(self) -> tuple[Step, ...]:
        """Those that may be signed now."""
        if self.state is not FlowState.OPEN:
            return ()
        left = [each for each in self.flow.steps if each.number not in self.done]
        first = min(each.order for each in left)
        return tuple(each for each in left if each.order == first)
