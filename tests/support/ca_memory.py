"""The certificate log, CRL store and timestamp log of `ca.ports`, kept in memory and true to the letter.

They pass the same behaviour tests as the SQL stores (`tests/support/ca_log_contract.py`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.errors import LogRefused, RevocationRefused
from ca.key_policy import spki_sha256
from ca.model import (
    RESPONDERS,
    CertificateState,
    IssuedCertificate,
    KeptAnswer,
    PresignedAnswer,
    PublishedCrl,
    RevokedEntry,
    TimestampRecord,
)

Key = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One act, as the audit trail would keep it."""

    act: str
    serial: int
    detail: str
    at: datetime


@dataclass
class MemoryCertificateLog:
    """A `CertificateLog`. `audit` and `intents` show a test what was written."""

    rows: dict[Key, IssuedCertificate] = field(default_factory=dict)
    reserved_at: dict[Key, datetime] = field(default_factory=dict)
    intents: dict[Key, bytes] = field(default_factory=dict)
    audit: list[AuditLine] = field(default_factory=list)

    def reserve(self, *, serial: int, issuer_id: str, profile: str, subject: str, actor: str, at: datetime) -> None:
        if (issuer_id, serial) in self.rows:
            raise LogRefused(f"serial {serial:x} of {issuer_id} was used before")
        self.rows[issuer_id, serial] = IssuedCertificate(
            serial=serial,
            issuer_id=issuer_id,
            profile=profile,
            state=CertificateState.RESERVED,
            der=None,
            subject=subject,
            spki_sha256=None,
            not_before=None,
            not_after=None,
        )
        self.reserved_at[issuer_id, serial] = at
        self.audit.append(AuditLine(act="reserve", serial=serial, detail=actor, at=at))

    def record_intent(self, *, serial: int, issuer_id: str, tbs: bytes, linters: str, at: datetime) -> None:
        self._move(issuer_id, serial, CertificateState.PREPARED)
        self.intents[issuer_id, serial] = tbs
        self.audit.append(AuditLine(act="record_intent", serial=serial, detail=linters, at=at))

    def record_issued(self, *, serial: int, issuer_id: str, certificate: x509.Certificate, at: datetime) -> None:
        self._move(
            issuer_id,
            serial,
            CertificateState.ISSUED,
            der=certificate.public_bytes(Encoding.DER),
            spki_sha256=spki_sha256(certificate.public_key()),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
        )
        self.audit.append(AuditLine(act="record_issued", serial=serial, detail="", at=at))

    def abandon(self, *, serial: int, issuer_id: str, why: str, at: datetime) -> None:
        row = self._row(issuer_id, serial)
        since = at if row.state is CertificateState.PREPARED else None
        self._move(issuer_id, serial, CertificateState.ABANDONED, revoked_at=since)
        self.audit.append(AuditLine(act="abandon", serial=serial, detail=why, at=at))

    def abandon_stale(self, *, before: datetime, at: datetime) -> int:
        open_states = (CertificateState.RESERVED, CertificateState.PREPARED)
        stale = [key for key, row in self.rows.items() if row.state in open_states and self.reserved_at[key] < before]
        for issuer_id, serial in stale:
            self.abandon(serial=serial, issuer_id=issuer_id, why="interrupted", at=at)
        return len(stale)

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
        row = self.rows.get((issuer_id, serial))
        if row is None or row.state not in (
            CertificateState.ISSUED,
            CertificateState.HELD,
            CertificateState.REVOKED,
        ):
            raise RevocationRefused("no certificate was issued under this number", field="serial", reason="unknown")
        if row.state is CertificateState.REVOKED:
            return row
        since = row.revoked_at if row.state is CertificateState.HELD else at
        self._move(
            issuer_id,
            serial,
            CertificateState.REVOKED,
            revoked_at=since,
            reason=reason,
            invalidity_date=invalidity_date,
        )
        self.audit.append(AuditLine(act="revoke", serial=serial, detail=actor, at=at))
        return self.rows[issuer_id, serial]

    def hold(self, *, serial: int, issuer_id: str, actor: str, at: datetime) -> IssuedCertificate:
        row = self.rows.get((issuer_id, serial))
        if row is None or row.state not in (CertificateState.ISSUED, CertificateState.HELD):
            raise RevocationRefused("only what is issued is put on hold", field="serial", reason="not-issued")
        if row.state is CertificateState.ISSUED:
            reason = x509.ReasonFlags.certificate_hold
            self._move(issuer_id, serial, CertificateState.HELD, revoked_at=at, reason=reason)
            self.audit.append(AuditLine(act="hold", serial=serial, detail=actor, at=at))
        return self.rows[issuer_id, serial]

    def release(self, *, serial: int, issuer_id: str, actor: str, at: datetime) -> IssuedCertificate:
        row = self.rows.get((issuer_id, serial))
        if row is None or row.state is not CertificateState.HELD:
            raise RevocationRefused("only what is on hold is released", field="serial", reason="not-held")
        nothing = {"revoked_at": None, "reason": None, "invalidity_date": None}
        self._move(issuer_id, serial, CertificateState.ISSUED, **nothing)
        self.audit.append(AuditLine(act="release", serial=serial, detail=actor, at=at))
        return self.rows[issuer_id, serial]

    def raise_to_key_compromise(
        self, *, serial: int, issuer_id: str, invalidity_date: datetime | None, actor: str, at: datetime
    ) -> IssuedCertificate:
        row = self.rows.get((issuer_id, serial))
        if row is None or row.state is not CertificateState.REVOKED:
            raise RevocationRefused("only of what is revoked", field="serial", reason="not-revoked")
        worst = x509.ReasonFlags.key_compromise
        if row.reason is not worst:
            self.rows[issuer_id, serial] = replace(row, reason=worst, invalidity_date=invalidity_date)
            self.audit.append(AuditLine(act="raise", serial=serial, detail=actor, at=at))
        return self.rows[issuer_id, serial]

    def find(self, *, serial: int, issuer_id: str) -> IssuedCertificate | None:
        return self.rows.get((issuer_id, serial))

    def of_key(self, spki_sha256: str) -> IssuedCertificate | None:
        return next((row for row in self.rows.values() if row.spki_sha256 == spki_sha256), None)

    def is_key_known(self, spki_sha256: str) -> bool:
        return any(row.spki_sha256 == spki_sha256 for row in self.rows.values())

    def standing(self, issuer_id: str, *, at: datetime) -> bool:
        mine = (row for (issuer, _), row in self.rows.items() if issuer == issuer_id)
        states = (CertificateState.ISSUED, CertificateState.HELD)
        return any(
            row.state in (CertificateState.RESERVED, CertificateState.PREPARED)
            or (
                row.state in states
                and not row.profile.startswith(RESPONDERS)
                and row.not_after is not None
                and row.not_after > at
            )
            for row in mine
        )

    def revoked(self, issuer_id: str) -> Iterable[RevokedEntry]:
        rows = (row for (issuer, _), row in self.rows.items() if issuer == issuer_id)
        entries = [
            RevokedEntry(
                serial=row.serial,
                revoked_at=row.revoked_at,
                reason=row.reason,
                invalidity_date=row.invalidity_date,
            )
            for row in rows
            if row.revoked_at is not None
        ]
        return sorted(entries, key=lambda entry: entry.serial)

    def _row(self, issuer_id: str, serial: int) -> IssuedCertificate:
        try:
            return self.rows[issuer_id, serial]
        except KeyError:
            raise LogRefused(f"serial {serial:x} of {issuer_id} was never reserved") from None

    def _move(self, issuer_id: str, serial: int, state: CertificateState, **changes: object) -> None:
        row = self._row(issuer_id, serial)
        if not row.state.may_become(state):
            raise LogRefused(f"serial {serial:x} of {issuer_id}: {row.state.value} does not become {state.value}")
        self.rows[issuer_id, serial] = replace(row, state=state, **changes)


