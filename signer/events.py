"""Events: what became of a client's own things, told after the act and in the same transaction.

An event says which thing changed and how. It holds nothing that its client may not read through the API, and no secret:
no passphrase, no personal number, no name. Whoever wants more asks for the thing itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class EventType(StrEnum):
    """What happened. A word once used keeps its meaning; new ones may come, and receivers ignore what they do not know.

    In the order of the page that explains them."""

    SIGNATURE_SIGNED = "signature.signed"
    SIGNATURE_FAILED = "signature.failed"
    SIGNATURE_RAISED = "signature.raised"
    SIGNATURE_RENEWED = "signature.renewed"
    LETTER_WITHDRAWN = "letter.withdrawn"
    LETTER_REPLACED = "letter.replaced"
    LETTER_EXPIRED = "letter.expired"
    FLOW_STEP_DONE = "flow.step-done"
    FLOW_STEP_HANDED_OVER = "flow.step-handed-over"
    FLOW_FINISHED = "flow.finished"
    FLOW_CANCELLED = "flow.cancelled"
    BATCH_ITEM_FAILED = "batch.item-failed"
    BATCH_FINISHED = "batch.finished"
    BATCH_CANCELLED = "batch.cancelled"
    ACTIVATION_APPROVED = "activation.approved"
    ACTIVATION_DENIED = "activation.denied"
    ACTIVATION_ENDED = "activation.ended"
    ACTIVATION_EXPIRED = "activation.expired"
    CERTIFICATE_ISSUED = "certificate.issued"
    CERTIFICATE_SUSPENDED = "certificate.suspended"
    CERTIFICATE_RESUMED = "certificate.resumed"
    CERTIFICATE_REVOKED = "certificate.revoked"
    SEAL_ACTIVATED = "seal.activated"
    SEAL_ENDED = "seal.ended"
    WEBHOOK_TEST = "webhook.test"


EventDatum = str | int | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to something of one client."""

    id: str
    """UUIDv7 (RFC 9562, 5.7), in its usual spelling: the same however often the event is read or delivered."""
    type: EventType
    at: datetime
    """When it happened; aware, UTC. Events are listed in the order in which they were committed, not by this time."""
    subject: str
    """What it happened to: a verification code, or the id of a batch, a document, a request, a credential."""
    external_id: str | None
    """The client's own name of it, where it gave one."""
    data: Mapping[str, EventDatum] = field(default_factory=dict)
    """What else there is to say; which names, the type says."""
