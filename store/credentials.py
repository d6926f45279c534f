"""Credentials: officials, their sealed keys and chains, and the count of wrong passphrases (PKI reference, 10.4)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import case, insert, literal, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from signer.errors import CredentialUnknown, CredentialUnusable, PassphraseLocked
from signer.model import Credential, CredentialState, SealedKey, Signatory
from store.audit import Act, Outcome, append
from store.base import UtcTime
from store.database import Database
from store.tables import CredentialRow

WAIT_FROM = 5  # failures without a wait: typing mistakes happen, and four guesses find nothing
SUSPEND_AT = 10  # a person who fails ten times in a row has to be seen by an officer
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)

ACTIVE, SUSPENDED, REVOKED, RETIRED = CredentialState

_KEY: Final = tuple(SealedKey.__dataclass_fields__)
_MOVES: Final = {
    ACTIVE: (ACTIVE, SUSPENDED),
    SUSPENDED: (ACTIVE, SUSPENDED),
    REVOKED: (ACTIVE, SUSPENDED),
    RETIRED: (ACTIVE, SUSPENDED),
}
"""Each state, and the states that it may be reached from: revoked and retired are final."""


class SqlCredentialStore:
    """`signer.ports.CredentialStore`, and the list for the console and the command line."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, credential: Credential, *, actor: str, at: datetime) -> None:
        """A new credential; raises `AlreadyExists` when its id or its key's id is taken."""
        who = credential.signatory
        row: dict[str, Any] = {name: getattr(credential.key, name) for name in _KEY}
        row |= {
            "id": credential.id,
            "version": 1,
            "state": credential.state.value,
            "guessed_out": False,
            "failed_attempts": credential.failed_attempts,
            "locked_until": credential.locked_until,
            "signatory_id": who.id,
            "signatory_name": who.name,
            "organisation": who.organisation,
            "organisation_identifier": who.organisation_identifier,
            "unit": who.unit,
            "surname": who.surname,
            "chain": b"".join(certificate.public_bytes(Encoding.DER) for certificate in credential.chain),
            "created_at": at,
        }
        if credential.key.signatory_id != who.id:
            raise ValueError("the sealed key is another signatory's")
        with self._database.transaction() as session:
            session.execute(insert(CredentialRow).values(**row))
            details = {"signatory": who.id, "key": credential.key.key_id, "state": credential.state.value}
            append(session, Act.CREDENTIAL_ENROL, _named(credential.id), at=at, actor=actor, details=details)

    def get(self, credential_id: str) -> Credential | None:
        """The credential, in whatever state."""
        with self._database.transaction() as session:
            row = session.get(CredentialRow, credential_id)
            return _credential(row) if row else None

    def list(
        self,
        *,
        state: CredentialState | None = None,
        signatory_id: str | None = None,
        name: str | None = None,
        after: str = "",
        limit: int = 100,
    ) -> tuple[Credential, ...]:
        """At most `limit` credentials with an id above `after`, by id; `name`: part of the signatory's, any case."""
        query = select(CredentialRow).where(CredentialRow.id > after).order_by(CredentialRow.id).limit(limit)
        if state is not None:
            query = query.where(CredentialRow.state == state.value)
        if signatory_id is not None:
            query = query.where(CredentialRow.signatory_id == signatory_id)
        if name is not None:
            query = query.where(CredentialRow.signatory_name.icontains(name, autoescape=True))
        with self._database.transaction() as session:
            return tuple(_credential(row) for row in session.scalars(query))

    def set_state(self, credential_id: str, state: CredentialState, *, actor: str, at: datetime) -> None:
        """Suspend, resume, revoke or retire; the count of wrong passphrases starts anew.

        Raises `CredentialUnknown`, and `CredentialUnusable` for a credential that has ended for good; the refusal is
        in the trail.
        """
        with self._database.transaction() as session:
            moved, before = _set_state(session, credential_id, state)
            append(
                session,
                Act.CREDENTIAL_STATE,
                _named(credential_id),
                at=at,
                actor=actor,
                outcome=Outcome.DONE if moved else Outcome.REFUSED,
                details={"from": before and before.value, "to": state.value},
            )
        if before is None:
            raise _unknown()
        if not moved:
            raise CredentialUnusable("This credential has ended for good.", field="credential", reason=before.value)

    def begin_attempt(self, credential_id: str, *, at: datetime) -> Credential:
        """Count one attempt *before* the passphrase is tried: one conditional UPDATE, so parallel guesses all count.

        From the 5th on, the next attempt waits: 1 minute, doubling to 1 hour. The 10th suspends the credential as it
        begins, and only `clear_attempts` (it was right after all) or an officer resumes it; what is returned still
        says active. Raises `CredentialUnknown`, `CredentialUnusable` (suspended by an officer, ended) and
        `PassphraseLocked` (nothing counted; the refusal is in the trail).
        """
        with self._database.transaction() as session:
            counted = session.scalar(_count(credential_id, at))
            row = session.get(CredentialRow, credential_id)
            if row is not None:
                append(
                    session,
                    Act.PASSPHRASE_ATTEMPT,
                    _named(credential_id),
                    at=at,
                    outcome=Outcome.DONE if counted else Outcome.REFUSED,
                    details={"failed_before": row.failed_attempts - 1} if counted else None,
                )
                if counted and row.guessed_out:
                    details = {"from": ACTIVE.value, "to": SUSPENDED.value}
                    append(
                        session,
                        Act.CREDENTIAL_STATE,
                        _named(credential_id),
                        at=at,
                        reason="wrong-passphrases",
                        details=details,
                    )
        if row is None:
            raise _unknown()
        if not counted:
            raise _refusal(row)
        return _credential(row, state=ACTIVE)

    def clear_attempts(self, credential_id: str, *, at: datetime) -> None:
        """The passphrase was right: the count starts anew, and a suspension by the count alone ends."""
        row = CredentialRow
        clear = (
            update(row)
            .where(row.id == credential_id)
            .values(
                version=row.version + case((row.guessed_out, 1), else_=0),
                state=case((row.guessed_out, ACTIVE.value), else_=row.state),
                guessed_out=False,
                failed_attempts=0,
                locked_until=None,
            )
            .returning(row.id)
        )
        with self._database.transaction() as session:
            if session.scalar(clear) is None:
                raise _unknown()
            append(session, Act.PASSPHRASE_ACCEPT, _named(credential_id), at=at)


