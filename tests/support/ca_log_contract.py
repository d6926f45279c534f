"""What every certificate log, CRL store and timestamp log has to do: the memory ones and the SQL ones alike.

A test module of a store writes its factories and takes these functions over:

    from tests.support.ca_log_contract import *          # noqa: F403 - the shared behaviour tests

    @pytest.fixture
    def certificate_log() -> CertificateLog: return ...
    @pytest.fixture
    def crl_store() -> CrlStore: return ...
    @pytest.fixture
    def timestamp_log() -> TimestampLog: return ...
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ca.errors import CaError, RevocationRefused
from ca.key_policy import spki_sha256
from ca.model import CertificateState, PublishedCrl, RevokedEntry, TimestampRecord
from ca.ports import CertificateLog, CrlStore, TimestampLog

NOON: Final = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
LATER: Final = NOON + timedelta(minutes=1)
CA: Final = "ca-1-g1"
SERIAL: Final = 0x7F_00_11_22_33_44_55_66_77_88_99_AA_BB_CC_DD_EE_FF
"""As long as ours are: more than 64 bits, with zero octets inside."""


def reserve(log: CertificateLog, serial: int = SERIAL, *, issuer_id: str = CA, at: datetime = NOON) -> int:
    """State `reserved`."""
    log.reserve(serial=serial, issuer_id=issuer_id, profile="official/1", subject="CN=Contoh", actor="ra-1", at=at)
    return serial


def prepare(log: CertificateLog, serial: int = SERIAL, *, issuer_id: str = CA, at: datetime = NOON) -> int:
    """State `prepared`."""
    reserve(log, serial, issuer_id=issuer_id, at=at)
    log.record_intent(serial=serial, issuer_id=issuer_id, tbs=b"to be signed", linters="house/1", at=at)
    return serial


def issue(log: CertificateLog, serial: int = SERIAL, *, issuer_id: str = CA) -> x509.Certificate:
    """State `issued`."""
    prepare(log, serial, issuer_id=issuer_id)
    certificate = some_certificate(serial)
    log.record_issued(serial=serial, issuer_id=issuer_id, certificate=certificate, at=NOON)
    return certificate


def test_a_certificate_is_found_by_its_key(certificate_log: CertificateLog) -> None:
    certificate = issue(certificate_log)
    found = certificate_log.of_key(spki_sha256(certificate.public_key()))
    assert found is not None
    assert found == certificate_log.find(serial=SERIAL, issuer_id=CA)
    assert certificate_log.of_key("00" * 32) is None


def revoke(log: CertificateLog, serial: int = SERIAL, *, at: datetime = LATER) -> None:
    """State `revoked`."""
    log.revoke(
        serial=serial,
        issuer_id=CA,
        reason=x509.ReasonFlags.key_compromise,
        invalidity_date=NOON,
        actor="ra-1",
        at=at,
    )


def some_certificate(serial: int) -> x509.Certificate:
    """Any certificate with that serial number."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Contoh")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(NOON)
        .not_valid_after(NOON + timedelta(days=730))
        .sign(key, SHA256())
    )


def state(log: CertificateLog, serial: int = SERIAL) -> CertificateState:
    """The state of a row that has to be there."""
    row = log.find(serial=serial, issuer_id=CA)
    assert row is not None
    return row.state


def test_a_reservation_is_found_with_what_is_known_so_far(certificate_log: CertificateLog) -> None:
    reserve(certificate_log)
    row = certificate_log.find(serial=SERIAL, issuer_id=CA)
    assert row is not None
    assert (row.serial, row.issuer_id, row.profile, row.subject) == (SERIAL, CA, "official/1", "CN=Contoh")
    assert row.state is CertificateState.RESERVED
    assert row.der is row.spki_sha256 is row.not_before is row.not_after is row.revoked_at is None


def test_a_serial_is_reserved_once(certificate_log: CertificateLog) -> None:
    reserve(certificate_log)
    with pytest.raises(CaError):
        reserve(certificate_log)


def test_two_issuers_may_use_one_serial(certificate_log: CertificateLog) -> None:
    reserve(certificate_log)
    reserve(certificate_log, issuer_id="root-g1")
    assert certificate_log.find(serial=SERIAL, issuer_id="root-g1") is not None


def test_an_unknown_serial_is_not_found(certificate_log: CertificateLog) -> None:
    issue(certificate_log)
    assert certificate_log.find(serial=SERIAL + 1, issuer_id=CA) is None
    assert certificate_log.find(serial=SERIAL, issuer_id="root-g1") is None


