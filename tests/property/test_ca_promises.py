"""Promises of the CA, tried with whatever the generators think of."""

import re
import secrets
from dataclasses import replace
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from ca.csr import request_for
from ca.errors import CaError, LintObjected, Misconfigured, RequestRefused, RevocationRefused
from ca.lints import CERTIFICATE_LINTS
from ca.lints.pkilint_rules import pkilint_rules
from ca.model import CertificateState, Subject
from ca.profiles import OCSP_RESPONDER, OFFICIAL, PROFILES, Profile
from ca.serials import is_well_formed, new_serial
from tests.support.ca_hierarchy import NOON, PERSON, World, new_world
from tests.support.ca_keys import SilentKey

HOUSE_LINTS = tuple(lint for lint in CERTIFICATE_LINTS if lint is not pkilint_rules)
END_ENTITIES = [profile for profile in PROFILES if not profile.is_authority]
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

names = st.text(st.characters(codec="utf-8"), max_size=70) | st.from_regex(r"[A-Z][a-z]+ [0-9]{14,19}", fullmatch=True)
people = st.builds(
    Subject,
    common_name=names,
    given_name=st.none() | names,
    surname=st.none() | names,
    unit=st.none() | names,
    organisation=names | st.just(PERSON.organisation),
    organisation_identifier=st.just(PERSON.organisation_identifier),
    opaque_id=st.just(PERSON.opaque_id),
)


def attempt(world: World, subject: Subject, profile: Profile) -> x509.Certificate | None:
    """A certificate, or `None` where one was refused."""
    key = ec.generate_private_key(ec.SECP256R1())
    try:
        request = request_for(key, PERSON.common_name)
        renamed = replace(subject, common_name=subject.common_name or PERSON.common_name)
        if renamed.common_name.strip() and len(renamed.common_name.encode()) <= 64:
            request = request_for(key, renamed.common_name)
        return world.issuance(lints=HOUSE_LINTS).issue(request, renamed, profile, "officer-1")
    except (RequestRefused, LintObjected, Misconfigured):
        return None


@FEW
@given(st.binary(min_size=17, max_size=17))
def test_every_serial_has_one_shape(drawn: bytes) -> None:
    serial = new_serial(lambda _: drawn)
    assert is_well_formed(serial)
    assert len(x509.RevokedCertificateBuilder(serial, NOON).build().serial_number.to_bytes(17, "big")) == 17


@FEW
@example(days=10 * 365, profile=OCSP_RESPONDER)
@example(days=10 * 365 - 1, profile=OCSP_RESPONDER)
@given(st.integers(0, 11 * 365), st.sampled_from(END_ENTITIES))
def test_no_certificate_outlives_its_issuer(days: int, profile: Profile) -> None:
    world = new_world()
    issuance = world.issuer()
    world.clock.advance(days=days)
    try:
        validity = issuance.draft(
            profile,
            serial=new_serial(secrets.token_bytes),
            subject=x509.Name([]),
            public_key=ec.generate_private_key(ec.SECP256R1()).public_key(),
            at=world.clock(),
        ).validity
    except Misconfigured:
        assert world.clock() + profile.validity * 0.9 > world.issuing_ca.not_valid_after_utc
        return
    assert validity.not_before < world.clock() < validity.not_after <= world.issuing_ca.not_valid_after_utc
    # who tells the status of what the issuer signed does so until its end
    assert profile.id == OCSP_RESPONDER.id or validity.not_after - world.clock() >= profile.validity * 0.9


@FEW
@given(people, st.sampled_from(END_ENTITIES))
def test_no_certificate_holds_16_or_18_digits_outside_the_organisation_identifier(
    subject: Subject, profile: Profile
) -> None:
    certificate = attempt(new_world(), subject, profile)
    if certificate is None:
        return
    texts = [one.value for one in certificate.subject if one.oid.dotted_string != "2.5.4.97"]
    assert not any(re.search(r"(?<!\d)(\d{16}|\d{18})(?!\d)", text) for text in texts)


@FEW
@given(people)
def test_a_certificate_is_on_record_exactly_when_it_is_handed_over(
    subject: Subject,
) -> None:
    world = new_world()
    before = len(world.log.rows)
    certificate = attempt(world, subject, OFFICIAL)
    added = list(world.log.rows.values())[before:]
    if certificate is None:
        assert all(row.state is CertificateState.ABANDONED and row.der is None for row in added)
    else:
        assert [row.der for row in added] == [certificate.public_bytes(Encoding.DER)]