@dataclass
class MemoryOcspAnswers:
    """An `OcspAnswerStore` beside a `MemoryCertificateLog`: what no longer fits its row is not there."""

    log: MemoryCertificateLog
    kept: dict[tuple[str, int, str], PresignedAnswer] = field(default_factory=dict)

    def find(self, *, issuer_id: str, serial: int, hash_name: str) -> KeptAnswer | None:
        found = self.kept.get((issuer_id, serial, hash_name))
        return found.answer if found is not None and self._fits(found) else None

    def keep(self, answers: Sequence[PresignedAnswer]) -> int:
        fitting = [each for each in answers if self._fits(each)]
        self.kept |= {(each.row.issuer_id, each.row.serial, each.hash_name): each for each in fitting}
        return len(fitting)

    def due(self, *, issuer_id: str, before: datetime, at: datetime, limit: int) -> list[int]:
        states = (CertificateState.ISSUED, CertificateState.HELD, CertificateState.REVOKED)
        told = Counter(
            each.row.serial for each in self.kept.values() if self._fits(each) and each.answer.this_update > before
        )
        rows = (row for row in self.log.rows.values() if row.issuer_id == issuer_id and row.state in states)
        return [row.serial for row in rows if told[row.serial] < 2 and row.not_after and row.not_after > at][:limit]

    def _fits(self, answer: PresignedAnswer) -> bool:
        row = self.log.rows[answer.row.issuer_id, answer.row.serial]
        return (row.state, row.revoked_at) == (answer.row.state, answer.row.revoked_at)


@dataclass
class MemoryCrlStore:
    """A `CrlStore`."""

    published: list[PublishedCrl] = field(default_factory=list)
    numbers: Counter[str] = field(default_factory=Counter)

    def next_number(self, issuer_id: str) -> int:
        self.numbers[issuer_id] += 1
        return self.numbers[issuer_id]

    def publish(self, crl: PublishedCrl, *, at: datetime) -> None:
        if any(one.issuer_id == crl.issuer_id and one.number == crl.number for one in self.published):
            raise LogRefused(f"CRL {crl.number} of {crl.issuer_id} was published before")
        self.published.append(crl)

    def current(self, issuer_id: str) -> PublishedCrl | None:
        ours = [crl for crl in self.published if crl.issuer_id == issuer_id]
        return max(ours, key=lambda crl: crl.number, default=None)


@dataclass
class MemoryTimestampLog:
    """A `TimestampLog`."""

    records: dict[int, TimestampRecord] = field(default_factory=dict)

    def record(self, record: TimestampRecord) -> None:
        if record.serial in self.records:
            raise LogRefused(f"timestamp serial {record.serial:x} was used before")
        self.records[record.serial] = record

    def count(self, tsu_id: str) -> int:
        return sum(record.tsu_id == tsu_id for record in self.records.values())
