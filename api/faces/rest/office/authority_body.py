"""What administrators send and read about the CA."""

from typing import Annotated

from msgspec import Meta

from api.faces.rest.office.wire import Reference, Sent, Told
from api.office.operations import Operation


class OperationRequest(Sent, frozen=True, kw_only=True):
    """An operation that a second person approved."""

    approval: Reference


class OperationBody(Told, frozen=True, kw_only=True):
    """What came of it."""

    operation: Operation
    outcome: Annotated[str, Meta(description="The number of a CRL, or the label of a new key.")]
