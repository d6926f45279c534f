"""Credentials: officials, their sealed keys and chains, and the count of wrong passphrases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Row, and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from signer.errors import CredentialUnknown, CredentialUnusable, PassphraseLocked
from signer.model import ROTATION, SEAL_PREFIX, Credential, CredentialState, SealedKey, Signatory
from signer.people import Purpose
from signer.revoking import REPLACED
from store.attempts import CLEAR, COUNT, counting
from store.audit import Act, Outcome, append
from store.base import table_of
from store.code_session_ends import end_of_credential
from store.credential_events import tell_issued, tell_moved
from store.database import Database
from store.officials import forget_retired, remember_credential
from store.people_tables import RegistrationRow
from store.registrations import complete
from store.tables import CredentialRow

ACTIVE, SUSPENDED = CredentialState.ACTIVE, CredentialState.SUSPENDED
REVOKED, RETIRED = CredentialState.REVOKED, CredentialState.RETIRED
AWAITING = CredentialState.AWAITING_CERTIFICATE

_CREDENTIALS: Final = table_of(CredentialRow)
_ROW: Final = _CREDENTIALS.c
_ADD: Final = insert(_CREDENTIALS)
_GET: Final = select(_CREDENTIALS).where(_ROW.id == bindparam("credential"))
_GUESSED_OUT: Final = select(_ROW.guessed_out).where(_ROW.id == bindparam("credential"))
_MOVE: Final = (
    update(_CREDENTIALS).where(_ROW.id == bindparam("credential"), _ROW.version == bindparam("seen")).returning(_ROW.id)
)
_REGISTRATION: Final = select(RegistrationRow.purpose, RegistrationRow.replaces).where(
    RegistrationRow.credential_id == bindparam("credential")
)
_KEY: Final = tuple(SealedKey.__dataclass_fields__)
_MOVES: Final = {
    ACTIVE: (ACTIVE, SUSPENDED),
    SUSPENDED: (ACTIVE, SUSPENDED),
    REVOKED: (ACTIVE, SUSPENDED, AWAITING),
    RETIRED: (ACTIVE, SUSPENDED, AWAITING),
    AWAITING: (),
}
"""Each state, and the states that it may be reached from: revoked and retired are final, and only its certificate
(`install_chain`) makes a waiting credential active."""


class SqlCredentialStore:
    """`signer.ports.CredentialStore`, and the list for the console and the command line."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, credential: Credential, *, actor: str, at: datetime) -> None:
        """A new credential; raises `AlreadyExists` when its id or its key's id is taken."""
        with self._database.transaction() as session:
            _insert(session, credential, actor=actor, at=at)

    def install(
        self,
        credential: Credential,
        *,
        replaces: str | None,
        ended: CredentialState,
        registration_id: str | None,
        actor: str,
        at: datetime,
    ) -> None:
        """A new credential in the place of the one that it `replaces`, which becomes `ended`; its key is erased.

        Raises `RegistrationRefused` and `CredentialUnusable`; nothing changed then.
        """
        with self._database.transaction() as session:
            _insert(session, credential, actor=actor, at=at)
            if replaces is not None:
                _end(session, replaces, ended, actor=actor, at=at)
            if registration_id is not None:
                complete(session, registration_id, credential.id, actor=actor, at=at)

    def reseal(self, credential_id: str, *, old: SealedKey, new: SealedKey, actor: str, at: datetime) -> None:
        """The same key under another passphrase; raises `CredentialUnusable` where `old` is not what is kept."""
        if (old.key_id, old.public_key) != (new.key_id, new.public_key):
            raise ValueError("another key cannot take the place of this one")
        resealed = (
            update(_CREDENTIALS)
            .where(_ROW.id == credential_id, _ROW.state == ACTIVE.value, _ROW.sealed == old.sealed)
            .values({name: getattr(new, name) for name in _KEY} | {"version": _ROW.version + 1})
            .returning(_ROW.id)
        )
        with self._database.transaction() as session:
            done = session.scalar(resealed) is not None
            outcome = Outcome.DONE if done else Outcome.REFUSED
            append(session, Act.PASSPHRASE_CHANGE, _named(credential_id), at=at, actor=actor, outcome=outcome)
            if done and actor != ROTATION:
                end_of_credential(session, credential_id, at=at)
        if not done:
            text = "The credential was changed meanwhile. Try again."
            raise CredentialUnusable(text, field="credential", reason="changed")

    def get(self, credential_id: str) -> Credential | None:
        """The credential, in whatever state."""
        with self._database.transaction() as session:
            row = session.execute(_GET, {"credential": credential_id}).one_or_none()
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
        query = select(_CREDENTIALS).where(_ROW.id > after).order_by(_ROW.id).limit(limit)
        if state is not None:
            query = query.where(_ROW.state == state.value)
        if signatory_id is not None:
            query = query.where(_ROW.signatory_id == signatory_id)
        if name is not None:
            query = query.where(_ROW.signatory_name.icontains(name, autoescape=True))
        with self._database.transaction() as session:
            return tuple(_credential(row) for row in session.execute(query))

    def seals(self, *, after: str, limit: int) -> tuple[Credential, ...]:
        """At most `limit` credentials of seals with an id above `after`, by id, in whatever state."""
        query = select(_CREDENTIALS).where(_ROW.id > after, _ROW.signatory_id.startswith(SEAL_PREFIX, autoescape=True))
        with self._database.transaction() as session:
            return tuple(_credential(row) for row in session.execute(query.order_by(_ROW.id).limit(limit)))

    def set_state(self, credential_id: str, state: CredentialState, *, actor: str, at: datetime) -> None:
        """Suspend, resume, revoke or retire; the count of wrong passphrases starts anew.

        Raises `CredentialUnknown`, and `CredentialUnusable` for a credential that has ended for good; the refusal is
        in the trail.
        """
        with self._database.transaction() as session:
            moved, before = _set_state(session, credential_id, state)
            if before is None:
                raise _unknown()
            outcome = Outcome.DONE if moved else Outcome.REFUSED
            move = {"from": before.value, "to": state.value}
            append(
                session, Act.CREDENTIAL_STATE, _named(credential_id), at=at, actor=actor, outcome=outcome, details=move
            )
            if moved and state is not before:
                tell_moved(session, credential_id, state, at=at)
            if moved and state is not ACTIVE:
                end_of_credential(session, credential_id, at=at)
        if not moved:
            raise CredentialUnusable("This credential has ended for good.", field="credential", reason=before.value)

    def install_chain(
        self, credential_id: str, chain: tuple[x509.Certificate, ...], *, actor: str, at: datetime
    ) -> tuple[tuple[Credential, x509.ReasonFlags], ...]:
        """The awaited certificate has come: from now on the credential is active, and what it takes over from is ended
        in the same transaction. Returns those whose certificates are left to be revoked, each with its reason.

        `chain`: leaf first, root last, already checked. Raises `CredentialUnknown`, and `CredentialUnusable` for a
        credential that waits for none; the refusal is in the trail.
        """
        given = {"chain": b"".join(each.public_bytes(Encoding.DER) for each in chain), "state": ACTIVE.value}
        with self._database.transaction() as session:
            row = session.execute(_GET, {"credential": credential_id}).one_or_none()
            if row is None:
                raise _unknown()
            decided = {"credential": credential_id, "seen": row.version, "version": row.version + 1, **given}
            installed = row.state == AWAITING.value and session.scalar(_MOVE, decided) is not None
            left = _take_over(session, row, actor=actor, at=at) if installed else ()
            if installed:
                remember_credential(session, replace(_credential(row), chain=chain), at=at)
                tell_issued(session, credential_id, row.signatory_id, chain[0], at=at)
            append(
                session,
                Act.CREDENTIAL_STATE,
                _named(credential_id),
                at=at,
                actor=actor,
                outcome=Outcome.DONE if installed else Outcome.REFUSED,
                details={"from": row.state, "to": ACTIVE.value, "serial": f"{chain[0].serial_number:040x}"},
            )
        if not installed:
            raise CredentialUnusable("This credential awaits no certificate.", field="credential", reason=row.state)
        return left

    def begin_attempt(self, credential_id: str, *, at: datetime) -> Credential:
        """Count one attempt *before* the passphrase is tried: one conditional UPDATE, so parallel guesses all count.

        `store.attempts` has the waits; what is returned says active also at the last attempt. Raises
        `CredentialUnknown`, `CredentialUnusable` (suspended by an officer, ended) and `PassphraseLocked` (nothing
        counted; the refusal is in the trail).
        """
        with self._database.transaction() as session:
            counted = session.execute(COUNT, counting(credential_id, at)).one_or_none()
            row = counted or session.execute(_GET, {"credential": credential_id}).one_or_none()
            if row is None:
                raise _unknown()
            outcome = Outcome.DONE if counted else Outcome.REFUSED
            details = {"failed_before": row.failed_attempts - 1} if counted else None
            append(session, Act.PASSPHRASE_ATTEMPT, _named(row.id), at=at, outcome=outcome, details=details)
            if counted and row.guessed_out:
                move = {"from": ACTIVE.value, "to": SUSPENDED.value}
                append(session, Act.CREDENTIAL_STATE, _named(row.id), at=at, reason="wrong-passphrases", details=move)
                tell_moved(session, row.id, SUSPENDED, at=at)
        if not counted:
            raise _refusal(row)
        return _credential(row, state=ACTIVE)

    def clear_attempts(self, credential_id: str, *, at: datetime) -> None:
        """The passphrase was right: the count starts anew, and a suspension by the count alone ends."""
        with self._database.transaction() as session:
            guessed_out = session.scalar(_GUESSED_OUT, {"credential": credential_id})
            if session.scalar(CLEAR, {"credential": credential_id}) is None:
                raise _unknown()
            append(session, Act.PASSPHRASE_ACCEPT, _named(credential_id), at=at)
            if guessed_out:
                tell_moved(session, credential_id, ACTIVE, at=at)


