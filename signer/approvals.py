"""Four eyes: what one person proposes another one decides on, once, in time, and for that alone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from signer.errors import ApprovalRefused, NotPermitted
from signer.people import Approval, ApprovalKind, ApprovalQuery, ApprovalState, Role, StaffMember
from signer.ports import ApprovalStore

LIFETIME: Final = timedelta(hours=72)
"""House default; a setting."""

PROPOSERS: Final[Mapping[ApprovalKind, frozenset[Role]]] = {
    ApprovalKind.ENROLMENT: frozenset({Role.REGISTRAR}),
    ApprovalKind.BULK_REVOCATION: frozenset({Role.REGISTRAR, Role.ADMINISTRATOR}),
    ApprovalKind.RELEASE: frozenset({Role.REGISTRAR, Role.ADMINISTRATOR}),
    ApprovalKind.FACTOR_RESET: frozenset({Role.REGISTRAR}),
    ApprovalKind.PROFILE: frozenset({Role.ADMINISTRATOR}),
    ApprovalKind.CA_OPERATION: frozenset({Role.ADMINISTRATOR}),
    ApprovalKind.IMPORT: frozenset({Role.REGISTRAR}),
    ApprovalKind.FOREIGN_DECISION: frozenset({Role.REGISTRAR}),
    ApprovalKind.FOREIGN_REVOCATION: frozenset({Role.REGISTRAR, Role.ADMINISTRATOR}),
    ApprovalKind.HANDOVER: frozenset({Role.ADMINISTRATOR}),
}
"""Who may start what. The approver starts nothing."""

_ID_BYTES: Final = 16
_MAX_TEXT: Final = 500


class ApprovalService:
    """Proposals and decisions. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        approvals: ApprovalStore,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        lifetime: timedelta = LIFETIME,
    ) -> None:
        self._approvals = approvals
        self._now = now
        self._random_bytes = random_bytes
        self._lifetime = lifetime

    def draft(
        self, kind: ApprovalKind, object: str, summary: str, actor: StaffMember, *, subjects: Sequence[str] = ()
    ) -> Approval:
        """A proposal that is stored by somebody else, together with what it is about. Raises `NotPermitted`."""
        self.require_proposer(kind, actor)
        at = self._now()
        return Approval(
            id=self._random_bytes(_ID_BYTES).hex(),
            kind=kind,
            object=object,
            summary=summary[:_MAX_TEXT],
            state=ApprovalState.PROPOSED,
            proposed_by=actor.id,
            proposer_identity=actor.identity_hash,
            proposed_at=at,
            expires_at=at + self._lifetime,
            subjects=tuple(subjects),
        )

    def require_proposer(self, kind: ApprovalKind, actor: StaffMember) -> None:
        """Raises `NotPermitted` for whoever may not start this."""
        if not actor.active or actor.role not in PROPOSERS[kind]:
            raise NotPermitted("This role may not propose it.", field="kind", reason="role")

    def propose(
        self, kind: ApprovalKind, object: str, summary: str, actor: StaffMember, *, subjects: Sequence[str] = ()
    ) -> Approval:
        """Ask a second person for `object`, which is about `subjects` where it does not say so itself.

        Raises `NotPermitted` for a role that may not start this."""
        approval = self.draft(kind, object, summary, actor, subjects=subjects)
        self._approvals.add(approval)
        return approval

    def decide(self, approval_id: str, *, approve: bool, actor: StaffMember, note: str | None = None) -> Approval:
        """Approve or reject, for good.

        Raises `NotPermitted` unless `actor` is an active approver and another *person* than who proposed, also where
        that person had another account then; `ApprovalRefused` for one that is unknown, decided already or expired.
        """
        if not actor.active or actor.role is not Role.APPROVER:
            raise NotPermitted("Only an approver decides.", field="approval", reason="role")
        approval = self.get(approval_id)
        if actor.id == approval.proposed_by or actor.identity_hash == approval.proposer_identity:
            raise NotPermitted(
                "Nobody approves their own proposal. Ask another approver.", field="approval", reason="own"
            )
        state = ApprovalState.APPROVED if approve else ApprovalState.REJECTED
        return self._approvals.decide(
            approval_id, state, actor=actor.id, note=note and note[:_MAX_TEXT], at=self._now()
        )

    def use(self, approval_id: str, kind: ApprovalKind, object: str, actor: StaffMember) -> None:
        """Spend an approval on exactly what it was given for, once, by who proposed it.

        Raises `ApprovalRefused` when it is for something else, not approved, expired or spent: nobody acts then.
        """
        self._approvals.use(approval_id, kind=kind, object=object, actor=actor.id, at=self._now())

    def get(self, approval_id: str) -> Approval:
        """One of them; raises `ApprovalRefused` for an unknown id."""
        approval = self._approvals.get(approval_id)
        if approval is None:
            raise ApprovalRefused("There is no such approval. Check its id.", field="approval", reason="unknown")
        return approval

    def waiting(self, *, after: str = "", limit: int = 100) -> tuple[Approval, ...]:
        """Those that wait for a decision and have not expired, by id."""
        return self._approvals.waiting(at=self._now(), after=after, limit=limit)

    def search(self, query: ApprovalQuery) -> tuple[Approval, ...]:
        """One page of all that was ever proposed, the newest first."""
        return self._approvals.search(query, at=self._now())
