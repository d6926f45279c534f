"""`store.certificates`: serials once, moves that exist, CRL numbers that grow, timestamps that are all kept."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.errors import LogRefused, RevocationRefused
from ca.model import CertificateState, PublishedCrl, RevokedEntry, TimestampRecord
from store.audit import Act, AuditTrail
from store.certificates import SqlCertificateLog, SqlCrlStore, SqlTimestampLog
from store.database import Database
from tests.support.databases import execute
from tests.support.pki import Pki
from tests.unit.store.samples import MINUTE, NOON, together

CA = "ca-1-g1"
RESERVED, PREPARED, ISSUED, HELD, REVOKED, ABANDONED = CertificateState


@pytest.fixture
def log(database: Database) -> SqlCertificateLog:
    return SqlCertificateLog(database)


def reserve(log: SqlCertificateLog, serial: int, at: datetime = NOON, issuer_id: str = CA) -> None:
    log.reserve(
        serial=serial, issuer_id=issuer_id, profile="official/1", subject="CN=I Wayan Contoh", actor="ra-1", at=at
    )


def prepare(log: SqlCertificateLog, serial: int, at: datetime = NOON) -> None:
    log.record_intent(serial=serial, issuer_id=CA, tbs=b"to be signed", linters="house 1", at=at)


def issue(log: SqlCertificateLog, pki: Pki) -> int:
    serial = pki.official.certificate.serial_number
    reserve(log, serial)
    prepare(log, serial)
    log.record_issued(serial=serial, issuer_id=CA, certificate=pki.official.certificate, at=NOON)
    return serial


def revoke(log: SqlCertificateLog, serial: int, at: datetime = NOON, reason: x509.ReasonFlags | None = None) -> None:
    log.revoke(serial=serial, issuer_id=CA, reason=reason, invalidity_date=None, actor="ra-1", at=at)


def test_a_serial_is_reserved_once_also_by_sixteen_at_once(log: SqlCertificateLog) -> None:
    outcomes = together(16, lambda _: reserve(log, 0x5A))
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, LogRefused) for outcome in outcomes) == 15


def test_two_issuers_may_use_the_same_serial(log: SqlCertificateLog) -> None:
    reserve(log, 7)
    reserve(log, 7, issuer_id="root-g1")
    assert log.find(serial=7, issuer_id=CA).issuer_id == CA
    assert log.find(serial=7, issuer_id="root-g1").issuer_id == "root-g1"


@pytest.mark.parametrize("serial", [1, 0x7F, 0x80, 1 << 64, (1 << 135) - 1, (1 << 160) - 1])
def test_serials_of_every_size_come_back_as_they_were(log: SqlCertificateLog, serial: int) -> None:
    reserve(log, serial)
    assert log.find(serial=serial, issuer_id=CA).serial == serial
    assert log.find(serial=serial ^ 2, issuer_id=CA) is None


def test_an_issued_certificate_is_found_with_its_validity_and_its_key(log: SqlCertificateLog, pki: Pki) -> None:
    serial = issue(log, pki)
    row = log.find(serial=serial, issuer_id=CA)
    certificate = pki.official.certificate
    assert (row.state, row.profile, row.subject) == (ISSUED, "official/1", "CN=I Wayan Contoh")
    assert row.der == certificate.public_bytes(Encoding.DER)
    assert (row.not_before, row.not_after) == (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    assert (row.revoked_at, row.reason, row.invalidity_date) == (None, None, None)
    assert log.is_key_known(row.spki_sha256)
    assert not log.is_key_known("00" * 32)


def test_moves_that_do_not_exist_are_refused_and_change_nothing(log: SqlCertificateLog, pki: Pki) -> None:
    certificate = pki.official.certificate
    serial = certificate.serial_number

    def record_issued() -> None:
        log.record_issued(serial=serial, issuer_id=CA, certificate=certificate, at=NOON)

    def abandon() -> None:
        log.abandon(serial=serial, issuer_id=CA, why="test", at=NOON)

    def refused(*acts: object) -> None:
        before = log.find(serial=serial, issuer_id=CA)
        for act in acts:
            with pytest.raises((LogRefused, RevocationRefused)):
                act()
        assert log.find(serial=serial, issuer_id=CA) == before

    refused(lambda: prepare(log, serial), record_issued, abandon, lambda: revoke(log, serial))
    reserve(log, serial)
    refused(record_issued, lambda: revoke(log, serial))
    prepare(log, serial)
    refused(lambda: prepare(log, serial), lambda: revoke(log, serial), lambda: reserve(log, serial))
    record_issued()
    refused(record_issued, abandon, lambda: prepare(log, serial), lambda: reserve(log, serial))
    revoke(log, serial)
    refused(record_issued, abandon, lambda: prepare(log, serial), lambda: reserve(log, serial))


def test_an_abandoned_serial_stays_abandoned(log: SqlCertificateLog) -> None:
    reserve(log, 7)
    log.abandon(serial=7, issuer_id=CA, why="lint", at=NOON)
    for act in (
        lambda: reserve(log, 7),
        lambda: prepare(log, 7),
        lambda: log.abandon(serial=7, issuer_id=CA, why="again", at=NOON),
    ):
        with pytest.raises(LogRefused):
            act()


def test_a_certificate_of_another_serial_is_not_recorded(log: SqlCertificateLog, pki: Pki) -> None:
    reserve(log, 7)
    prepare(log, 7)
    with pytest.raises(LogRefused, match="another serial"):
        log.record_issued(serial=7, issuer_id=CA, certificate=pki.official.certificate, at=NOON)
    assert log.find(serial=7, issuer_id=CA).state is PREPARED


def test_revoking_writes_time_and_reason_once(log: SqlCertificateLog, pki: Pki) -> None:
    serial = issue(log, pki)
    bali = timezone(timedelta(hours=8))
    first = log.revoke(
        serial=serial,
        issuer_id=CA,
        reason=x509.ReasonFlags.key_compromise,
        invalidity_date=NOON - MINUTE,
        actor="ra-1",
        at=(NOON + MINUTE).astimezone(bali),
    )
    assert (first.state, first.revoked_at, first.revoked_at.tzinfo) == (REVOKED, NOON + MINUTE, UTC)
    assert (first.reason, first.invalidity_date) == (x509.ReasonFlags.key_compromise, NOON - MINUTE)
    again = log.revoke(
        serial=serial,
        issuer_id=CA,
        reason=x509.ReasonFlags.superseded,
        invalidity_date=None,
        actor="ra-2",
        at=NOON + timedelta(days=1),
    )
    assert again == first == log.find(serial=serial, issuer_id=CA)


def test_of_eight_that_revoke_at_once_all_hear_the_same(log: SqlCertificateLog, pki: Pki, database: Database) -> None:
    serial = issue(log, pki)
    rows = together(
        8,
        lambda number: log.revoke(
            serial=serial,
            issuer_id=CA,
            reason=None,
            invalidity_date=None,
            actor=f"ra-{number}",
            at=NOON + number * MINUTE,
        ),
    )
    assert len({row.revoked_at for row in rows}) == 1
    outcomes = [entry.outcome for entry in AuditTrail(database).read(act=Act.CERTIFICATE_REVOKE)]
    assert sorted(outcomes) == ["done", *["unchanged"] * 7]


def test_what_was_held_keeps_its_date_and_takes_the_new_reason(
    log: SqlCertificateLog, pki: Pki, database_url: str
) -> None:
    serial = issue(log, pki)
    revoke(log, serial, at=NOON)
    execute(database_url, "UPDATE certificates SET state = 'held', reason = 'certificate_hold'")
    revoke(log, serial, at=NOON + MINUTE, reason=x509.ReasonFlags.superseded)
    row = log.find(serial=serial, issuer_id=CA)
    assert (row.state, row.revoked_at, row.reason) == (REVOKED, NOON, x509.ReasonFlags.superseded)


def test_the_crl_lists_revoked_held_and_abandoned_intents_by_serial(
    log: SqlCertificateLog, pki: Pki, database_url: str
) -> None:
    serial = issue(log, pki)
    for number in (1 << 134, 3, 2, 1):
        reserve(log, number)
    for number in (1 << 134, 2):
        prepare(log, number)
        log.abandon(serial=number, issuer_id=CA, why="time-out at the HSM", at=NOON + MINUTE)
    log.abandon(serial=3, issuer_id=CA, why="lint", at=NOON)
    assert [entry.serial for entry in log.revoked(CA)] == [2, 1 << 134]
    revoke(log, serial, reason=x509.ReasonFlags.superseded)
    assert sorted([2, serial, 1 << 134]) == [entry.serial for entry in log.revoked(CA)]
    assert next(iter(log.revoked(CA))) == RevokedEntry(serial=2, revoked_at=NOON + MINUTE, reason=None)
    execute(database_url, "UPDATE certificates SET state = 'held' WHERE state = 'revoked'")
    assert serial in [entry.serial for entry in log.revoked(CA)]
    assert list(log.revoked("root-g1")) == []


def test_only_what_is_stale_and_unfinished_is_abandoned(log: SqlCertificateLog, pki: Pki) -> None:
    issue(log, pki)
    for serial, at in ((1, NOON), (2, NOON), (3, NOON + MINUTE)):
        reserve(log, serial, at=at)
    prepare(log, 2, at=NOON + 2 * MINUTE)
    assert log.abandon_stale(before=NOON + MINUTE, at=NOON + 10 * MINUTE) == 2
    assert [log.find(serial=serial, issuer_id=CA).state for serial in (1, 2, 3)] == [ABANDONED, ABANDONED, RESERVED]
    assert [entry.serial for entry in log.revoked(CA)] == [2]
    assert log.abandon_stale(before=NOON + MINUTE, at=NOON + 10 * MINUTE) == 0


def test_a_reason_that_quotes_a_nik_loses_the_number_and_keeps_the_act(
    log: SqlCertificateLog, database: Database
) -> None:
    reserve(log, 7)
    log.abandon(serial=7, issuer_id=CA, why="LintObjected: CN holds 5171000000000001", at=NOON)
    (entry,) = AuditTrail(database).read(act=Act.CERTIFICATE_ABANDON)
    assert entry.reason == "LintObjected: CN holds [number]"


def test_every_act_is_in_the_trail(log: SqlCertificateLog, pki: Pki, database: Database) -> None:
    serial = issue(log, pki)
    revoke(log, serial)
    revoke(log, serial)
    with pytest.raises(RevocationRefused):
        revoke(log, 99)
    entries = AuditTrail(database).read()
    assert [(entry.act, entry.outcome) for entry in entries] == [
        ("certificate.reserve", "done"),
        ("certificate.prepare", "done"),
        ("certificate.issue", "done"),
        ("certificate.revoke", "done"),
        ("certificate.revoke", "unchanged"),
        ("certificate.revoke", "refused"),
    ]
    assert {entry.object for entry in entries[:5]} == {f"certificate:{CA}/{serial:020x}"}


def crl(number: int, issuer_id: str = CA) -> PublishedCrl:
    return PublishedCrl(
        issuer_id=issuer_id,
        number=number,
        der=b"CertificateList",
        this_update=NOON,
        next_update=NOON + timedelta(hours=48),
        sha256="ab" * 32,
    )


def test_crl_numbers_grow_by_one_for_whoever_asks(database: Database) -> None:
    store = SqlCrlStore(database)
    numbers = together(16, lambda number: store.next_number("root-g1" if number % 2 else CA))
    assert sorted(numbers[0::2]) == sorted(numbers[1::2]) == list(range(1, 9))


def test_the_crl_with_the_highest_number_is_current_and_none_is_replaced(database: Database) -> None:
    store = SqlCrlStore(database)
    assert store.current(CA) is None
    for number in (2, 10, 9):
        store.publish(crl(number), at=NOON)
    store.publish(crl(11, "root-g1"), at=NOON)
    with pytest.raises(LogRefused):
        store.publish(crl(10), at=NOON)
    assert store.current(CA) == crl(10)
    assert [entry.act for entry in AuditTrail(database).read()] == ["crl.publish"] * 4


def test_a_timestamp_serial_is_used_once(database: Database) -> None:
    log = SqlTimestampLog(database)
    record = TimestampRecord(
        serial=1 << 100,
        imprint=b"\x01" * 32,
        hash_algorithm="sha256",
        gen_time=NOON,
        policy="1.3.6.1.4.1.32473.1.2.1",
        tsu_id="tsu-2026-1",
    )
    outcomes = together(8, lambda _: log.record(record))
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, LogRefused) for outcome in outcomes) == 7
    assert [entry.act for entry in AuditTrail(database).read()] == ["timestamp"]
