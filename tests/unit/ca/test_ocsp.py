"""What the responder says; the answers are read by pyca and asn1crypto, not by our own codec."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.errors import CaError, Misconfigured, RequestRefused, SigningKeyUnavailable
from ca.model import CertificateState
from ca.ocsp import OcspAnswer, OcspResponder
from tests.support.ca_hierarchy import NOON, World, new_world
from tests.support.ca_keys import SilentKey, WrongKey

HOUR = timedelta(hours=1)
SHA1 = hashes.SHA1()  # noqa: S303 - an identifier in OCSP, never a signature
HASHES = [SHA1, hashes.SHA256(), hashes.SHA384(), hashes.SHA512()]
GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN
STATUS = ocsp.OCSPResponseStatus


@pytest.fixture
def world() -> World:
    return new_world()


def question(
    world: World,
    certificate: x509.Certificate,
    algorithm: hashes.HashAlgorithm | None = None,
    nonce: bytes | None = None,
    issuer: x509.Certificate | None = None,
) -> bytes:
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer or world.issuing_ca, algorithm or SHA1)
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def about(world: World, serial: int) -> bytes:
    """A question about any serial of our issuer."""
    by_hash = ocsp.load_der_ocsp_request(question(world, world.hierarchy.tsu, hashes.SHA256()))
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        by_hash.issuer_name_hash, by_hash.issuer_key_hash, serial, hashes.SHA256()
    )
    return builder.build().public_bytes(Encoding.DER)


def read(answer: OcspAnswer) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(answer.der)


@pytest.mark.parametrize("algorithm", HASHES, ids=lambda algorithm: algorithm.name)
def test_a_good_certificate_in_every_hash(world: World, algorithm: hashes.HashAlgorithm) -> None:
    certificate = world.official()
    asked = question(world, certificate, algorithm)
    answer = world.responder().respond(asked)
    response = read(answer)
    assert (response.response_status, response.certificate_status) == (STATUS.SUCCESSFUL, GOOD)
    assert response.serial_number == certificate.serial_number
    assert response.hash_algorithm.name == algorithm.name
    times = (response.produced_at_utc, response.this_update_utc, response.next_update_utc)
    assert times == (NOON, NOON, NOON + 12 * HOUR)
    assert (answer.cacheable, answer.this_update, answer.next_update) == (True, NOON, NOON + 12 * HOUR)
    cert_id = asn1_ocsp.OCSPRequest.load(asked)["tbs_request"]["request_list"][0]["req_cert"].dump()
    assert asn1_ocsp.OCSPResponse.load(answer.der).response_data["responses"][0]["cert_id"].dump() == cert_id


def test_an_answer_is_signed_by_the_responder_who_is_inside_alone(world: World) -> None:
    response = read(world.responder().respond(question(world, world.official())))
    assert response.certificates == [world.hierarchy.responder]
    key = world.hierarchy.responder.public_key()
    assert response.responder_key_hash == x509.SubjectKeyIdentifier.from_public_key(key).digest
    assert response.responder_name is None
    assert response.signature_hash_algorithm is not None
    assert response.signature_hash_algorithm.name == "sha256"
    key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))


def test_a_cert_id_without_null_parameters_is_echoed_as_it_came(world: World) -> None:
    with_null = question(world, world.hierarchy.tsu, hashes.SHA256())
    null = bytes.fromhex("300d06096086480165030402010500")
    assert null in with_null
    cert_id = asn1_ocsp.OCSPRequest.load(with_null)["tbs_request"]["request_list"][0]["req_cert"].contents
    bare = cert_id.replace(null, bytes.fromhex("300b0609608648016503040201"))
    cert_id = bytes([0x30, len(bare)]) + bare
    lengths = [len(cert_id) + 2 * outer for outer in range(4)]
    asked = b"".join(bytes([0x30, length]) for length in reversed(lengths)) + cert_id
    answer = world.responder().respond(asked)
    assert read(answer).certificate_status is GOOD
    assert cert_id in answer.der
    assert null not in answer.der


def test_every_answer_says_since_when_status_is_kept(world: World) -> None:
    answer = world.responder().respond(question(world, world.official()))
    (single,) = asn1_ocsp.OCSPResponse.load(answer.der).response_data["responses"]
    (extension,) = single["single_extensions"]
    assert (extension["extn_id"].native, extension["critical"].native) == ("archive_cutoff", False)
    assert extension["extn_value"].parsed.native == world.issuing_ca.not_valid_before_utc


def test_an_expired_certificate_keeps_its_last_status(world: World) -> None:
    certificate = world.official()
    world.clock.advance(days=20)
    responder = world.responder()
    row = world.log.rows["ca-1-g1", certificate.serial_number]
    world.log.rows["ca-1-g1", certificate.serial_number] = replace(row, not_after=NOON + timedelta(days=1))
    assert read(responder.respond(question(world, certificate))).certificate_status is GOOD


@pytest.mark.parametrize("reason", [None, x509.ReasonFlags.key_compromise, x509.ReasonFlags.privilege_withdrawn])
def test_a_revoked_certificate(world: World, reason: x509.ReasonFlags | None) -> None:
    certificate = world.official()
    world.clock.advance(hours=1)
    world.revoke(certificate, reason)
    world.clock.advance(hours=1)
    response = read(world.responder().respond(question(world, certificate)))
    assert (response.certificate_status, response.revocation_reason) == (REVOKED, reason)
    assert response.revocation_time_utc == NOON + HOUR
    assert response.next_update_utc == NOON + 14 * HOUR


def test_a_held_certificate_is_revoked_with_its_reason(world: World) -> None:
    certificate = world.official()
    row = world.log.rows["ca-1-g1", certificate.serial_number]
    world.log.rows["ca-1-g1", certificate.serial_number] = replace(row, state=CertificateState.HELD, revoked_at=NOON)
    response = read(world.responder().respond(question(world, certificate)))
    expected = (REVOKED, x509.ReasonFlags.certificate_hold)
    assert (response.certificate_status, response.revocation_reason) == expected


def reserve(world: World, serial: int) -> None:
    world.log.reserve(serial=serial, issuer_id="ca-1-g1", profile="official/1", subject="", actor="test", at=NOON)


def record_intent(world: World, serial: int) -> None:
    world.log.record_intent(serial=serial, issuer_id="ca-1-g1", tbs=b"x", linters="test", at=NOON)


def abandon(world: World, serial: int) -> None:
    world.log.abandon(serial=serial, issuer_id="ca-1-g1", why="test", at=NOON)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], UNKNOWN),
        ([reserve], UNKNOWN),
        ([reserve, record_intent], UNKNOWN),
        ([reserve, abandon], UNKNOWN),
        ([reserve, record_intent, abandon], REVOKED),
    ],
    ids=["never seen", "reserved", "prepared", "abandoned reservation", "abandoned intent"],
)
def test_good_is_said_of_nothing_but_what_was_issued(
    world: World, steps: list[object], expected: ocsp.OCSPCertStatus
) -> None:
    for step in steps:
        step(world, 5)
    answer = world.responder().respond(about(world, 5))
    response = read(answer)
    assert response.certificate_status is expected
    if expected is UNKNOWN:
        assert response.next_update_utc is None
        assert (answer.cacheable, answer.next_update) == (False, None)


@pytest.mark.parametrize("serial", [0x00FF, 0x80, 0x8000, 2**135 - 1])
def test_serials_are_looked_up_as_integers(world: World, serial: int) -> None:
    for step in (reserve, record_intent, abandon):
        step(world, serial)
    assert read(world.responder().respond(about(world, serial))).certificate_status is REVOKED


@pytest.mark.parametrize("nonce", [b"1", b"12345678", bytes(32), bytes(128)])
def test_a_nonce_comes_back_and_makes_the_answer_live(world: World, nonce: bytes) -> None:
    answer = world.responder().respond(question(world, world.official(), nonce=nonce))
    echoed = read(answer).extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    assert echoed == nonce
    assert not answer.cacheable


def test_a_raw_nonce_of_an_old_client_comes_back_raw(world: World) -> None:
    raw = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.5.5.7.48.1.2"), bytes(range(200, 216)))
    builder = ocsp.OCSPRequestBuilder().add_certificate(world.hierarchy.tsu, world.issuing_ca, hashes.SHA256())
    asked = builder.add_extension(raw, critical=False).build().public_bytes(Encoding.DER)
    answer = world.responder().respond(asked)
    extension = b"\x06\x09" + bytes.fromhex("2b0601050507300102") + b"\x04\x10" + raw.value
    assert extension in asked
    assert extension in answer.der


def test_without_a_nonce_none_is_made_up(world: World) -> None:
    assert len(read(world.responder().respond(question(world, world.official()))).extensions) == 0


def test_several_certificates_are_answered_in_order_and_not_kept(world: World) -> None:
    certificates = [world.official(), world.official(), world.hierarchy.tsu]
    world.revoke(certificates[1])
    asked = [asn1_ocsp.OCSPRequest.load(question(world, one))["tbs_request"]["request_list"][0] for one in certificates]
    answer = world.responder().respond(asn1_ocsp.OCSPRequest({"tbs_request": {"request_list": asked}}).dump())
    singles = list(read(answer).responses)
    assert [one.serial_number for one in singles] == [one.serial_number for one in certificates]
    assert [one.certificate_status for one in singles] == [GOOD, REVOKED, GOOD]
    assert not answer.cacheable


def status_of(answer: OcspAnswer) -> STATUS:
    assert (answer.cacheable, answer.this_update, answer.next_update) == (False, None, None)
    return read(answer).response_status


def test_a_certificate_of_another_issuer_is_unauthorized_and_the_log_is_not_asked(world: World) -> None:
    responder = world.responder()
    foreign = question(world, world.issuing_ca, issuer=world.root)
    world.log.find = forbidden
    assert status_of(responder.respond(foreign)) is STATUS.UNAUTHORIZED


def forbidden(**_: object) -> None:
    raise AssertionError("the log was asked")


def test_an_unknown_hash_is_unauthorized(world: World) -> None:
    asked = question(world, world.official(), hashes.SHA224())
    assert status_of(world.responder().respond(asked)) is STATUS.UNAUTHORIZED


def test_one_foreign_certificate_among_ours_makes_the_whole_unauthorized(world: World) -> None:
    ours, foreign = question(world, world.official()), question(world, world.issuing_ca, issuer=world.root)
    asked = [asn1_ocsp.OCSPRequest.load(one)["tbs_request"]["request_list"][0] for one in (ours, foreign)]
    request = asn1_ocsp.OCSPRequest({"tbs_request": {"request_list": asked}}).dump()
    assert status_of(world.responder().respond(request)) is STATUS.UNAUTHORIZED


@pytest.mark.parametrize("request_der", [b"", b"hello", b"\x30\x00", b"\x30\x80\x00\x00"])
def test_what_cannot_be_read_is_malformed(world: World, request_der: bytes) -> None:
    assert status_of(world.responder().respond(request_der)) is STATUS.MALFORMED_REQUEST


def responder_with(world: World, **changes: object) -> OcspResponder:
    good: dict[str, object] = {
        "log": world.log,
        "issuer_id": "ca-1-g1",
        "issuer": world.issuing_ca,
        "certificate": world.hierarchy.responder,
        "key": world.keys[world.hierarchy.responder_id],
        "periods": world.periods,
        "now": world.clock,
    }
    return OcspResponder(**(good | changes))


class BrokenLog:
    def find(self, **_: object) -> None:
        raise OSError("the database is gone")


def test_without_log_or_key_the_answer_is_try_later(world: World) -> None:
    asked = question(world, world.official())
    own = world.keys[world.hierarchy.responder_id]
    for changes in ({"log": BrokenLog()}, {"key": SilentKey(own)}, {"key": WrongKey(own)}):
        assert status_of(responder_with(world, **changes).respond(asked)) is STATUS.TRY_LATER


def test_a_responder_that_expired_answers_try_later(world: World) -> None:
    asked = question(world, world.official())
    responder = world.responder()
    world.clock.advance(days=31)
    assert status_of(responder.respond(asked)) is STATUS.TRY_LATER


@pytest.mark.parametrize(
    "changes",
    [
        lambda world: {"certificate": world.hierarchy.tsu, "key": world.keys[world.hierarchy.tsu_id]},
        lambda world: {"certificate": world.issuing_ca, "key": world.keys["ca-1-g1"]},
        lambda world: {"issuer": world.root},
        lambda _: {"key": ec.generate_private_key(ec.SECP256R1())},
    ],
    ids=["a TSU", "the CA itself", "of another CA", "another key"],
)
def test_what_is_no_responder_of_this_ca_is_refused_at_once(world: World, changes) -> None:
    with pytest.raises(Misconfigured):
        responder_with(world, **changes(world))


def test_the_status_for_a_signature_is_an_answer_without_nonce(world: World) -> None:
    for certificate in (world.official(), world.hierarchy.tsu):
        response = ocsp.load_der_ocsp_response(world.responder().status_of(certificate))
        assert (response.serial_number, response.certificate_status) == (certificate.serial_number, GOOD)
        assert len(response.extensions) == 0
        assert response.hash_algorithm.name == "sha1"


def test_there_is_no_status_of_what_is_not_ours_or_not_on_record(world: World) -> None:
    with pytest.raises(RequestRefused) as refused:
        world.responder().status_of(world.issuing_ca)
    assert refused.value.reason == "other-issuer"
    certificate = world.official()
    del world.log.rows["ca-1-g1", certificate.serial_number]
    with pytest.raises(RequestRefused) as refused:
        world.responder().status_of(certificate)
    assert refused.value.reason == "unknown"


def test_a_status_that_cannot_be_signed_raises(world: World) -> None:
    silent = responder_with(world, key=SilentKey(world.keys[world.hierarchy.responder_id]))
    with pytest.raises(SigningKeyUnavailable):
        silent.status_of(world.hierarchy.tsu)
    wrong = responder_with(world, key=WrongKey(world.keys[world.hierarchy.responder_id]))
    with pytest.raises(CaError):
        wrong.status_of(world.hierarchy.tsu)


def test_times_are_whole_seconds(world: World) -> None:
    world.clock.at = datetime.fromisoformat("2026-11-21T04:00:00.999999+00:00")
    assert read(world.responder().respond(question(world, world.hierarchy.tsu))).produced_at_utc == NOON
