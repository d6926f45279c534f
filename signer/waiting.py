"""The nouns of what waits for one signatory."""

from dataclasses import dataclass
from datetime import datetime

from signer.activation import ActivationKind
from signer.model import SigningAct


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRequest:
    """A request that can be opened now."""

    id: str
    kind: ActivationKind
    client_id: str
    name: str
    """Of its first document."""
    documents: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingBatch:
    """A closed batch with documents that have no signature, and no request that is open."""

    id: str
    client_id: str
    documents: int
    """Prepared, and waiting."""
    preparing: int
    """Still being prepared; until then nobody can consent."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingStep:
    """A step whose turn it is, and no request that is open."""

    flow_id: str
    number: int
    act: SigningAct
    client_id: str
    name: str | None
    """The letter's subject or number."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Everything of one signatory, the oldest first; at most a hundred of each."""

    requests: tuple[WaitingRequest, ...] = ()
    batches: tuple[WaitingBatch, ...] = ()
    steps: tuple[WaitingStep, ...] = ()

    @property
    def count(self) -> int:
        """Of everything."""
        return len(self.requests) + len(self.batches) + len(self.steps)
