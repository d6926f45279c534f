"""Imports and acting appointments: a row is reserved by one, and settled once."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from signer.appointments import ActingForm, Appointment
from signer.bulk.model import CheckedRow, ImportedRow, Progress, RowKind, RowState
from signer.people import ApprovalKind, RegistrationState
from store.approvals import spend
from store.audit import Act, Detail, Outcome, append, without_personal_numbers
from store.base import table_of
from store.bulk_tables import AppointmentRow, ContactRow, ImportedRowRow, ImportRow
from store.database import Database
from store.errors import AlreadyExists, IllegalMove
from store.people_tables import OfficialRow, RegistrationRow

MOST_IN_FORCE: Final = 5_000
"""Acting appointments of one day; a province has hundreds."""
_ROWS: Final = table_of(ImportedRowRow)
_ROW: Final = _ROWS.c
_CHUNK: Final = 1000

_OPEN: Final = (
    select(_ROW.number, _ROW.state, _ROW.changed_at)
    .where(
        _ROW.import_id == bindparam("import"),
        or_(
            _ROW.state == RowState.WAITING.value,
            (_ROW.state == RowState.RESERVED.value) & (_ROW.changed_at < bindparam("lost_before")),
        ),
    )
    .order_by(_ROW.number)
    .limit(1)
)
_TAKE: Final = (
    update(_ROWS)
    .where(
        _ROW.import_id == bindparam("import"),
        _ROW.number == bindparam("row"),
        _ROW.state == bindparam("seen_state"),
        _ROW.changed_at == bindparam("seen_at"),
    )
    .values(state=RowState.RESERVED.value, changed_at=bindparam("at"))
    .returning(*_ROWS.c)
)
_SETTLE: Final = (
    update(_ROWS)
    .where(
        _ROW.import_id == bindparam("import"),
        _ROW.number == bindparam("row"),
        _ROW.state == RowState.RESERVED.value,
    )
    .returning(_ROW.number)
)


class SqlImportLog:
    """`signer.bulk.ports.ImportLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
        """Keep a checked file whole, or find the import of the same file."""
        head = {"id": import_id, "file_name": file_name, "file_sha256": file_sha256, "actor": actor, "created_at": at}
        try:
            with self._database.transaction() as session:
                session.execute(insert(ImportRow), head)
                for start in range(0, len(rows), _CHUNK):
                    session.execute(insert(_ROWS), [_new(import_id, row, at) for row in rows[start : start + _CHUNK]])
                details: Mapping[str, Detail] = {"file_sha256": file_sha256, "rows": len(rows)}
                append(session, Act.IMPORT_BEGIN, _named(import_id), at=at, actor=actor, details=details)
        except AlreadyExists:
            known = self.find_file(file_sha256)
            if known is None:
                raise
            return known
        return import_id

    def find_file(self, file_sha256: str) -> str | None:
        """The import of a file."""
        with self._database.transaction() as session:
            return session.scalar(select(ImportRow.id).where(ImportRow.file_sha256 == file_sha256))

    def approval_of(self, import_id: str) -> str | None:
        """The approval of the whole file; `None` where nobody gave one."""
        with self._database.transaction() as session:
            return session.scalar(select(ImportRow.approval_id).where(ImportRow.id == import_id))

    def approve(self, import_id: str, approval_id: str, *, actor: str, at: datetime) -> None:
        """The file stands approved from now on: the approval is spent in the same transaction.

        Raises `ApprovalRefused`; nothing changed then but that the refusal is noted.
        """
        with self._database.transaction() as session:
            refusal = spend(
                session, approval_id, kind=ApprovalKind.IMPORT, object=_named(import_id), actor=actor, at=at
            )
            if refusal is None:
                session.execute(
                    update(ImportRow)
                    .where(ImportRow.id == import_id, ImportRow.approval_id.is_(None))
                    .values(approval_id=approval_id)
                )
        if refusal is not None:
            raise refusal

    def take_next(self, import_id: str, *, at: datetime, lost_before: datetime) -> ImportedRow | None:
        """Reserve the next row: one conditional update, so that two processes never hold the same one."""
        with self._database.transaction() as session:
            while True:
                seen = session.execute(_OPEN, {"import": import_id, "lost_before": lost_before}).one_or_none()
                if seen is None:
                    return None
                where = {"row": seen.number, "seen_state": seen.state, "seen_at": seen.changed_at}
                taken = session.execute(_TAKE, {"import": import_id, "at": at, **where}).one_or_none()
                if taken is not None:
                    return _imported(taken)

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
        """A reserved row has ended. Raises `IllegalMove` when somebody else settled it first."""
        where = {"import": row.import_id, "row": row.row.number}
        clean = reason and without_personal_numbers(reason)
        with self._database.transaction() as session:
            if state is RowState.REGISTERED and _is_completed(session, outcome):
                state = RowState.DONE  # we died after proposing it, and people were faster than our return
            given = {"state": state.value, "outcome": outcome, "reason": clean, "changed_at": at}
            if session.scalar(_SETTLE, {**where, **given}) is None:
                raise IllegalMove("this row of the import is not reserved")
            append(
                session,
                Act.IMPORT_ROW,
                f"{_named(row.import_id)}/{row.row.number}",
                at=at,
                actor=actor,
                outcome=Outcome.REFUSED if state is RowState.FAILED else Outcome.DONE,
                reason=clean,
                details={"kind": row.row.kind.value, "state": state.value, "outcome": outcome},
            )

    def progress(self, import_id: str) -> Progress | None:
        """Rows by state; `None` for an unknown import."""
        with self._database.transaction() as session:
            head = session.get(ImportRow, import_id)
            return None if head is None else _progress(session, head)

    def recent(self, *, limit: int) -> tuple[Progress, ...]:
        """The last imports, the newest first."""
        newest = select(ImportRow).order_by(ImportRow.created_at.desc(), ImportRow.id).limit(limit)
        with self._database.transaction() as session:
            return tuple(_progress(session, head) for head in session.scalars(newest).all())

    def rows(self, import_id: str, *, after: int, limit: int) -> tuple[ImportedRow, ...]:
        """Rows of one import behind the number `after`, by number."""
        query = select(_ROWS).where(_ROW.import_id == import_id, _ROW.number > after)
        with self._database.transaction() as session:
            return tuple(_imported(row) for row in session.execute(query.order_by(_ROW.number).limit(limit)))

    def failures(self, import_id: str) -> tuple[ImportedRow, ...]:
        """The failed rows, by number."""
        query = (
            select(_ROWS).where(_ROW.import_id == import_id, _ROW.state == RowState.FAILED.value).order_by(_ROW.number)
        )
        with self._database.transaction() as session:
            return tuple(_imported(row) for row in session.execute(query))


class SqlAppointmentStore:
    """`signer.appointments.Appointments`, and where they are recorded and withdrawn."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, appointment: Appointment, *, actor: str, at: datetime) -> None:
        """Write an appointment down; the same id again changes nothing."""
        row = AppointmentRow(
            id=appointment.id,
            signatory_id=appointment.signatory_id,
            form=appointment.form.value,
            office=appointment.office,
            starts_on=appointment.starts_on,
            ends_on=appointment.ends_on,
            actor=actor,
            recorded_at=at,
        )
        with self._database.transaction() as session:
            if session.get(AppointmentRow, appointment.id) is None:
                session.add(row)
                details: Mapping[str, str] = {
                    "signatory": appointment.signatory_id,
                    "form": appointment.form.value,
                    "from": appointment.starts_on.isoformat(),
                    "until": appointment.ends_on.isoformat(),
                }
                append(session, Act.APPOINTMENT, f"appointment:{row.id}", at=at, actor=actor, details=details)

    def withdraw(self, signatory_id: str, appointment_id: str, *, actor: str, at: datetime) -> bool:
        """End an appointment of that signatory before its time; whether there was one."""
        withdrawn = (
            update(AppointmentRow)
            .where(AppointmentRow.id == appointment_id, AppointmentRow.signatory_id == signatory_id)
            .where(AppointmentRow.withdrawn_at.is_(None))
            .values(withdrawn_at=at)
            .returning(AppointmentRow.id)
        )
        with self._database.transaction() as session:
            if session.scalar(withdrawn) is None:
                return False
            append(session, Act.APPOINTMENT, f"appointment:{appointment_id}", at=at, actor=actor, reason="withdrawn")
            return True

    def of(
        self, signatory_id: str, *, after: tuple[date, str] | None = None, limit: int | None = None
    ) -> tuple[Appointment, ...]:
        """Appointments of a signatory that were not withdrawn, by first day; all, or so many behind `after`, the first
        day and id of one."""
        query = (
            select(AppointmentRow)
            .where(AppointmentRow.signatory_id == signatory_id, AppointmentRow.withdrawn_at.is_(None))
            .order_by(AppointmentRow.starts_on, AppointmentRow.id)
            .limit(limit)
        )
        if after is not None:
            day, id = after
            same_day = and_(AppointmentRow.starts_on == day, AppointmentRow.id > id)
            query = query.where(or_(AppointmentRow.starts_on > day, same_day))
        with self._database.transaction() as session:
            return tuple(map(_appointment, session.scalars(query)))

    def in_force(self, day: date, forms: Collection[ActingForm]) -> tuple[Appointment, ...]:
        """Of everybody on `day` in one of `forms`, those that end first at the beginning; at most `MOST_IN_FORCE`."""
        query = (
            select(AppointmentRow)
            .where(AppointmentRow.starts_on <= day, AppointmentRow.ends_on >= day)
            .where(AppointmentRow.withdrawn_at.is_(None), AppointmentRow.form.in_([each.value for each in forms]))
            .order_by(AppointmentRow.ends_on, AppointmentRow.id)
            .limit(MOST_IN_FORCE)
        )
        with self._database.transaction() as session:
            return tuple(map(_appointment, session.scalars(query)))


class SqlKnownOfficials:
    """`signer.bulk.ports.KnownOfficials`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def names(self) -> frozenset[tuple[str, str, str]]:
        """Name, organisation and unit of everybody registered."""
        query = select(OfficialRow.name, OfficialRow.organisation, OfficialRow.unit)
        with self._database.transaction() as session:
            return frozenset((name, organisation, unit or "") for name, organisation, unit in session.execute(query))

    def ids(self) -> frozenset[str]:
        """Ids of everybody registered."""
        with self._database.transaction() as session:
            return frozenset(session.scalars(select(OfficialRow.signatory_id)))


class SqlContacts:
    """E-mail addresses that notices go to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(self, signatory_id: str, email: str, *, actor: str, at: datetime) -> None:
        """From now on, notices go there."""
        with self._database.transaction() as session:
            folded = email.strip().casefold()
            session.merge(ContactRow(signatory_id=signatory_id, email=email, folded_email=folded, changed_at=at))
            append(session, Act.CONTACT, f"signatory:{signatory_id}", at=at, actor=actor)

    def withdraw(self, signatory_id: str, *, actor: str, at: datetime) -> bool:
        """Nothing is sent there any more; whether there was an address."""
        gone = delete(ContactRow).where(ContactRow.signatory_id == signatory_id).returning(ContactRow.signatory_id)
        with self._database.transaction() as session:
            if session.scalar(gone) is None:
                return False
            append(session, Act.CONTACT, f"signatory:{signatory_id}", at=at, actor=actor, reason="withdrawn")
            return True

    def email_of(self, signatory_id: str) -> str | None:
        """The address; `None` where none is known."""
        with self._database.transaction() as session:
            row = session.get(ContactRow, signatory_id)
            return None if row is None else row.email

    def signatories_at(self, email: str) -> tuple[str, ...]:
        """Who reads mail there, in whatever case it is written; two are enough to know that it names nobody."""
        query = select(ContactRow.signatory_id).where(ContactRow.folded_email == email.strip().casefold())
        with self._database.transaction() as session:
            return tuple(session.scalars(query.order_by(ContactRow.signatory_id).limit(2)))


def _appointment(row: AppointmentRow) -> Appointment:
    return Appointment(
        id=row.id,
        signatory_id=row.signatory_id,
        form=ActingForm(row.form),
        office=row.office,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def _new(import_id: str, row: CheckedRow, at: datetime) -> dict[str, Any]:
    return {
        "import_id": import_id,
        "number": row.number,
        "kind": row.kind.value,
        "content": dict(row.content),
        "state": RowState.WAITING.value,
        "changed_at": at,
    }


def _progress(session: Session, head: ImportRow) -> Progress:
    counts = session.execute(select(_ROW.state, func.count()).where(_ROW.import_id == head.id).group_by(_ROW.state))
    return Progress(
        import_id=head.id,
        file_name=head.file_name,
        started_at=head.created_at,
        counts={RowState(state): count for state, count in counts},
    )


def _imported(row: Row[Any]) -> ImportedRow:
    return ImportedRow(
        import_id=row.import_id,
        row=CheckedRow(number=row.number, kind=RowKind(row.kind), content=row.content),
        state=RowState(row.state),
        outcome=row.outcome,
        reason=row.reason,
    )


def _is_completed(session: Session, registration_id: str | None) -> bool:
    row = session.get(RegistrationRow, registration_id) if registration_id is not None else None
    return row is not None and row.state == RegistrationState.COMPLETED.value


def _named(import_id: str) -> str:
    return f"import:{import_id}"
