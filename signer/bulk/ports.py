"""What an import needs of others."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from signer.appointments import Appointment
from signer.bulk.model import CheckedRow, ImportedRow, Progress, RowState


class KnownOfficials(Protocol):
    """What the register holds already."""

    def names(self) -> frozenset[tuple[str, str, str]]:
        """Name, organisation and unit (`""` where there is none) of every signatory who may sign or waits to."""
        ...

    def ids(self) -> frozenset[str]:
        """Ids of every signatory."""
        ...


class RegisterOfficials(Protocol):
    """The registration office. Asked again with the same `key`, each method does nothing and answers the same."""

    def propose(self, content: Mapping[str, str], *, key: str, actor: str) -> str:
        """Propose a new signatory; the id of the proposal. Raises `signer.errors.Refused`."""
        ...

    def transfer(self, content: Mapping[str, str], *, key: str, actor: str) -> str:
        """Propose that a signatory moves; the id of the proposal. Raises `signer.errors.Refused`."""
        ...


class RecordAppointments(Protocol):
    """Where acting appointments are written down."""

    def record(self, appointment: Appointment, *, actor: str, at: datetime) -> None:
        """Once: the same id again is no new appointment."""
        ...


class ImportLog(Protocol):
    """Imports and their rows, for good."""

    def begin(
        self,
        *,
        import_id: str,
        file_name: str,
        file_sha256: str,
        rows: tuple[CheckedRow, ...],
        actor: str,
        at: datetime,
    ) -> str:
        """Keep a checked file; the id of its import, which is the older one where this very file is known."""
        ...

    def find_file(self, file_sha256: str) -> str | None:
        """The import of a file, by the file's SHA-256 (hex)."""
        ...

    def take_next(self, import_id: str, *, at: datetime, lost_before: datetime) -> ImportedRow | None:
        """Reserve the next row that waits, or one reserved before `lost_before` and never ended; `None`: no more."""
        ...

    def settle(
        self,
        row: ImportedRow,
        state: RowState,
        *,
        actor: str,
        at: datetime,
        outcome: str | None = None,
        reason: str | None = None,
    ) -> None:
        """A reserved row has come to `state`. Raises `store.errors.IllegalMove` when it was not reserved."""
        ...

    def progress(self, import_id: str) -> Progress | None:
        """How far it has come; `None`: no such import."""
        ...

    def failures(self, import_id: str) -> tuple[ImportedRow, ...]:
        """The rows that failed, in order."""
        ...
