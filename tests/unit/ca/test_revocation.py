"""Who revokes what, for which reason, and what follows at once."""

import logging
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509 import ocsp

from ca.errors import RevocationRefused, SigningKeyUnavailable
from ca.model import CertificateState, IssuedCertificate
from ca.revocation import RevocationService
from tests.support.ca_hierarchy import NOON, World, new_world

REASONS = x509.ReasonFlags


@pytest.fixture
def world() -> World:
    return new_world()


def revoke(world: World, certificate: x509.Certificate, reason: REASONS | None, **more: object) -> IssuedCertificate:
    return world.revocations().revoke(
        serial=certificate.serial_number, issuer_id="ca-1-g1", reason=reason, actor="officer-1", **more
    )


@pytest.mark.parametrize(
    "reason",
    [
        REASONS.key_compromise,
        REASONS.affiliation_changed,
        REASONS.superseded,
        REASONS.cessation_of_operation,
        REASONS.privilege_withdrawn,
    ],
)
def test_a_revocation_is_on_crl_and_ocsp_when_it_returns(world: World, reason: REASONS) -> None:
    certificate = world.official()
    row = revoke(world, certificate, reason)
    assert (row.state, row.revoked_at, row.reason) == (CertificateState.REVOKED, NOON, reason)
    current = world.crl_store.current("ca-1-g1")
    assert current is not None
    entry = x509.load_der_x509_crl(current.der).get_revoked_certificate_by_serial_number(certificate.serial_number)
    assert entry is not None
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is reason
    status = ocsp.load_der_ocsp_response(world.responder().status_of(certificate))
    assert (status.certificate_status, status.revocation_reason) == (ocsp.OCSPCertStatus.REVOKED, reason)


@pytest.mark.parametrize("reason", [None, REASONS.unspecified])
def test_an_unspecified_reason_is_not_encoded(world: World, reason: REASONS | None) -> None:
    certificate = world.official()
    assert revoke(world, certificate, reason).reason is None
    current = world.crl_store.current("ca-1-g1")
    assert current is not None
    (entry,) = x509.load_der_x509_crl(current.der)
    assert len(entry.extensions) == 0
    assert ocsp.load_der_ocsp_response(world.responder().status_of(certificate)).revocation_reason is None


@pytest.mark.parametrize(
    "reason",
    [REASONS.certificate_hold, REASONS.remove_from_crl, REASONS.ca_compromise, REASONS.aa_compromise],
)
def test_reasons_that_nobody_may_give_are_refused(world: World, reason: REASONS) -> None:
    certificate = world.official()
    with pytest.raises(RevocationRefused) as refused:
        revoke(world, certificate, reason)
    assert (refused.value.field, refused.value.reason) == ("reason", "not-accepted")
    row = world.log.find(serial=certificate.serial_number, issuer_id="ca-1-g1")
    assert row is not None
    assert row.state is CertificateState.ISSUED


def test_a_compromise_may_lie_in_the_past(world: World) -> None:
    certificate = world.official()
    since = NOON - timedelta(days=3, microseconds=7)
    row = revoke(world, certificate, REASONS.key_compromise, invalidity_date=since)
    assert row.invalidity_date == since.replace(microsecond=0)
    current = world.crl_store.current("ca-1-g1")
    assert current is not None
    (entry,) = x509.load_der_x509_crl(current.der)
    listed = entry.extensions.get_extension_for_class(x509.InvalidityDate).value
    assert listed.invalidity_date_utc == since.replace(microsecond=0)


def test_an_invalidity_date_with_another_reason_or_in_the_future_is_refused(world: World) -> None:
    certificate = world.official()
    with pytest.raises(RevocationRefused) as refused:
        revoke(world, certificate, REASONS.superseded, invalidity_date=NOON)
    assert (refused.value.field, refused.value.reason) == ("invalidity_date", "other-reason")
    with pytest.raises(RevocationRefused) as refused:
        revoke(world, certificate, REASONS.key_compromise, invalidity_date=NOON + timedelta(seconds=1))
    assert refused.value.reason == "in-the-future"


def test_an_unknown_serial_is_refused(world: World) -> None:
    with pytest.raises(RevocationRefused) as refused:
        world.revocations().revoke(serial=5, issuer_id="ca-1-g1", reason=None, actor="officer-1")
    assert refused.value.field == "serial"


