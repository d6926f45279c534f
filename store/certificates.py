"""Certificates, CRLs and timestamps: the only code that writes their rows.

    reserved -> prepared -> issued -> revoked        issued <-> held -> revoked        reserved | prepared -> abandoned

`CertificateState.may_become` says which moves exist. Each is one conditional UPDATE on the state that it leads from, so
of two that try at once one finds no row.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import and_, bindparam, func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from ca.errors import LogRefused, RevocationRefused
from ca.model import RESPONDERS, CertificateState, IssuedCertificate, PublishedCrl, RevokedEntry, TimestampRecord
from signer.events import EventType
from store.audit import Act, Detail, Outcome, append, without_personal_numbers
from store.base import table_of
from store.database import Database
from store.errors import AlreadyExists
from store.events import tell_of_certificate
from store.ocsp_answers import forget
from store.tables import CertificateRow, CrlRow, TimestampRow

RESERVED, PREPARED, ISSUED, HELD, REVOKED, ABANDONED = CertificateState

_CERTIFICATES: Final = table_of(CertificateRow)
_RESERVE: Final = insert(_CERTIFICATES)
_MOVE: Final = (
    update(_CERTIFICATES)
    .where(_CERTIFICATES.c.issuer_id == bindparam("issuer"), _CERTIFICATES.c.serial == bindparam("number"))
    .where(_CERTIFICATES.c.state == bindparam("origin"))
    .returning(_CERTIFICATES.c.serial)
)
_WORST: Final = "key_compromise"
_NAMED: Final = and_(_CERTIFICATES.c.issuer_id == bindparam("issuer"), _CERTIFICATES.c.serial == bindparam("number"))
_REASON: Final = select(_CERTIFICATES.c.reason).where(_NAMED)
_RAISE: Final = (
    update(_CERTIFICATES)
    .where(_NAMED, _CERTIFICATES.c.state == REVOKED.value, _CERTIFICATES.c.reason.is_distinct_from(_WORST))
    .values(reason=_WORST, invalidity_date=bindparam("invalid_since"))
    .returning(_CERTIFICATES.c.serial)
)
_STAMP: Final = insert(table_of(TimestampRow))
_PUBLISH: Final = insert(table_of(CrlRow))
_NEXT_NUMBER: Final = text(  # the same words on both databases; one statement, so two askers get two numbers
    "INSERT INTO crl_numbers (issuer_id, number) VALUES (:issuer_id, 1)"
    " ON CONFLICT (issuer_id) DO UPDATE SET number = crl_numbers.number + 1 RETURNING number"
)


class SqlCertificateLog:
    """`ca.ports.CertificateLog`. A serial number that an issuer ever used is never used again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, *, serial: int, issuer_id: str, profile: str, subject: str, actor: str, at: datetime) -> None:
        """A new row, `reserved`; raises `LogRefused` for a serial that this issuer ever used."""
        row = {"issuer_id": issuer_id, "serial": serial, "profile": profile, "subject": subject}
        with _unused("this serial number was used before"), self._database.transaction() as session:
            session.execute(_RESERVE, {**row, "state": RESERVED.value, "reserved_at": at})
            _note(session, Act.CERTIFICATE_RESERVE, issuer_id, serial, at=at, actor=actor, details={"profile": profile})

    def record_intent(self, *, serial: int, issuer_id: str, tbs: bytes, linters: str, at: datetime) -> None:
        """`reserved -> prepared`, with the to-be-signed bytes; raises `LogRefused` from elsewhere."""
        digest = hashlib.sha256(tbs).hexdigest()
        values = {"tbs": tbs, "tbs_sha256": digest, "linters": linters}
        with self._database.transaction() as session:
            _move(session, issuer_id, serial, RESERVED, PREPARED, **values)
            details = {"tbs_sha256": digest, "linters": linters}
            _note(session, Act.CERTIFICATE_PREPARE, issuer_id, serial, at=at, details=details)

    def record_issued(self, *, serial: int, issuer_id: str, certificate: x509.Certificate, at: datetime) -> None:
        """`prepared -> issued`; raises `LogRefused` from elsewhere and for a certificate of another serial."""
        if certificate.serial_number != serial:
            raise LogRefused("the certificate carries another serial number than the one that was reserved")
        der = certificate.public_bytes(Encoding.DER)
        spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        values = {
            "der": der,
            "spki_sha256": hashlib.sha256(spki).hexdigest(),
            "not_before": certificate.not_valid_before_utc,
            "not_after": certificate.not_valid_after_utc,
        }
        with self._database.transaction() as session:
            _move(session, issuer_id, serial, PREPARED, ISSUED, **values)
            details = {"sha256": hashlib.sha256(der).hexdigest()}
            _note(session, Act.CERTIFICATE_ISSUE, issuer_id, serial, at=at, details=details)

    def abandon(self, *, serial: int, issuer_id: str, why: str, at: datetime) -> None:
        """`reserved | prepared -> abandoned`; raises `LogRefused` from elsewhere."""
        with self._database.transaction() as session:
            if not _abandon(session, issuer_id, serial, why=why, at=at):
                raise LogRefused("only what is reserved or prepared can be abandoned")

    def abandon_stale(self, *, before: datetime, at: datetime) -> int:
        """Abandon what was reserved before `before` and never issued; returns how many."""
        stale = select(CertificateRow.issuer_id, CertificateRow.serial).where(
            CertificateRow.state.in_((RESERVED.value, PREPARED.value)), CertificateRow.reserved_at < before
        )
        with self._database.transaction() as session:
            rows = session.execute(stale).all()  # some of them may go on before their turn comes
            return sum(_abandon(session, *row, why="interrupted", at=at) for row in rows)

    def revoke(
        self,
        *,
        serial: int,
        issuer_id: str,
        reason: x509.ReasonFlags | None,
        invalidity_date: datetime | None,
        actor: str,
        at: datetime,
    ) -> IssuedCertificate:
        """`issued | held -> revoked`; a hold keeps its date as the date of revocation, with the new reason.

        Revoking again changes nothing and returns the row as it is; the trail says so. Raises `RevocationRefused`
        for a serial that was never issued.
        """
        word = reason.name if reason else None
        values = {"reason": word, "invalidity_date": invalidity_date}
        with self._database.transaction() as session:
            moved = _try_move(session, issuer_id, serial, ISSUED, REVOKED, revoked_at=at, **values) or _try_move(
                session, issuer_id, serial, HELD, REVOKED, **values
            )
            row = _find(session, issuer_id, serial)
            forget(session, issuer_id, serial)
            final = row is not None and row.state is REVOKED
            outcome = Outcome.DONE if moved else Outcome.UNCHANGED if final else Outcome.REFUSED
            _note(session, Act.CERTIFICATE_REVOKE, issuer_id, serial, at=at, actor=actor, outcome=outcome, reason=word)
            if moved:
                tell_of_certificate(session, EventType.CERTIFICATE_REVOKED, serial, at=at)
        if row is None or not final:
            raise RevocationRefused("This serial number was never issued.", field="serial", reason="never-issued")
        return row

    def hold(self, *, serial: int, issuer_id: str, actor: str, at: datetime) -> IssuedCertificate:
        """`issued -> held` since `at`. Holding again changes nothing, and the trail says so.

        Raises `RevocationRefused` for a serial that was never issued, and for one that is revoked for good.
        """
        values = {"revoked_at": at, "reason": x509.ReasonFlags.certificate_hold.name, "invalidity_date": None}
        with self._database.transaction() as session:
            moved = _try_move(session, issuer_id, serial, ISSUED, HELD, **values)
            row = _find(session, issuer_id, serial)
            forget(session, issuer_id, serial)
            held = row is not None and row.state is HELD
            outcome = Outcome.DONE if moved else Outcome.UNCHANGED if held else Outcome.REFUSED
            _note(session, Act.CERTIFICATE_HOLD, issuer_id, serial, at=at, actor=actor, outcome=outcome)
        if row is None or not held:
            raise RevocationRefused(
                "Only an issued certificate can be put on hold; this one is revoked, or was never issued.",
                field="serial",
                reason="not-issued",
            )
        return row

    def release(self, *, serial: int, issuer_id: str, actor: str, at: datetime) -> IssuedCertificate:
        """`held -> issued`, as if the hold had never been; raises `RevocationRefused` for what is not held."""
        nothing = {"revoked_at": None, "reason": None, "invalidity_date": None}
        with self._database.transaction() as session:
            moved = _try_move(session, issuer_id, serial, HELD, ISSUED, **nothing)
            row = _find(session, issuer_id, serial)
            forget(session, issuer_id, serial)
            outcome = Outcome.DONE if moved else Outcome.REFUSED
            _note(session, Act.CERTIFICATE_RELEASE, issuer_id, serial, at=at, actor=actor, outcome=outcome)
        if row is None or not moved:
            raise RevocationRefused("Only a certificate on hold can be released.", field="serial", reason="not-held")
        return row

    def raise_to_key_compromise(
        self, *, serial: int, issuer_id: str, invalidity_date: datetime | None, actor: str, at: datetime
    ) -> IssuedCertificate:
        """The reason of what is revoked becomes keyCompromise; its time stays. Raised again, nothing changes.

        Raises `RevocationRefused` for what is not revoked.
        """
        given = {"issuer": issuer_id, "number": serial, "invalid_since": invalidity_date}
        with self._database.transaction() as session:
            before = session.scalar(_REASON, given)
            raised = session.scalar(_RAISE, given) is not None
            row = _find(session, issuer_id, serial)
            forget(session, issuer_id, serial)
            final = row is not None and row.state is REVOKED
            _note(
                session,
                Act.CERTIFICATE_REVOKE,
                issuer_id,
                serial,
                at=at,
                actor=actor,
                outcome=Outcome.DONE if raised else Outcome.UNCHANGED if final else Outcome.REFUSED,
                reason=_WORST,
                details={"raised_from": before},
            )
        if row is None or not final:
            raise RevocationRefused("Only of a revoked certificate.", field="serial", reason="not-revoked")
        return row

    def find(self, *, serial: int, issuer_id: str) -> IssuedCertificate | None:
        """The row as it stands, also when only reserved. Of the abandoned, an *intent* has a time of revocation."""
        with self._database.transaction() as session:
            return _find(session, issuer_id, serial)

    def of_key(self, spki_sha256: str) -> IssuedCertificate | None:
        """The certificate of this public key, whatever its state; a key is certified once."""
        query = select(CertificateRow.issuer_id, CertificateRow.serial).where(CertificateRow.spki_sha256 == spki_sha256)
        with self._database.transaction() as session:
            found = session.execute(query.limit(1)).one_or_none()
            return _find(session, *found) if found else None

    def is_key_known(self, spki_sha256: str) -> bool:
        """Whether this public key (SHA-256 of its SubjectPublicKeyInfo, hex) was ever certified here."""
        query = select(CertificateRow.serial).where(CertificateRow.spki_sha256 == spki_sha256).limit(1)
        with self._database.transaction() as session:
            return session.scalar(query) is not None

    def standing(self, issuer_id: str, *, at: datetime) -> bool:
        """Whether anything but an OCSP responder's certificate is valid at `at`, or in the making."""
        row = CertificateRow
        states = [each.value for each in (CertificateState.ISSUED, CertificateState.HELD)]
        making = [each.value for each in (CertificateState.RESERVED, CertificateState.PREPARED)]
        valid = and_(row.state.in_(states), row.not_after > at, ~row.profile.startswith(RESPONDERS, autoescape=True))
        query = select(row.serial).where(row.issuer_id == issuer_id, or_(row.state.in_(making), valid)).limit(1)
        with self._database.transaction() as session:
            return session.scalar(query) is not None

    def revoked(self, issuer_id: str) -> Iterable[RevokedEntry]:
        """What belongs on the CRL of `issuer_id`, sorted by serial: revoked, held, and abandoned intents."""
        row = CertificateRow
        query = (
            select(row.serial, row.revoked_at, row.reason, row.invalidity_date)
            .where(row.issuer_id == issuer_id, row.revoked_at.is_not(None))
            .order_by(row.serial)
        )
        with self._database.transaction() as session:
            return [
                RevokedEntry(serial=serial, revoked_at=since, reason=_reason(word), invalidity_date=invalid)
                for serial, since, word, invalid in session.execute(query)
                if since is not None
            ]


