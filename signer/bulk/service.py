"""Officials from a file: checked whole, then taken in row by row, each exactly once, across any number of crashes."""

import base64
import hashlib
import itertools
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

from signer.appointments import ActingForm, Appointment
from signer.bulk.checking import check_file
from signer.bulk.model import CheckedFile, ImportedRow, Progress, RowKind, RowState, TableLimits
from signer.bulk.ports import ImportLog, KnownOfficials, RecordAppointments, RegisterOfficials
from signer.errors import ImportRefused, Refused

_LOST_AFTER: Final = timedelta(seconds=20)  # a row takes milliseconds: whoever reserved it so long ago is dead
_TELL_EVERY: Final = 50  # counting rows costs more than taking one
_ID_BYTES: Final = 10


class ImportService:
    """Build it once; `run` may be called in several processes at once."""

    def __init__(
        self,
        *,
        log: ImportLog,
        known: KnownOfficials,
        register: RegisterOfficials,
        appointments: RecordAppointments,
        organisation: tuple[str, str],
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        limits: TableLimits | None = None,
    ) -> None:
        """`organisation`: name and identifier of the body that rows without one belong to."""
        self._log = log
        self._known = known
        self._register = register
        self._appointments = appointments
        self._organisation = organisation
        self._now = now
        self._random_bytes = random_bytes
        self._limits = limits or TableLimits()

    def check(self, content: bytes) -> CheckedFile:
        """Everything wrong with a file, without taking anything in. Raises `ImportRefused`."""
        return check_file(content, self._known, limits=self._limits, organisation=self._organisation[0])

    def known(self, content: bytes) -> str | None:
        """The import of this very file, where it was begun before: its rows are in the register by now."""
        return self._log.find_file(hashlib.sha256(content).hexdigest())

    def begin(self, file_name: str, checked: CheckedFile, *, actor: str) -> str:
        """Take a checked file in: the id of the import. The same file again is the same import.

        Raises `ImportRefused` where anything was found.
        """
        if checked.findings:
            raise ImportRefused(
                f"Berkas memuat {len(checked.findings)} kesalahan; perbaiki semuanya lebih dulu. /"
                f" The file holds {len(checked.findings)} errors; mend all of them first.",
                field="file",
                reason="findings",
            )
        return self._log.begin(
            import_id=base64.b32encode(self._random_bytes(_ID_BYTES)).decode().lower(),
            file_name=file_name,
            file_sha256=checked.sha256,
            rows=checked.rows,
            actor=actor,
            at=self._now(),
        )

    def run(
        self,
        import_id: str,
        *,
        actor: str,
        tell: Callable[[Progress], None] = lambda _: None,
        most: int | None = None,
    ) -> Progress:
        """Take every row that is left, or the next `most`; `tell` hears how it goes. A row that is refused fails alone.

        Whatever else goes wrong (no database, no HSM) is raised, and a later call goes on where this one stopped.
        Raises `ImportRefused` for an import that does not exist.
        """
        tell(self.progress(import_id))
        for taken in itertools.count(1) if most is None else range(1, most + 1):
            row = self._log.take_next(import_id, at=self._now(), lost_before=self._now() - _LOST_AFTER)
            if row is None:
                break
            self._take(row, actor)
            if taken % _TELL_EVERY == 0:
                tell(self.progress(import_id))
        progress = self.progress(import_id)
        tell(progress)
        return progress

    def progress(self, import_id: str) -> Progress:
        """How far an import has come. Raises `ImportRefused`."""
        progress = self._log.progress(import_id)
        if progress is None:
            raise ImportRefused(
                "Impor tidak ditemukan; periksa id-nya. / There is no such import; check the id.",
                field="import",
                reason="unknown",
            )
        return progress

    def failures(self, import_id: str) -> tuple[ImportedRow, ...]:
        """The rows that were refused, with the reason of each."""
        return self._log.failures(import_id)

    def _take(self, row: ImportedRow, actor: str) -> None:
        """One reserved row. Dying anywhere in here is harmless: whoever comes next asks with the same key."""
        try:
            outcome = self._ask(row, actor)
        except Refused as error:
            self._log.settle(row, RowState.FAILED, reason=f"{error.field}: {error.reason}", actor=actor, at=self._now())
            return
        state = RowState.DONE if row.row.kind is RowKind.ACTING else RowState.REGISTERED
        self._log.settle(row, state, outcome=outcome, actor=actor, at=self._now())

    def _ask(self, row: ImportedRow, actor: str) -> str:
        key = row_key(row.import_id, row.row.number)
        name, identifier = self._organisation
        content = dict(row.row.content)
        match row.row.kind:
            case RowKind.OFFICIAL:
                here = {"organisation": name, "organisation_identifier": identifier}
                return self._register.propose({**here, **content}, key=key, actor=actor)
            case RowKind.TRANSFER:
                return self._register.transfer(content, key=key, actor=actor)
            case RowKind.ACTING:
                appointment = Appointment(
                    id=key,
                    signatory_id=content["signatory_id"],
                    form=ActingForm(content["form"]),
                    office=content["office"],
                    starts_on=date.fromisoformat(content["starts_on"]),
                    ends_on=date.fromisoformat(content["ends_on"]),
                )
                self._appointments.record(appointment, actor=actor, at=self._now())
                return key


def row_key(import_id: str, number: int) -> str:
    """The one name of what a row brings about, in base32: the same however often the row is taken up."""
    digest = hashlib.sha256(f"teken-import:{import_id}:{number}".encode()).digest()
    return base64.b32encode(digest[:15]).decode()