def _count(credential_id: str, at: datetime) -> ReturningUpdate[tuple[str]]:
    """The attempt, its wait and the suspension in one statement that nobody can come between."""
    row, count = CredentialRow, CredentialRow.failed_attempts + 1
    waits = {number: literal(at + _wait(number), UtcTime()) for number in range(WAIT_FROM, SUSPEND_AT + 1)}
    return (
        update(row)
        .where(row.id == credential_id, row.state == ACTIVE.value)
        .where(or_(row.locked_until.is_(None), row.locked_until <= at))
        .values(
            version=row.version + case((count >= SUSPEND_AT, 1), else_=0),
            state=case((count >= SUSPEND_AT, SUSPENDED.value), else_=ACTIVE.value),
            guessed_out=count >= SUSPEND_AT,
            failed_attempts=count,
            locked_until=case(waits, value=count, else_=None),
        )
        .returning(row.id)
    )


def _wait(failures: int) -> timedelta:
    return min(FIRST_WAIT * (1 << failures - WAIT_FROM), LONGEST_WAIT)


def _set_state(session: Session, credential_id: str, state: CredentialState) -> tuple[bool, CredentialState | None]:
    """Whether it moved, and from where; decided on the newest version of the row, else decided anew."""
    row = CredentialRow
    values = {"state": state.value, "guessed_out": False, "failed_attempts": 0, "locked_until": None}
    while found := session.execute(select(row.state, row.version).where(row.id == credential_id)).one_or_none():
        before, version = CredentialState(found[0]), found[1]
        if before not in _MOVES[state]:
            return False, before
        decided = update(row).where(row.id == credential_id, row.version == version)
        if session.scalar(decided.values(version=version + 1, **values).returning(row.id)) is not None:
            return True, before
    return False, None


def _refusal(row: CredentialRow) -> PassphraseLocked | CredentialUnusable:
    """Why an attempt at `row` was not counted."""
    if row.state == ACTIVE.value:
        text = "Too many wrong passphrases. Wait before you try again."
        return PassphraseLocked(text, field="passphrase", reason="wait", until=row.locked_until)
    if row.guessed_out:
        text = "Too many wrong passphrases. An officer has to see you and resume the credential."
        return PassphraseLocked(text, field="passphrase", reason="locked", until=None)
    return CredentialUnusable(f"This credential is {row.state}.", field="credential", reason=row.state)


def _unknown() -> CredentialUnknown:
    return CredentialUnknown("There is no such credential.", field="credential", reason="unknown")


def _named(credential_id: str) -> str:
    return f"credential:{credential_id}"


def _credential(row: CredentialRow, *, state: CredentialState | None = None) -> Credential:
    return Credential(
        id=row.id,
        signatory=Signatory(
            id=row.signatory_id,
            name=row.signatory_name,
            organisation=row.organisation,
            organisation_identifier=row.organisation_identifier,
            unit=row.unit,
            surname=row.surname,
        ),
        key=SealedKey(**{name: getattr(row, name) for name in _KEY}),
        chain=tuple(_certificates(row.chain)),
        state=state or CredentialState(row.state),
        failed_attempts=row.failed_attempts,
        locked_until=row.locked_until,
    )


def _certificates(chain: bytes) -> Iterator[x509.Certificate]:
    """The certificates of `chain`, one after the other: each DER value says its own length (X.690, 8.1.3)."""
    start = 0
    while start < len(chain):
        length, header = chain[start + 1], 2
        if length & 0x80:
            octets = length & 0x7F
            length, header = int.from_bytes(chain[start + 2 : start + 2 + octets], "big"), 2 + octets
        end = start + header + length
        yield x509.load_der_x509_certificate(chain[start:end])
        start = end