class SqlCrlStore:
    """`ca.ports.CrlStore`: every CRL stays, the one with the highest number is current."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def next_number(self, issuer_id: str) -> int:
        """The next cRLNumber, from 1; a number that is then not used is a gap, which RFC 5280 (5.2.3) allows."""
        with self._database.transaction() as session:
            return int(session.execute(_NEXT_NUMBER, {"issuer_id": issuer_id}).scalar_one())

    def publish(self, crl: PublishedCrl, *, at: datetime) -> None:
        """Store it under its number; readers see it from the commit on. Raises `LogRefused` for a used number."""
        row = {name: getattr(crl, name) for name in _CRL_FIELDS}
        with _unused("a CRL of this number was published before"), self._database.transaction() as session:
            session.execute(_PUBLISH, row)
            details: dict[str, Detail] = {"number": crl.number, "sha256": crl.sha256}
            append(session, Act.CRL_PUBLISH, f"issuer:{crl.issuer_id}", at=at, details=details)

    def current(self, issuer_id: str) -> PublishedCrl | None:
        """The newest one, or `None` before the first."""
        query = select(CrlRow).where(CrlRow.issuer_id == issuer_id).order_by(CrlRow.number.desc()).limit(1)
        with self._database.transaction() as session:
            row = session.scalar(query)
            return PublishedCrl(**{name: getattr(row, name) for name in _CRL_FIELDS}) if row else None


class SqlTimestampLog:
    """`ca.ports.TimestampLog`: no token without a row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, record: TimestampRecord) -> None:
        """Before the token is released; raises `LogRefused` for a used serial number."""
        row = {name: getattr(record, name) for name in TimestampRecord.__dataclass_fields__}
        with _unused("a timestamp of this serial number was made before"), self._database.transaction() as session:
            session.execute(_STAMP, row)
            details: dict[str, Detail] = {"tsu": record.tsu_id, "imprint": record.imprint.hex()}
            append(session, Act.TIMESTAMP, f"timestamp:{record.serial:020x}", at=record.gen_time, details=details)

    def count(self, tsu_id: str) -> int:
        """How many tokens that unit has made."""
        query = select(func.count()).select_from(TimestampRow).where(TimestampRow.tsu_id == tsu_id)
        with self._database.transaction() as session:
            return session.scalar(query) or 0