def test_what_was_issued_comes_back_whole(certificate_log: CertificateLog) -> None:
    certificate = issue(certificate_log)
    row = certificate_log.find(serial=SERIAL, issuer_id=CA)
    assert row is not None
    assert row.state is CertificateState.ISSUED
    assert row.der == certificate.public_bytes(Encoding.DER)
    assert row.spki_sha256 == spki_sha256(certificate.public_key())
    assert (row.not_before, row.not_after) == (NOON, NOON + timedelta(days=730))
    assert row.revoked_at is None


def test_a_key_is_known_once_it_was_certified(certificate_log: CertificateLog) -> None:
    known = spki_sha256(issue(certificate_log).public_key())
    assert certificate_log.is_key_known(known)
    assert not certificate_log.is_key_known(spki_sha256(some_certificate(1).public_key()))


def test_the_intent_comes_before_the_certificate(certificate_log: CertificateLog) -> None:
    reserve(certificate_log)
    with pytest.raises(CaError):
        certificate_log.record_issued(serial=SERIAL, issuer_id=CA, certificate=some_certificate(SERIAL), at=NOON)
    assert state(certificate_log) is CertificateState.RESERVED


def test_an_intent_is_recorded_once(certificate_log: CertificateLog) -> None:
    prepare(certificate_log)
    with pytest.raises(CaError):
        certificate_log.record_intent(serial=SERIAL, issuer_id=CA, tbs=b"other", linters="house/1", at=NOON)


def test_what_was_never_reserved_is_neither_prepared_nor_abandoned(certificate_log: CertificateLog) -> None:
    with pytest.raises(CaError):
        certificate_log.record_intent(serial=SERIAL, issuer_id=CA, tbs=b"x", linters="house/1", at=NOON)
    with pytest.raises(CaError):
        certificate_log.abandon(serial=SERIAL, issuer_id=CA, why="test", at=NOON)


def test_an_abandoned_reservation_is_on_no_crl(certificate_log: CertificateLog) -> None:
    reserve(certificate_log)
    certificate_log.abandon(serial=SERIAL, issuer_id=CA, why="lint", at=LATER)
    row = certificate_log.find(serial=SERIAL, issuer_id=CA)
    assert row is not None
    assert (row.state, row.revoked_at) == (CertificateState.ABANDONED, None)
    assert list(certificate_log.revoked(CA)) == []


def test_an_abandoned_intent_is_on_the_crl_without_a_reason(certificate_log: CertificateLog) -> None:
    prepare(certificate_log)
    certificate_log.abandon(serial=SERIAL, issuer_id=CA, why="time-out", at=LATER)
    row = certificate_log.find(serial=SERIAL, issuer_id=CA)
    assert row is not None
    assert (row.state, row.revoked_at, row.reason) == (CertificateState.ABANDONED, LATER, None)
    assert list(certificate_log.revoked(CA)) == [RevokedEntry(serial=SERIAL, revoked_at=LATER, reason=None)]


def test_nothing_issued_is_abandoned(certificate_log: CertificateLog) -> None:
    issue(certificate_log)
    with pytest.raises(CaError):
        certificate_log.abandon(serial=SERIAL, issuer_id=CA, why="test", at=NOON)
    assert state(certificate_log) is CertificateState.ISSUED


def test_an_abandoned_serial_never_lives_again(certificate_log: CertificateLog) -> None:
    prepare(certificate_log)
    certificate_log.abandon(serial=SERIAL, issuer_id=CA, why="time-out", at=LATER)
    with pytest.raises(CaError):
        certificate_log.record_issued(serial=SERIAL, issuer_id=CA, certificate=some_certificate(SERIAL), at=LATER)
    with pytest.raises(CaError):
        reserve(certificate_log)
    with pytest.raises(RevocationRefused):
        revoke(certificate_log)


def test_what_is_stale_and_open_is_abandoned(certificate_log: CertificateLog) -> None:
    reserve(certificate_log, SERIAL)
    prepare(certificate_log, SERIAL + 1)
    issue(certificate_log, SERIAL + 2)
    reserve(certificate_log, SERIAL + 3, at=LATER)
    assert certificate_log.abandon_stale(before=LATER, at=LATER) == 2
    states = [state(certificate_log, SERIAL + offset) for offset in range(4)]
    gone, issued, fresh = CertificateState.ABANDONED, CertificateState.ISSUED, CertificateState.RESERVED
    assert states == [gone, gone, issued, fresh]
    assert [entry.serial for entry in certificate_log.revoked(CA)] == [SERIAL + 1]
    assert certificate_log.abandon_stale(before=LATER, at=LATER) == 0


