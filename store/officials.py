"""Officials: who they are, which credential is theirs now, and how they are found.

50,000 rows are searched with `LIKE` inside of the name: the list comes in order of the name's index and ends after one
page, and where nothing fits a scan of that many short texts still costs tens of milliseconds on either database.
"""

from datetime import datetime
from typing import Any, Final

from cryptography import x509
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    and_,
    false,
    insert,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from signer.model import SEAL_PREFIX, Credential, CredentialState, Signatory
from signer.people import OPEN, HolderKind, NumberHashes, Official, OfficialQuery, RegistrationState, StatusWord
from store.audit import Act, append
from store.base import table_of
from store.database import Database
from store.errors import IllegalMove
from store.people_tables import CredentialCertificateRow, OfficialRow, StaffRow
from store.tables import CredentialRow

_OFFICIALS: Final = table_of(OfficialRow)
_CERTIFICATES: Final = table_of(CredentialCertificateRow)
_O, _CREDENTIAL, _CERTIFICATE = _OFFICIALS.c, table_of(CredentialRow).c, _CERTIFICATES.c
_NAMES: Final = (_O.name, _O.organisation, _O.organisation_identifier, _O.unit, _O.surname)
_PAGE: Final = select(_O.signatory_id, *_NAMES, _O.registration_state, _O.credential_id, _O.folded_name)


