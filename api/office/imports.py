"""Officials from a file over HTTP: checked whole, approved whole by a second person, taken in portion by portion."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from api.office.desk import Caller, Desk
from api.office.objects import import_of
from api.permissions import Permission
from signer.approvals import ApprovalService
from signer.bulk.model import CheckedFile, ImportedRow, Progress
from signer.bulk.service import ImportService
from signer.errors import ImportRefused
from signer.people import Approval, ApprovalKind, StaffMember

PORTION: Final = 200
"""Rows of one request: some seconds at most."""


class ImportApprovals(Protocol):
    """`store.bulk.SqlImportLog`, as far as it knows who approved a file."""

    def approval_of(self, import_id: str, /) -> str | None: ...

    def approve(self, import_id: str, approval_id: str, /, *, actor: str, at: datetime) -> None: ...

    def recent(self, *, limit: int) -> tuple[Progress, ...]: ...

    def rows(self, import_id: str, /, *, after: int, limit: int) -> tuple[ImportedRow, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What became of a file: an import that waits for its approval, or everything that is wrong with it."""

    checked: CheckedFile | None
    """`None` for a file that was taken in before."""
    import_id: str | None
    approval: Approval | None


class ImportOffice:
    """Each act under the right of its caller, who has to be a registrar."""

    def __init__(
        self,
        *,
        desk: Desk,
        approvals: ApprovalService,
        log: ImportApprovals,
        service: Callable[[StaffMember, str | None], ImportService],
        now: Callable[[], datetime],
    ) -> None:
        """`service(member, approval_id)`: imports in the name of `member`, whose rows stand under that approval."""
        self._desk = desk
        self._approvals = approvals
        self._log = log
        self._service = service
        self._now = now

    def take_in(self, caller: Caller, file_name: str, content: bytes) -> Intake:
        """Check the file whole and keep it where nothing is wrong; a second person is asked. Raises `ImportRefused`.

        A file that was sent before is the same import; one that waits unapproved is asked for anew.
        """
        kept = self.keep(caller, file_name, content)
        if kept.import_id is None or self._log.approval_of(kept.import_id) is not None:
            return kept
        return replace(kept, approval=self.propose(caller, kept.import_id))

    def check(self, caller: Caller, content: bytes) -> CheckedFile:
        """Everything that is right and wrong with a file; nothing is kept. Raises `ImportRefused`."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            return self._service(member, None).check(content)

    def keep(self, caller: Caller, file_name: str, content: bytes) -> Intake:
        """Check the file whole and keep it where nothing is wrong; nobody is asked yet. Raises `ImportRefused`."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            service = self._service(member, None)
            known = service.known(content)
            if known is not None:
                return Intake(checked=None, import_id=known, approval=None)
            checked = service.check(content)
            if checked.findings:
                return Intake(checked=checked, import_id=None, approval=None)
            import_id = service.begin(file_name, checked, actor=member.id)
            return Intake(checked=checked, import_id=import_id, approval=None)

    def propose(self, caller: Caller, import_id: str) -> Approval:
        """Ask a second person for every row of a kept file. Raises `ImportRefused`."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            progress = self._service(member, None).progress(import_id)
            summary = f"Import {progress.total} rows of {progress.file_name}"
            return self._approvals.propose(ApprovalKind.IMPORT, import_of(import_id), summary, member)

    def recent(self, caller: Caller, *, limit: int = 20) -> tuple[Progress, ...]:
        """The last files that were taken in, the newest first."""
        with self._desk.acting(caller, Permission.REGISTRATION_READ):
            return self._log.recent(limit=limit)

    def rows(self, caller: Caller, import_id: str, *, after: int = 0, limit: int = 100) -> tuple[ImportedRow, ...]:
        """Rows of one file behind the number `after`, in order."""
        with self._desk.acting(caller, Permission.REGISTRATION_READ):
            return self._log.rows(import_id, after=after, limit=limit)

    def approved_under(self, caller: Caller, import_id: str) -> str | None:
        """The approval that was spent on the file; `None` where it waits for one."""
        with self._desk.acting(caller, Permission.REGISTRATION_READ):
            return self._log.approval_of(import_id)

    def progress(self, caller: Caller, import_id: str) -> tuple[Progress, tuple[ImportedRow, ...]]:
        """How far it has come, and the rows that were refused. Raises `ImportRefused`."""
        with self._desk.acting(caller, Permission.REGISTRATION_READ) as member:
            service = self._service(member, None)
            return service.progress(import_id), service.failures(import_id)

    def go_on(self, caller: Caller, import_id: str, *, approval_id: str | None) -> Progress:
        """Take the next `PORTION` of rows in; each stands approved under the approval of the file.

        The first call spends the approval; later ones, of any registrar and after any crash, need none. Raises
        `ApprovalRefused`, `ImportRefused`.
        """
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            self._service(member, None).progress(import_id)
            known = self._log.approval_of(import_id)
            if known is None:
                if approval_id is None:
                    message = "A second person has to approve this file first. Send the approval."
                    raise ImportRefused(message, field="approval", reason="missing")
                self._log.approve(import_id, approval_id, actor=member.id, at=self._now())
                known = approval_id
            return self._service(member, known).run(import_id, actor=member.id, most=PORTION)