def _insert(session: Session, credential: Credential, *, actor: str, at: datetime) -> None:
    """The row, and what makes its signatory and its certificate findable."""
    who = credential.signatory
    if credential.key.signatory_id != who.id:
        raise ValueError("the sealed key is another signatory's")
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
    session.execute(_ADD, row)
    remember_credential(session, credential, at=at)
    details = {"signatory": who.id, "key": credential.key.key_id, "state": credential.state.value}
    append(session, Act.CREDENTIAL_ENROL, _named(credential.id), at=at, actor=actor, details=details)
    if credential.chain:
        tell_issued(session, credential.id, who.id, credential.certificate, at=at)


def _end(session: Session, credential_id: str, state: CredentialState, *, actor: str, at: datetime) -> None:
    """Ended for good, and its sealed key erased: what is not there cannot be opened by anybody."""
    moved, before = _set_state(session, credential_id, state, sealed=b"", nonce=b"", salt=b"")
    if not moved:
        reason = before.value if before is not None else "unknown"
        text = "The credential that was to be replaced has ended otherwise."
        raise CredentialUnusable(text, field="credential", reason=reason)
    move = {"from": before.value if before else None, "to": state.value, "key": "erased"}
    append(session, Act.CREDENTIAL_STATE, _named(credential_id), at=at, actor=actor, details=move)
    tell_moved(session, credential_id, state, at=at)
    end_of_credential(session, credential_id, at=at)