class CrlIsTheLog(RuleBasedStateMachine):
    """The CRL is exactly the revoked certificates and the abandoned intents, whatever happened in whatever order."""

    issued = Bundle("issued")

    def __init__(self) -> None:
        super().__init__()
        self.world = new_world()
        self.wanted: set[int] = set()

    @rule(target=issued)
    def issue(self) -> int:
        return self.world.issuance(lints=HOUSE_LINTS).issue(*self._order()).serial_number

    @rule()
    def a_token_dies(self) -> None:
        silent = self.world.issuer(SilentKey(self.world.keys["ca-1-g1"]))
        service = self.world.issuance(issuer=silent, lints=HOUSE_LINTS)
        self.wanted.add(self._failing(service))

    @rule()
    def a_reservation_is_forgotten(self) -> None:
        self.world.log.reserve(
            serial=new_serial(secrets.token_bytes),
            issuer_id="ca-1-g1",
            profile="official/1",
            subject="",
            actor="test",
            at=self.world.clock(),
        )

    @rule()
    def an_intent_is_forgotten(self) -> None:
        serial = new_serial(secrets.token_bytes)
        self.world.log.reserve(
            serial=serial, issuer_id="ca-1-g1", profile="x/1", subject="", actor="test", at=self.world.clock()
        )
        self.world.log.record_intent(serial=serial, issuer_id="ca-1-g1", tbs=b"", linters="test", at=self.world.clock())
        self.world.clock.advance(minutes=11)
        self.world.issuance().reconcile()
        self.wanted.add(serial)

    @rule(serial=issued, reason=st.sampled_from([None, x509.ReasonFlags.superseded]))
    def revoke(self, serial: int, reason: x509.ReasonFlags | None) -> None:
        self.world.revocations().revoke(serial=serial, issuer_id="ca-1-g1", reason=reason, actor="officer-1")
        self.wanted.add(serial)

    @rule(serial=issued)
    def hold(self, serial: int) -> None:
        was = self._state(serial)
        try:
            self.world.revocations().hold(serial=serial, issuer_id="ca-1-g1", actor="officer-1")
            self.wanted.add(serial)
        except RevocationRefused:
            assert was is CertificateState.REVOKED

    @rule(serial=issued)
    def release(self, serial: int) -> None:
        was = self._state(serial)
        try:
            self.world.revocations().release(serial=serial, issuer_id="ca-1-g1", actor="officer-2")
            assert was is CertificateState.HELD
            self.wanted.remove(serial)
        except RevocationRefused:
            assert was is not CertificateState.HELD

    @rule(minutes=st.integers(1, 600))
    def time_passes(self, minutes: int) -> None:
        self.world.clock.advance(minutes=minutes)

    @invariant()
    def the_crl_says_what_happened(self) -> None:
        self.world.publisher().publish_if_due()
        current = self.world.crl_store.current("ca-1-g1")
        assert current is not None
        listed = [entry.serial_number for entry in x509.load_der_x509_crl(current.der)]
        assert listed == sorted(self.wanted)
        assert current.this_update <= self.world.clock() < current.next_update

    @invariant()
    def ocsp_and_crl_agree(self) -> None:
        responder = self.world.responder() if self.world.clock() < NOON + timedelta(days=29) else None
        for serial in list(self.wanted)[:3] if responder else ():
            row = self.world.log.find(serial=serial, issuer_id="ca-1-g1")
            assert row is not None
            if row.der is not None:
                status = ocsp.load_der_ocsp_response(responder.status_of(x509.load_der_x509_certificate(row.der)))
                assert status.certificate_status is ocsp.OCSPCertStatus.REVOKED

    @invariant()
    def what_is_kept_for_ocsp_is_what_the_log_says(self) -> None:
        for each in self.world.kept.kept.values():
            found = self.world.kept.find(issuer_id="ca-1-g1", serial=each.row.serial, hash_name=each.hash_name)
            if found is not None:
                status = ocsp.load_der_ocsp_response(found.der).certificate_status
                assert (status is ocsp.OCSPCertStatus.REVOKED) == (each.row.serial in self.wanted)

    def _state(self, serial: int) -> CertificateState:
        row = self.world.log.find(serial=serial, issuer_id="ca-1-g1")
        assert row is not None
        return row.state

    def _failing(self, service: object) -> int:
        try:
            service.issue(*self._order())
        except CaError:
            return self.world.log.audit[-1].serial
        raise AssertionError("a dead token issued a certificate")

    def _order(self) -> tuple[x509.CertificateSigningRequest, Subject, Profile, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        return request_for(key, PERSON.common_name), PERSON, OFFICIAL, "officer-1"


TestCrlIsTheLog = CrlIsTheLog.TestCase
TestCrlIsTheLog.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)


@given(st.sampled_from(CertificateState), st.sampled_from(CertificateState))
def test_only_the_moves_of_the_state_table_exist(before: CertificateState, after: CertificateState) -> None:
    reserved, prepared, issued, held, revoked, abandoned = CertificateState
    table = {
        (reserved, prepared),
        (prepared, issued),
        (issued, revoked),
        (issued, held),
        (held, issued),
        (held, revoked),
        (reserved, abandoned),
        (prepared, abandoned),
    }
    assert before.may_become(after) == ((before, after) in table)