def test_revoking_again_tells_the_first_time_and_reason(world: World) -> None:
    certificate = world.official()
    first = revoke(world, certificate, REASONS.superseded)
    world.clock.advance(days=1)
    assert revoke(world, certificate, REASONS.key_compromise) == first


def test_a_crl_that_cannot_be_made_does_not_undo_a_revocation(world: World, caplog: pytest.LogCaptureFixture) -> None:
    certificate = world.official()

    def no_crl(_: str) -> None:
        raise SigningKeyUnavailable("the token is gone")

    service = RevocationService(log=world.log, ask_for_crl=no_crl, renew_status=world.answers().renew, now=world.clock)
    with caplog.at_level(logging.ERROR):
        row = service.revoke(serial=certificate.serial_number, issuer_id="ca-1-g1", reason=None, actor="officer-1")
    assert row.state is CertificateState.REVOKED
    assert "no fresh CRL of ca-1-g1" in caplog.text
    assert world.crl_store.current("ca-1-g1") is None
    assert world.publisher().publish_if_due() is not None


def listed(world: World) -> dict[int, REASONS | None]:
    """Serials and reasons on the current CRL."""
    current = world.crl_store.current("ca-1-g1")
    assert current is not None
    told: dict[int, REASONS | None] = {}
    for entry in x509.load_der_x509_crl(current.der):
        reasons = [each.value.reason for each in entry.extensions if isinstance(each.value, x509.CRLReason)]
        told[entry.serial_number] = reasons[0] if reasons else None
    return told


def test_a_hold_is_refused_where_the_settings_do_not_allow_it(world: World) -> None:
    certificate = world.official()
    with pytest.raises(RevocationRefused) as refused:
        world.revocations(allow_hold=False).hold(
            serial=certificate.serial_number, issuer_id="ca-1-g1", actor="officer-1"
        )
    assert refused.value.reason == "hold-not-allowed"
    assert world.crl_store.current("ca-1-g1") is None


def test_a_hold_stands_on_the_crl_and_its_release_builds_one_without_it(world: World) -> None:
    serial = world.official().serial_number
    world.revocations().hold(serial=serial, issuer_id="ca-1-g1", actor="officer-1")
    assert listed(world) == {serial: REASONS.certificate_hold}
    row = world.revocations(allow_hold=False).release(serial=serial, issuer_id="ca-1-g1", actor="officer-2")
    assert row.state is CertificateState.ISSUED
    assert listed(world) == {}


def test_a_hold_that_becomes_final_keeps_its_date_and_the_crl_takes_the_new_reason(world: World) -> None:
    certificate = world.official()
    serial = certificate.serial_number
    world.revocations().hold(serial=serial, issuer_id="ca-1-g1", actor="officer-1")
    world.clock.advance(days=2)
    row = revoke(world, certificate, REASONS.key_compromise, invalidity_date=NOON - timedelta(days=1))
    assert (row.revoked_at, row.reason) == (NOON, REASONS.key_compromise)
    assert listed(world) == {serial: REASONS.key_compromise}
    with pytest.raises(RevocationRefused):
        world.revocations().release(serial=serial, issuer_id="ca-1-g1", actor="officer-2")


def test_the_timer_notices_that_only_a_reason_changed(world: World) -> None:
    certificate = world.official()
    serial = certificate.serial_number
    world.revocations().hold(serial=serial, issuer_id="ca-1-g1", actor="officer-1")
    world.log.revoke(
        serial=serial,
        issuer_id="ca-1-g1",
        reason=REASONS.superseded,
        invalidity_date=None,
        actor="officer-1",
        at=world.clock(),
    )
    assert world.publisher().publish_if_due() is not None
    assert listed(world) == {serial: REASONS.superseded}
    assert world.publisher().publish_if_due() is None


def test_a_responder_that_fails_delays_no_crl(world: World, caplog: pytest.LogCaptureFixture) -> None:
    certificate = world.official()

    def no_answer(_: str, __: int) -> None:
        raise SigningKeyUnavailable("the OCSP key is gone")

    service = RevocationService(
        log=world.log,
        ask_for_crl=lambda issuer_id: world.publisher(issuer_id).publish(),
        renew_status=no_answer,
        now=world.clock,
    )
    with caplog.at_level(logging.ERROR):
        service.revoke(serial=certificate.serial_number, issuer_id="ca-1-g1", reason=None, actor="officer-1")
    assert list(listed(world)) == [certificate.serial_number]
    assert "no fresh OCSP answer" in caplog.text