def test_a_revocation_keeps_time_reason_and_invalidity_date(certificate_log: CertificateLog) -> None:
    issue(certificate_log)
    revoke(certificate_log)
    row = certificate_log.find(serial=SERIAL, issuer_id=CA)
    assert row is not None
    assert row.state is CertificateState.REVOKED
    told = (row.revoked_at, row.reason, row.invalidity_date)
    assert told == (LATER, x509.ReasonFlags.key_compromise, NOON)
    (entry,) = certificate_log.revoked(CA)
    assert (entry.revoked_at, entry.reason, entry.invalidity_date) == told


def test_what_is_issued_or_in_the_making_stands_until_it_ends_or_is_revoked(certificate_log: CertificateLog) -> None:
    assert not certificate_log.standing(CA, at=NOON)
    reserve(certificate_log)
    assert certificate_log.standing(CA, at=NOON)
    certificate_log.abandon(serial=SERIAL, issuer_id=CA, why="lint", at=LATER)
    assert not certificate_log.standing(CA, at=NOON)
    issue(certificate_log, SERIAL + 1)
    row = certificate_log.find(serial=SERIAL + 1, issuer_id=CA)
    assert row is not None
    assert row.not_after is not None
    assert certificate_log.standing(CA, at=NOON)
    assert not certificate_log.standing("another", at=NOON)
    assert not certificate_log.standing(CA, at=row.not_after)
    revoke(certificate_log, SERIAL + 1)
    assert not certificate_log.standing(CA, at=NOON)


def test_revoking_again_changes_nothing(certificate_log: CertificateLog) -> None:
    issue(certificate_log)
    revoke(certificate_log)
    first = certificate_log.find(serial=SERIAL, issuer_id=CA)
    again = certificate_log.revoke(
        serial=SERIAL,
        issuer_id=CA,
        reason=None,
        invalidity_date=None,
        actor="ra-2",
        at=LATER + timedelta(days=1),
    )
    assert again == first == certificate_log.find(serial=SERIAL, issuer_id=CA)


def test_what_was_never_issued_is_not_revoked(certificate_log: CertificateLog) -> None:
    with pytest.raises(RevocationRefused):
        revoke(certificate_log)
    prepare(certificate_log)
    with pytest.raises(RevocationRefused):
        revoke(certificate_log)
    assert state(certificate_log) is CertificateState.PREPARED


def test_only_what_is_revoked_is_raised_to_key_compromise(certificate_log: CertificateLog) -> None:
    issue(certificate_log)
    with pytest.raises(RevocationRefused):
        certificate_log.raise_to_key_compromise(
            serial=SERIAL, issuer_id=CA, invalidity_date=None, actor="ra-1", at=LATER
        )
    assert state(certificate_log) is CertificateState.ISSUED


def test_a_raised_reason_keeps_the_time_of_revocation_and_is_raised_once(certificate_log: CertificateLog) -> None:
    issue(certificate_log)
    certificate_log.revoke(serial=SERIAL, issuer_id=CA, reason=None, invalidity_date=None, actor="ra-1", at=LATER)
    for invalid_since in (NOON, LATER):
        row = certificate_log.raise_to_key_compromise(
            serial=SERIAL, issuer_id=CA, invalidity_date=invalid_since, actor="ra-1", at=LATER + timedelta(days=1)
        )
        told = (row.revoked_at, row.reason, row.invalidity_date)
        assert told == (LATER, x509.ReasonFlags.key_compromise, NOON)
    (entry,) = certificate_log.revoked(CA)
    assert (entry.revoked_at, entry.reason, entry.invalidity_date) == told


def hold(log: CertificateLog, *, at: datetime = LATER) -> None:
    """State `held`."""
    log.hold(serial=SERIAL, issuer_id=CA, actor="ra-1", at=at)


