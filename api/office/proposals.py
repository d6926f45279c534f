"""All that was proposed to a second person, found again and carried out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.office import objects
from api.office.desk import Caller, Desk
from api.office.registry import Office
from api.permissions import Permission
from signer.approvals import ApprovalService
from signer.errors import ApprovalRefused
from signer.people import Approval, ApprovalQuery, ApprovalStage, OfficialCertificate, approval_stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An approval, and who has to do something about it now."""

    approval: Approval
    stage: ApprovalStage


class Proposals:
    """Each act under the right of its caller. `now` gives aware UTC."""

    def __init__(self, *, desk: Desk, office: Office, approvals: ApprovalService, now: Callable[[], datetime]) -> None:
        self._desk = desk
        self._office = office
        self._approvals = approvals
        self._now = now

    def search(self, caller: Caller, query: ApprovalQuery) -> tuple[Proposal, ...]:
        """One page, the newest first."""
        with self._desk.acting(caller, Permission.APPROVAL_READ):
            return tuple(map(self._placed, self._approvals.search(query)))

    def get(self, caller: Caller, approval_id: str) -> Proposal:
        """One of them; raises `ApprovalRefused` for an unknown id."""
        with self._desk.acting(caller, Permission.APPROVAL_READ):
            return self._placed(self._approvals.get(approval_id))

    def about(
        self,
        caller: Caller,
        signatory_id: str,
        *,
        registration_ids: Sequence[str],
        certificates: Sequence[OfficialCertificate],
    ) -> tuple[Proposal, ...]:
        """The last ones about one official: registrations, factors, and the end of one of these certificates."""
        serials = [each.serial for each in certificates]
        about = (
            *map(objects.registration, registration_ids),
            objects.factor_reset(signatory_id),
            objects.first_factor(signatory_id),
            *map(objects.release_of, serials),
            *(objects.revocation_of((serial,), reason) for serial in serials for reason in objects.OFFICIALS_REASONS),
        )
        return self.search(caller, ApprovalQuery(objects=about, limit=20))

    def revoke(self, caller: Caller, approval_id: str) -> dict[int, Exception | None]:
        """Revoke the certificates of an approved list, as its proposer; what went wrong with each, in order.

        Raises `ApprovalRefused` where it is no such list, and as `Office.revoke_many`.
        """
        approval = self.get(caller, approval_id).approval
        reason = objects.revoked_for(approval)
        if reason is None:
            raise ApprovalRefused("This approval names no certificates.", field="approval", reason="other")
        return self._office.revoke_many(caller, objects.revoked_serials(approval), reason, approval_id=approval_id)

    def _placed(self, approval: Approval) -> Proposal:
        return Proposal(approval=approval, stage=approval_stage(approval, at=self._now()))