class SqlOfficialStore:
    """`signer.ports.OfficialStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, signatory_id: str) -> Official | None:
        """One of them."""
        return self._one(_O.signatory_id == signatory_id)

    def find_by_number(self, *, nik: str | None = None, nip: str | None = None) -> Official | None:
        """By the keyed hash (hex) of one of the numbers; with neither, nobody."""
        if nik is not None:
            return self._one(_O.nik_hash == nik)
        return self._one(_O.nip_hash == nip) if nip is not None else None

    def know_by(self, signatory_id: str, numbers: NumberHashes, *, actor: str, at: datetime) -> None:
        """From now on an official without numbers is found by these; raises `IllegalMove` where that is nobody."""
        known = (
            update(_OFFICIALS)
            .where(_O.signatory_id == signatory_id, _O.nik_hash.is_(None), _O.nip_hash.is_(None))
            .values(nik_hash=numbers.nik, nip_hash=numbers.nip)
        )
        with self._database.transaction() as session:
            if session.scalar(known.returning(_O.signatory_id)) is None:
                raise IllegalMove("only an official who is registered without numbers gets some")
            append(session, Act.OFFICIAL_NUMBERS, f"official:{signatory_id}", at=at, actor=actor)

    def credential_of(self, serial: int) -> str | None:
        """The credential that a certificate belongs to, also one that ended; the newest where two issuers agree."""
        query = select(_CERTIFICATE.credential_id).where(_CERTIFICATE.serial == serial)
        with self._database.transaction() as session:
            return session.scalar(query.order_by(_CERTIFICATE.not_after.desc()).limit(1))

    def search(self, query: OfficialQuery, *, at: datetime) -> tuple[Official, ...]:
        """At most `query.limit`, by folded name, then id."""
        page = _searching(query, at)
        with self._database.transaction() as session:
            if query.serial is not None:  # looked up first: inside of the other statement it misleads planners
                named = select(_CERTIFICATE.signatory_id).where(_CERTIFICATE.serial == query.serial)
                page = page.where(_O.signatory_id.in_(session.scalars(named).all()))
            return tuple(_official(row) for row in session.execute(_with_credentials(page)))

    def _one(self, condition: ColumnElement[bool]) -> Official | None:
        with self._database.transaction() as session:
            row = session.execute(_with_credentials(_PAGE.where(condition))).one_or_none()
            return _official(row) if row else None


def holds_personal_numbers(database: Database) -> bool:
    """Whether anybody's NIK or NIP was ever hashed here, an official's or one of staff."""
    of_officials = select(_O.signatory_id).where(or_(_O.nik_hash.is_not(None), _O.nip_hash.is_not(None))).limit(1)
    with database.transaction() as session:
        return any(session.scalar(query) is not None for query in (select(StaffRow.id).limit(1), of_officials))


def of_kind(signatory_id: ColumnElement[str], kind: HolderKind) -> ColumnElement[bool]:
    """`signer.people.holder_kind` as SQL."""
    sealed = signatory_id.startswith(SEAL_PREFIX, autoescape=True)
    return sealed if kind is HolderKind.SEAL else ~sealed


def folded(text: str) -> str:
    """How names are compared: without case, and with single blanks."""
    return " ".join(text.casefold().split())


def cursor_of(official: Official) -> tuple[str, str]:
    """Where the page after `official` begins."""
    return folded(official.signatory.name), official.signatory.id


def _with_credentials(page: Select[Any]) -> Select[Any]:
    """The officials of `page`, each with the credential of today: joined to these few rows and to no other."""
    few = page.subquery("page")
    return (
        select(few, _CREDENTIAL.state, _CERTIFICATE.serial, _CERTIFICATE.not_after)
        .outerjoin(CredentialRow, _CREDENTIAL.id == few.c.credential_id)
        .outerjoin(CredentialCertificateRow, _CERTIFICATE.credential_id == few.c.credential_id)
        .order_by(few.c.folded_name, few.c.signatory_id)
    )


def _searching(query: OfficialQuery, at: datetime) -> Select[Any]:
    statement = _PAGE.order_by(_O.folded_name, _O.signatory_id).limit(query.limit)
    for word in folded(query.name or "").split():
        statement = statement.where(_O.folded_name.contains(word, autoescape=True))
    if query.unit:
        statement = statement.where(_O.folded_unit.contains(folded(query.unit), autoescape=True))
    if query.organisation:
        statement = statement.where(_O.folded_organisation.contains(folded(query.organisation), autoescape=True))
    if query.status is not None:
        statement = statement.where(_has_status(query.status, at))
    if query.signatory_id is not None:
        statement = statement.where(_O.signatory_id == query.signatory_id)
    if query.kind is not None:
        statement = statement.where(of_kind(_O.signatory_id, query.kind))
    if query.after is not None:
        statement = statement.where(tuple_(_O.folded_name, _O.signatory_id) > tuple_(*query.after))
    return statement


def _has_status(word: StatusWord, at: datetime) -> ColumnElement[bool]:
    """`signer.people.status_word` as SQL; a test holds the two together.

    What is common is asked row by row along the index of names until the page is full; what is rare comes from an
    index of its own.
    """
    none, registration = _O.credential_id.is_(None), _O.registration_state
    waits = registration.in_([each.value for each in OPEN])
    expired = and_(_in_state(CredentialState.ACTIVE, CredentialState.SUSPENDED), _until() < at)
    conditions: dict[StatusWord, ColumnElement[bool]] = {
        StatusWord.ISSUE: and_(_in_state(CredentialState.ACTIVE), _until() >= at),
        StatusWord.SUSPEND: and_(_of_rare(CredentialState.SUSPENDED), _until() >= at),
        StatusWord.REVOKE: _of_rare(CredentialState.REVOKED),
        StatusWord.EXPIRED: and_(_ended_before(at), expired, or_(registration.is_(None), ~waits)),
        StatusWord.RENEW: and_(_O.signatory_id.in_(_with_open_registration()), expired),
        StatusWord.NO_CERTIFICATE: _O.signatory_id.in_(_without_certificate()),
        StatusWord.WAITING_FOR_VERIFICATION: and_(none, registration == RegistrationState.PROPOSED.value),
        StatusWord.NEW: and_(none, or_(registration.is_(None), registration == RegistrationState.REJECTED.value)),
        StatusWord.NOT_REGISTERED: false(),
    }
    return conditions[word]


def _with_open_registration() -> Select[Any]:
    other = _OFFICIALS.alias("other").c
    return select(other.signatory_id).where(other.registration_state.in_([each.value for each in OPEN]))


def _without_certificate() -> CompoundSelect[Any]:
    """Two look-ups, each by its index: joined by OR they would cost a walk through everybody."""
    other = _OFFICIALS.alias("other").c
    certified = (RegistrationState.APPROVED.value, RegistrationState.COMPLETED.value)
    awaited = select(_CREDENTIAL.id).where(_CREDENTIAL.state == CredentialState.AWAITING_CERTIFICATE.value)
    return union_all(
        select(other.signatory_id).where(other.credential_id.in_(awaited)),
        select(other.signatory_id).where(other.registration_state.in_(certified), other.credential_id.is_(None)),
    )


def _in_state(*states: CredentialState) -> ColumnElement[bool]:
    state = select(_CREDENTIAL.state).where(_CREDENTIAL.id == _O.credential_id).scalar_subquery()
    return state.in_([each.value for each in states])


def _until() -> ColumnElement[Any]:
    return select(_CERTIFICATE.not_after).where(_CERTIFICATE.credential_id == _O.credential_id).scalar_subquery()


def _of_rare(state: CredentialState) -> ColumnElement[bool]:
    return _O.credential_id.in_(select(_CREDENTIAL.id).where(_CREDENTIAL.state == state.value))


def _ended_before(at: datetime) -> ColumnElement[bool]:
    return _O.credential_id.in_(select(_CERTIFICATE.credential_id).where(_CERTIFICATE.not_after < at))


def forget_retired(session: Session, credential_id: str) -> None:
    """A retired credential without a newer one is nobody's current one."""
    session.execute(update(_OFFICIALS).where(_O.credential_id == credential_id).values(credential_id=None))