def test_a_hold_stands_on_the_crl_until_it_is_released(certificate_log: CertificateLog) -> None:
    issue(certificate_log)
    hold(certificate_log)
    on_hold = RevokedEntry(serial=SERIAL, revoked_at=LATER, reason=x509.ReasonFlags.certificate_hold)
    assert state(certificate_log) is CertificateState.HELD
    assert list(certificate_log.revoked(CA)) == [on_hold]
    row = certificate_log.release(serial=SERIAL, issuer_id=CA, actor="ra-2", at=LATER)
    assert (row.state, row.revoked_at, row.reason) == (CertificateState.ISSUED, None, None)
    assert row == certificate_log.find(serial=SERIAL, issuer_id=CA)
    assert list(certificate_log.revoked(CA)) == []


def test_holding_again_keeps_the_first_date(certificate_log: CertificateLog) -> None:
    issue(certificate_log)
    hold(certificate_log)
    again = certificate_log.hold(serial=SERIAL, issuer_id=CA, actor="ra-2", at=LATER + timedelta(days=1))
    assert again.revoked_at == LATER


def test_what_is_revoked_after_a_hold_keeps_the_date_and_takes_the_new_reason(certificate_log: CertificateLog) -> None:
    issue(certificate_log)
    hold(certificate_log)
    revoke(certificate_log, at=LATER + timedelta(days=3))
    row = certificate_log.find(serial=SERIAL, issuer_id=CA)
    assert row is not None
    assert (row.state, row.revoked_at, row.reason) == (
        CertificateState.REVOKED,
        LATER,
        x509.ReasonFlags.key_compromise,
    )


def test_nothing_but_the_issued_is_held_and_nothing_but_the_held_is_released(certificate_log: CertificateLog) -> None:
    with pytest.raises(RevocationRefused):
        hold(certificate_log)
    issue(certificate_log)
    with pytest.raises(RevocationRefused):
        certificate_log.release(serial=SERIAL, issuer_id=CA, actor="ra-1", at=LATER)
    revoke(certificate_log)
    with pytest.raises(RevocationRefused):
        hold(certificate_log)
    with pytest.raises(RevocationRefused):
        certificate_log.release(serial=SERIAL, issuer_id=CA, actor="ra-1", at=LATER)
    assert state(certificate_log) is CertificateState.REVOKED


def test_the_revoked_come_sorted_by_serial_and_by_issuer(certificate_log: CertificateLog) -> None:
    for serial in (SERIAL + 9, 5, SERIAL):
        issue(certificate_log, serial)
        revoke(certificate_log, serial)
    issue(certificate_log, 7)
    assert [entry.serial for entry in certificate_log.revoked(CA)] == [5, SERIAL, SERIAL + 9]
    assert list(certificate_log.revoked("root-g1")) == []


def some_crl(number: int, *, issuer_id: str = CA) -> PublishedCrl:
    """A CRL as far as a store looks at it."""
    return PublishedCrl(
        issuer_id=issuer_id,
        number=number,
        der=b"crl %d" % number,
        this_update=NOON,
        next_update=NOON + timedelta(days=2),
        sha256=f"{number:064x}",
    )


def test_crl_numbers_grow_for_each_issuer_by_itself(crl_store: CrlStore) -> None:
    numbers = [crl_store.next_number(CA) for _ in range(3)]
    assert numbers == sorted(set(numbers))
    assert crl_store.next_number("root-g1") == numbers[0] == 1


def test_the_current_crl_is_the_one_with_the_highest_number(crl_store: CrlStore) -> None:
    assert crl_store.current(CA) is None
    for number in (1, 3, 2):
        crl_store.publish(some_crl(number), at=NOON)
    assert crl_store.current(CA) == some_crl(3)
    assert crl_store.current("root-g1") is None


def test_a_crl_number_is_published_once(crl_store: CrlStore) -> None:
    crl_store.publish(some_crl(1), at=NOON)
    with pytest.raises(CaError):
        crl_store.publish(some_crl(1), at=NOON)


def test_a_timestamp_serial_is_recorded_once(timestamp_log: TimestampLog) -> None:
    record = TimestampRecord(
        serial=SERIAL,
        imprint=bytes(32),
        hash_algorithm="sha256",
        gen_time=NOON,
        policy="1.3.6.1.4.1.32473.1.2.1",
        tsu_id="Teken TSU 2026-1",
    )
    assert timestamp_log.count("Teken TSU 2026-1") == 0
    timestamp_log.record(record)
    assert (timestamp_log.count("Teken TSU 2026-1"), timestamp_log.count("Teken TSU 2026-2")) == (1, 0)
    with pytest.raises(CaError):
        timestamp_log.record(record)