def _take_over(
    session: Session, new: Row[Any], *, actor: str, at: datetime
) -> tuple[tuple[Credential, x509.ReasonFlags], ...]:
    """End what `new` replaces, and every other active credential of its signatory; which of them to revoke, and why."""
    asked = session.execute(_REGISTRATION, {"credential": new.id}).one_or_none()
    reason = REPLACED.get(Purpose(asked.purpose)) if asked else None
    replaced = asked.replaces if asked else None
    stands = or_(_ROW.state == ACTIVE.value, and_(_ROW.id == replaced, _ROW.state == SUSPENDED.value))
    older = select(_CREDENTIALS).where(_ROW.signatory_id == new.signatory_id, _ROW.id != new.id, stands)
    left: list[tuple[Credential, x509.ReasonFlags]] = []
    for old in session.execute(older).all():
        why = reason if old.id == replaced else None
        _end(session, old.id, RETIRED if why is None else REVOKED, actor=actor, at=at)
        if why is not None:
            left.append((_credential(old), why))
    return tuple(left)


def _set_state(
    session: Session, credential_id: str, state: CredentialState, **more: bytes
) -> tuple[bool, CredentialState | None]:
    """Whether it moved, and from where; decided on the newest version of the row, else decided anew."""
    given = {"state": state.value, "guessed_out": False, "failed_attempts": 0, "locked_until": None, **more}
    while row := session.execute(_GET, {"credential": credential_id}).one_or_none():
        before = CredentialState(row.state)
        if before not in _MOVES[state]:
            return False, before
        decided = {"credential": credential_id, "seen": row.version, "version": row.version + 1, **given}
        if session.scalar(_MOVE, decided) is not None:
            if state is RETIRED:
                forget_retired(session, credential_id)
            return True, before
    return False, None


def _refusal(row: Row[Any]) -> PassphraseLocked | CredentialUnusable:
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


def _credential(row: Row[Any], *, state: CredentialState | None = None) -> Credential:
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
        chain=tuple(certificates_of(row.chain)),
        state=state or CredentialState(row.state),
        failed_attempts=row.failed_attempts,
        locked_until=row.locked_until,
    )


def certificates_of(chain: bytes) -> Iterator[x509.Certificate]:
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