_CRL_FIELDS: Final = tuple(PublishedCrl.__dataclass_fields__)


@contextmanager
def _unused(otherwise: str) -> Iterator[None]:
    """The ports' word for a taken key."""
    try:
        yield
    except AlreadyExists:
        raise LogRefused(otherwise) from None


def _try_move(
    session: Session, issuer_id: str, serial: int, origin: CertificateState, state: CertificateState, **values: Any
) -> bool:
    """Whether the row stood in `origin`, and therefore stands in `state` now. Only moves that exist are tried."""
    if not origin.may_become(state):
        raise LogRefused(f"{origin.value} does not become {state.value}")
    move = {"issuer": issuer_id, "number": serial, "origin": origin.value, "state": state.value, **values}
    return session.scalar(_MOVE, move) is not None


def _move(
    session: Session, issuer_id: str, serial: int, origin: CertificateState, state: CertificateState, **values: Any
) -> None:
    if not _try_move(session, issuer_id, serial, origin, state, **values):
        raise LogRefused(f"this serial number is not {origin.value}, so it does not become {state.value}")


def _abandon(session: Session, issuer_id: str, serial: int, *, why: str, at: datetime) -> bool:
    """An intent goes on the CRL, because a signature under it may exist somewhere; a mere reservation does not."""
    reservation = _try_move(session, issuer_id, serial, RESERVED, ABANDONED)
    intent = not reservation and _try_move(session, issuer_id, serial, PREPARED, ABANDONED, revoked_at=at)
    if not reservation and not intent:
        return False
    reason = without_personal_numbers(why)  # it may quote what was refused
    _note(session, Act.CERTIFICATE_ABANDON, issuer_id, serial, at=at, reason=reason, details={"intent": intent})
    return True


def _note(session: Session, act: Act, issuer_id: str, serial: int, **entry: Any) -> None:
    append(session, act, f"certificate:{issuer_id}/{serial:020x}", **entry)


def _find(session: Session, issuer_id: str, serial: int) -> IssuedCertificate | None:
    row = session.get(CertificateRow, (issuer_id, serial))
    if row is None:
        return None
    return IssuedCertificate(
        serial=row.serial,
        issuer_id=row.issuer_id,
        profile=row.profile,
        state=CertificateState(row.state),
        der=row.der,
        subject=row.subject,
        spki_sha256=row.spki_sha256,
        not_before=row.not_before,
        not_after=row.not_after,
        revoked_at=row.revoked_at,
        reason=_reason(row.reason),
        invalidity_date=row.invalidity_date,
    )


def _reason(word: str | None) -> x509.ReasonFlags | None:
    return None if word is None else x509.ReasonFlags[word]
