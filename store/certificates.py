"""Certificates, CRLs and timestamps: the only code that writes their rows (PKI reference, 4, 5, 6 and 8).

    reserved -> prepared -> issued -> revoked        issued <-> held -> revoked        reserved | prepared -> abandoned

Every move is one conditional UPDATE on the states it leads from; no row changed means that there is no such move.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from ca.errors import RevocationRefused
from ca.model import CertificateState, IssuedCertificate, PublishedCrl, RevokedEntry, TimestampRecord
from store.audit import Act, Detail, Outcome, append
from store.database import Database
from store.errors import IllegalMove
from store.tables import CertificateRow, CrlRow, TimestampRow

RESERVED, PREPARED, ISSUED, HELD, REVOKED, ABANDONED = CertificateState

_NOT_REASONS: Final = {
    x509.ReasonFlags.certificate_hold: "A hold is reversible and a revocation is not: hold the certificate instead.",
    x509.ReasonFlags.remove_from_crl: "This reason exists in delta CRLs only.",
    x509.ReasonFlags.unspecified: "Leave the reason out: `unspecified` is never encoded.",
}
_NEXT_NUMBER: Final = text(  # the same words on both databases; one statement, so two askers get two numbers
    "INSERT INTO crl_numbers (issuer_id, number) VALUES (:issuer_id, 1)"
    " ON CONFLICT (issuer_id) DO UPDATE SET number = crl_numbers.number + 1 RETURNING number"
)


class SqlCertificateLog:
    """`ca.ports.CertificateLog`, and the hold. A serial number belongs to one issuer for good."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, *, serial: int, issuer_id: str, profile: str, subject: str, actor: str, at: datetime) -> None:
        """A new row, `reserved`; raises `AlreadyExists` for a serial that this issuer ever used."""
        row = {"issuer_id": issuer_id, "serial": serial, "profile": profile, "subject": subject}
        with self._database.transaction() as session:
            session.execute(insert(CertificateRow).values(**row, state=RESERVED.value, moved_at=at))
            _note(session, Act.CERTIFICATE_RESERVE, issuer_id, serial, at=at, actor=actor, details={"profile": profile})

    def record_intent(self, *, serial: int, issuer_id: str, tbs: bytes, linters: str, at: datetime) -> None:
        """`reserved -> prepared`, with the to-be-signed bytes; raises `IllegalMove` from elsewhere."""
        digest = hashlib.sha256(tbs).hexdigest()
        values = {"tbs": tbs, "tbs_sha256": digest, "linters": linters}
        with self._database.transaction() as session:
            _move(session, issuer_id, serial, (RESERVED,), PREPARED, at=at, **values)
            details = {"tbs_sha256": digest, "linters": linters}
            _note(session, Act.CERTIFICATE_PREPARE, issuer_id, serial, at=at, details=details)

    def record_issued(self, *, serial: int, issuer_id: str, certificate: x509.Certificate, at: datetime) -> None:
        """`prepared -> issued`; raises `IllegalMove` from elsewhere and for a certificate of another serial."""
        if certificate.serial_number != serial:
            raise IllegalMove("the certificate carries another serial number than the one that was reserved")
        der = certificate.public_bytes(Encoding.DER)
        spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        values = {
            "der": der,
            "spki_sha256": hashlib.sha256(spki).hexdigest(),
            "not_before": certificate.not_valid_before_utc,
            "not_after": certificate.not_valid_after_utc,
        }
        with self._database.transaction() as session:
            _move(session, issuer_id, serial, (PREPARED,), ISSUED, at=at, **values)
            details = {"sha256": hashlib.sha256(der).hexdigest()}
            _note(session, Act.CERTIFICATE_ISSUE, issuer_id, serial, at=at, details=details)

    def abandon(self, *, serial: int, issuer_id: str, why: str, at: datetime) -> None:
        """`reserved | prepared -> abandoned`; raises `IllegalMove` from elsewhere."""
        with self._database.transaction() as session:
            if not _abandon(session, issuer_id, serial, why=why, at=at):
                raise IllegalMove("only what is reserved or prepared can be abandoned")

    def abandon_stale(self, *, before: datetime, at: datetime) -> int:
        """Abandon each row that became `reserved` or `prepared` before `before`; returns how many."""
        stale = select(CertificateRow.issuer_id, CertificateRow.serial).where(
            CertificateRow.state.in_((RESERVED.value, PREPARED.value)), CertificateRow.moved_at < before
        )
        with self._database.transaction() as session:
            rows = session.execute(stale).all()
            return sum(_abandon(session, *row, why="stale", at=at) for row in rows)  # some may have gone on meanwhile

    def hold(self, *, serial: int, issuer_id: str, actor: str, at: datetime) -> IssuedCertificate:
        """`issued -> held`: on the CRL as certificateHold from now on; raises `RevocationRefused` from elsewhere."""
        values = {"revoked_at": at, "reason": x509.ReasonFlags.certificate_hold.name}
        with self._database.transaction() as session:
            moved = _try_move(session, issuer_id, serial, (ISSUED,), HELD, at=at, **values)
            row = _find(session, issuer_id, serial)
            _note(session, Act.CERTIFICATE_HOLD, issuer_id, serial, at=at, actor=actor, outcome=_outcome(moved))
        if not moved or row is None:
            raise RevocationRefused("Only an issued certificate can be held.", field="serial", reason="not-issued")
        return row

    def release(self, *, serial: int, issuer_id: str, actor: str, at: datetime) -> IssuedCertificate:
        """`held -> issued`: off the next CRL; raises `RevocationRefused` from elsewhere."""
        values = {"revoked_at": None, "reason": None, "invalidity_date": None}
        with self._database.transaction() as session:
            moved = _try_move(session, issuer_id, serial, (HELD,), ISSUED, at=at, **values)
            row = _find(session, issuer_id, serial)
            _note(session, Act.CERTIFICATE_RELEASE, issuer_id, serial, at=at, actor=actor, outcome=_outcome(moved))
        if not moved or row is None:
            raise RevocationRefused("Only a held certificate can be released.", field="serial", reason="not-held")
        return row

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
        for a serial that was never issued, and for a reason that no revocation can have.
        """
        if reason in _NOT_REASONS:
            raise RevocationRefused(_NOT_REASONS[reason], field="reason", reason="reason-not-allowed")
        word = reason.name if reason else None
        values = {
            "revoked_at": func.coalesce(CertificateRow.revoked_at, at),
            "reason": word,
            "invalidity_date": invalidity_date,
        }
        with self._database.transaction() as session:
            moved = _try_move(session, issuer_id, serial, (ISSUED, HELD), REVOKED, at=at, **values)
            row = _find(session, issuer_id, serial)
            final = row is not None and row.state is REVOKED
            outcome = Outcome.UNCHANGED if final and not moved else _outcome(moved)
            _note(session, Act.CERTIFICATE_REVOKE, issuer_id, serial, at=at, actor=actor, outcome=outcome, reason=word)
        if row is None or not final:
            raise RevocationRefused("This serial number was never issued.", field="serial", reason="never-issued")
        return row

    def find(self, *, serial: int, issuer_id: str) -> IssuedCertificate | None:
        """The row as it stands, also when only reserved. Of the abandoned, an *intent* has a time of revocation."""
        with self._database.transaction() as session:
            return _find(session, issuer_id, serial)

    def is_key_known(self, spki_sha256: str) -> bool:
        """Whether this public key (SHA-256 of its SubjectPublicKeyInfo, hex) was ever certified here."""
        query = select(CertificateRow.serial).where(CertificateRow.spki_sha256 == spki_sha256).limit(1)
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
        """Store it under its number; readers see it from the commit on. Raises `AlreadyExists` for a used number."""
        row = {name: getattr(crl, name) for name in _CRL_FIELDS}
        with self._database.transaction() as session:
            session.execute(insert(CrlRow).values(**row))
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
        """Before the token is released; raises `AlreadyExists` for a used serial number."""
        row = {name: getattr(record, name) for name in TimestampRecord.__dataclass_fields__}
        with self._database.transaction() as session:
            session.execute(insert(TimestampRow).values(**row))
            details: dict[str, Detail] = {"tsu": record.tsu_id, "imprint": record.imprint.hex()}
            append(session, Act.TIMESTAMP, f"timestamp:{record.serial:x}", at=record.gen_time, details=details)


_CRL_FIELDS: Final = tuple(PublishedCrl.__dataclass_fields__)


def _try_move(
    session: Session,
    issuer_id: str,
    serial: int,
    origins: tuple[CertificateState, ...],
    state: CertificateState,
    *,
    at: datetime,
    **values: Any,
) -> bool:
    """Whether the row stood in one of `origins`, and therefore stands in `state` now."""
    moved = session.scalar(
        update(CertificateRow)
        .where(CertificateRow.issuer_id == issuer_id, CertificateRow.serial == serial)
        .where(CertificateRow.state.in_([origin.value for origin in origins]))
        .values(state=state.value, moved_at=at, **values)
        .returning(CertificateRow.serial)
    )
    return moved is not None


def _move(
    session: Session,
    issuer_id: str,
    serial: int,
    origins: tuple[CertificateState, ...],
    state: CertificateState,
    *,
    at: datetime,
    **values: Any,
) -> None:
    if not _try_move(session, issuer_id, serial, origins, state, at=at, **values):
        raise IllegalMove(f"no move to {state.value} from where this serial number stands")


def _abandon(session: Session, issuer_id: str, serial: int, *, why: str, at: datetime) -> bool:
    """An intent goes on the CRL, because a signature under it may exist somewhere; a mere reservation does not."""
    intent = _try_move(session, issuer_id, serial, (PREPARED,), ABANDONED, at=at, revoked_at=at)
    if not intent and not _try_move(session, issuer_id, serial, (RESERVED,), ABANDONED, at=at):
        return False
    _note(session, Act.CERTIFICATE_ABANDON, issuer_id, serial, at=at, reason=why, details={"intent": intent})
    return True


def _note(session: Session, act: Act, issuer_id: str, serial: int, **entry: Any) -> None:
    append(session, act, f"certificate:{issuer_id}/{serial:x}", **entry)


def _outcome(done: bool) -> Outcome:
    return Outcome.DONE if done else Outcome.REFUSED


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
