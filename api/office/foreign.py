"""Another CA's answers and revocations, with a second person before anything is taken in or asked for."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from cryptography import x509

from api.office.desk import Caller, Desk
from api.permissions import Permission
from signer.approvals import ApprovalService
from signer.errors import ForeignRefused
from signer.foreign.exchange import ForeignCredentials
from signer.foreign.model import AnswerState, ForeignAnswer, ForeignRequest, OpenRevocation
from signer.people import Approval, ApprovalKind
from signer.revoking import require_invalidity, require_may_revoke

_SHOWN: Final = 3  # differences in the text that the second person reads


class ForeignLog(Protocol):
    """The reading half of `store.foreign.SqlForeignLog`."""

    def find_answer(self, leaf_sha256: str, /) -> ForeignAnswer | None: ...

    def undecided(
        self, *, after: tuple[datetime, str] | None = None, limit: int | None = None
    ) -> tuple[ForeignAnswer, ...]: ...

    def open_revocations(self) -> tuple[OpenRevocation, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is done with an answer whose subject differs, and why; approved as a whole."""

    fingerprint: str
    """SHA-256 of the certificate, hex."""
    take: bool
    reason: str

    @property
    def object(self) -> str:
        """What an approval is for: this answer, this outcome, this reason."""
        said = hashlib.sha256(self.reason.encode()).hexdigest()
        return f"foreign-answer:{self.fingerprint}:{'take' if self.take else 'refuse'}:{said}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRevocation:
    """What its issuer is asked to revoke; approved as a whole."""

    credential_id: str
    reason: x509.ReasonFlags
    invalid_since: datetime | None = None
    """Aware; with keyCompromise only."""

    @property
    def object(self) -> str:
        """What an approval is for."""
        since = "" if self.invalid_since is None else str(int(self.invalid_since.timestamp()))
        said = hashlib.sha256(f"{self.credential_id}\n{self.reason.value}\n{since}".encode()).hexdigest()
        return f"foreign-revocation:{said}"


class ForeignOffice:
    """Each act under the right of its caller. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        desk: Desk,
        approvals: ApprovalService,
        exchange: Callable[[], ForeignCredentials],
        log: ForeignLog,
        now: Callable[[], datetime],
    ) -> None:
        """`exchange` reads rules and anchors as they are now."""
        self._desk = desk
        self._approvals = approvals
        self._exchange = exchange
        self._log = log
        self._now = now

    def export(self, caller: Caller) -> tuple[tuple[ForeignRequest, ...], tuple[OpenRevocation, ...]]:
        """Every request without an answer, and every revocation that its issuer does not show; again is harmless."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            return self._exchange().export(actor=member.id), self._log.open_revocations()

    def receive(self, caller: Caller, content: bytes) -> ForeignAnswer:
        """Take an answer in (PEM, DER, PKCS #7); one whose subject differs waits. Raises `ForeignRefused`."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            return self._exchange().receive(content, actor=member.id)

    def undecided(
        self, caller: Caller, *, after: tuple[datetime, str] | None = None, limit: int | None = None
    ) -> tuple[ForeignAnswer, ...]:
        """Answers that wait, oldest first; all, or so many behind `after`, the time and fingerprint of one."""
        with self._desk.acting(caller, Permission.REGISTRATION_READ):
            return self._log.undecided(after=after, limit=limit)

    def propose_decision(self, caller: Caller, decision: Decision) -> Approval:
        """Ask a second person. Raises `ForeignRefused` where no such answer waits."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            answer = self._waiting(decision.fingerprint)
            differences = "; ".join(answer.differences[:_SHOWN])
            verb = "Take" if decision.take else "Refuse"
            summary = f"{verb} certificate {decision.fingerprint[:16]}: {decision.reason} ({differences})"
            return self._approvals.propose(ApprovalKind.FOREIGN_DECISION, decision.object, summary, member)

    def decide(self, caller: Caller, decision: Decision, *, approval_id: str) -> ForeignAnswer:
        """Do what was approved. The approval is spent first. Raises `ApprovalRefused`, `ForeignRefused`."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            self._waiting(decision.fingerprint)
            self._approvals.use(approval_id, ApprovalKind.FOREIGN_DECISION, decision.object, member)
            return self._exchange().decide(
                decision.fingerprint, take=decision.take, reason=decision.reason, actor=member.id
            )

    def propose_revocation(self, caller: Caller, asked: ForeignRevocation) -> Approval:
        """Stop the credential here at once, and ask a second person before its issuer is asked.

        Raises `NotPermitted` for a reason that this role may not give, `Refused` for a wrong invalidity date,
        `CredentialUnknown`.
        """
        with self._desk.acting(caller, Permission.CERTIFICATE_REVOKE) as member:
            require_may_revoke(member.role, asked.reason)
            require_invalidity(asked.reason, asked.invalid_since, at=self._now())
            self._exchange().stop(asked.credential_id, actor=member.id)
            return self._approvals.propose(ApprovalKind.FOREIGN_REVOCATION, asked.object, _said(asked), member)

    def revoke(self, caller: Caller, asked: ForeignRevocation, *, approval_id: str) -> None:
        """Ask its issuer, as was approved; the next export names it. Raises `ApprovalRefused`."""
        with self._desk.acting(caller, Permission.CERTIFICATE_REVOKE) as member:
            require_may_revoke(member.role, asked.reason)
            self._approvals.use(approval_id, ApprovalKind.FOREIGN_REVOCATION, asked.object, member)
            self._exchange().request_revocation(
                asked.credential_id, reason=asked.reason, actor=member.id, invalid_since=asked.invalid_since
            )

    def _waiting(self, fingerprint: str) -> ForeignAnswer:
        answer = self._log.find_answer(fingerprint)
        if answer is None or answer.state is not AnswerState.UNDECIDED:
            raise ForeignRefused(
                "Tidak ada jawaban yang menunggu keputusan dengan sidik itu. / No answer of this fingerprint waits.",
                field="fingerprint",
                reason="unknown",
            )
        return answer


def _said(asked: ForeignRevocation) -> str:
    since = "" if asked.invalid_since is None else f", invalid since {asked.invalid_since:%Y-%m-%dT%H:%M:%SZ}"
    return f"Ask the issuer of {asked.credential_id} to revoke: {asked.reason.value}{since}"
