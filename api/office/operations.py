"""Operations of the CA out of their turn: proposed by an administrator, approved by a second person, done once."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from api.office.desk import Caller, Desk
from api.permissions import Permission
from signer.approvals import ApprovalService
from signer.people import Approval, ApprovalKind


class Operation(StrEnum):
    """What a job does by the clock, and people may want now."""

    CRL = "crl"
    """Publish the list of revoked certificates."""
    NEXT_TSU = "next-tsu"
    """Make the next time-stamping unit: new key, new certificate."""
    NEXT_RESPONDER = "next-responder"
    """Make the next OCSP responder: new key, new certificate."""
    LAST_CRL = "last-crl"
    """Publish the last list of a CA that retires; it issues and revokes nothing afterwards."""


class CaOperations:
    """Each act under the right of its caller, and with an approval of its own."""

    def __init__(
        self,
        *,
        desk: Desk,
        approvals: ApprovalService,
        acts: Mapping[Operation, Callable[[str], str]],
        require_possible: Callable[[Operation], None],
    ) -> None:
        """`acts`: does it in the name of an actor and says what came of it; `require_possible` raises what can be
        known before."""
        self._require_possible = require_possible
        self._desk = desk
        self._approvals = approvals
        self._acts = acts

    def propose(self, caller: Caller, operation: Operation) -> Approval:
        """Ask a second person. Raises `NotPermitted` unless the caller is an administrator."""
        with self._desk.acting(caller, Permission.PROPOSAL_CREATE) as member:
            summary = f"Operation of the CA: {operation.value}"
            return self._approvals.propose(ApprovalKind.CA_OPERATION, _named(operation), summary, member)

    def carry_out(self, caller: Caller, operation: Operation, *, approval_id: str) -> str:
        """Do what was approved; what came of it (a label, a number). The approval is spent first, unless it is
        known before that nothing can come of it today.

        Raises `ApprovalRefused`, and what the operation raises.
        """
        with self._desk.acting(caller, Permission.PROPOSAL_CREATE) as member:
            self._require_possible(operation)
            self._approvals.use(approval_id, ApprovalKind.CA_OPERATION, _named(operation), member)
            return self._acts[operation](member.id)


def _named(operation: Operation) -> str:
    return f"ca:{operation.value}"