def remember_credential(session: Session, credential: Credential, *, at: datetime) -> None:
    """Its certificate becomes findable, and it becomes its signatory's current one, who is known from now on.

    One that still waits for its certificate becomes current only where there is no other.
    """
    who = credential.signatory
    if credential.chain:
        remember_certificate(session, credential.id, who.id, credential.certificate)
    values = {**_columns(who), "credential_id": credential.id}
    known = session.execute(select(_O.credential_id).where(_O.signatory_id == who.id)).one_or_none()
    if known is None:
        session.execute(insert(_OFFICIALS).values(signatory_id=who.id, created_at=at, **values))
    elif credential.chain or known.credential_id is None:
        session.execute(update(_OFFICIALS).where(_O.signatory_id == who.id).values(values))


def remember_certificate(
    session: Session, credential_id: str, signatory_id: str, certificate: x509.Certificate
) -> None:
    """Which credential a certificate belongs to."""
    session.execute(
        insert(_CERTIFICATES).values(
            serial=certificate.serial_number,
            credential_id=credential_id,
            signatory_id=signatory_id,
            not_after=certificate.not_valid_after_utc,
        )
    )


def remember_official(session: Session, who: Signatory, *, at: datetime, **more: str | None) -> None:
    """A registered official: new, or with what is new about them in `more`."""
    known = session.scalar(select(_O.signatory_id).where(_O.signatory_id == who.id))
    if known is None:
        session.execute(insert(_OFFICIALS).values(signatory_id=who.id, created_at=at, **_columns(who), **more))
    else:
        given = {name: value for name, value in more.items() if value is not None}
        session.execute(update(_OFFICIALS).where(_O.signatory_id == who.id).values(given))


def _columns(who: Signatory) -> dict[str, str | None]:
    return {
        "name": who.name,
        "organisation": who.organisation,
        "organisation_identifier": who.organisation_identifier,
        "unit": who.unit,
        "surname": who.surname,
        "folded_name": folded(who.name),
        "folded_unit": folded(who.unit or ""),
        "folded_organisation": folded(who.organisation),
    }


def _signatory(row: Row[Any], name: str) -> Signatory:
    return Signatory(
        id=row.signatory_id,
        name=name,
        organisation=row.organisation,
        organisation_identifier=row.organisation_identifier,
        unit=row.unit,
        surname=row.surname,
    )


def _official(row: Row[Any]) -> Official:
    return Official(
        signatory=_signatory(row, row.name),
        registration=RegistrationState(row.registration_state) if row.registration_state else None,
        credential_id=row.credential_id,
        credential_state=CredentialState(row.state) if row.state else None,
        serial=row.serial,
        not_after=row.not_after,
    )
