"""What is signed before somebody asks: never out of date, never *unknown*, and never in a nonce's place."""

from dataclasses import replace
from datetime import timedelta

import pytest
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.csr import request_for
from ca.errors import SigningKeyUnavailable
from ca.model import CertificateState
from ca.ocsp import OcspAnswer, OcspResponder
from ca.presigned import PresignedAnswers
from ca.profiles import OFFICIAL
from tests.support.ca_hierarchy import NOON, PERSON, World, new_world
from tests.support.ca_keys import RemoteKey

GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN
PLAIN = [hashes.SHA1(), hashes.SHA256()]  # noqa: S303 - an identifier in OCSP


@pytest.fixture
def world() -> World:
    return new_world()


def question(
    world: World, certificate: x509.Certificate, algorithm: hashes.HashAlgorithm, nonce: bytes | None = None
) -> bytes:
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, world.issuing_ca, algorithm)
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def read(answer: OcspAnswer) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(answer.der)


class Counting:
    """The answers of a world, with a key that counts its signatures."""

    def __init__(self, world: World) -> None:
        self.key = RemoteKey(world.keys[world.hierarchy.responder_id])
        responder = OcspResponder(
            log=world.log,
            issuer_id="ca-1-g1",
            issuer=world.issuing_ca,
            certificate=world.hierarchy.responder,
            key=self.key,
            periods=world.periods,
            now=world.clock,
        )
        self.answers = PresignedAnswers(
            issuer_id="ca-1-g1", responder=lambda: responder, store=world.kept, periods=world.periods, now=world.clock
        )


@pytest.mark.parametrize("algorithm", PLAIN, ids=lambda each: each.name)
def test_good_is_stored_before_a_fresh_certificate_is_handed_over(
    world: World, algorithm: hashes.HashAlgorithm
) -> None:
    certificate, counting = world.official(), Counting(world)
    answer = counting.answers.respond(question(world, certificate, algorithm))
    assert counting.key.signatures == 0
    assert read(answer).certificate_status is GOOD
    assert read(answer).hash_algorithm.name == algorithm.name
    assert (answer.cacheable, answer.this_update, answer.next_update) == (True, NOON, NOON + timedelta(hours=12))


@pytest.mark.parametrize("algorithm", PLAIN, ids=lambda each: each.name)
def test_the_kept_answer_repeats_the_cert_id_byte_for_byte(world: World, algorithm: hashes.HashAlgorithm) -> None:
    asked = question(world, world.official(), algorithm)
    answer = asn1_ocsp.OCSPResponse.load(world.answers().respond(asked).der)
    cert_id = asn1_ocsp.OCSPRequest.load(asked)["tbs_request"]["request_list"][0]["req_cert"].dump()
    assert answer.response_data["responses"][0]["cert_id"].dump() == cert_id


@pytest.mark.parametrize("algorithm", PLAIN, ids=lambda each: each.name)
def test_a_change_of_status_replaces_the_kept_answers(world: World, algorithm: hashes.HashAlgorithm) -> None:
    certificate = world.official()
    asked, serial = question(world, certificate, algorithm), certificate.serial_number
    service, named = world.revocations(), {"serial": serial, "issuer_id": "ca-1-g1", "actor": "officer-1"}
    world.clock.advance(minutes=1)
    service.hold(**named)
    counting = Counting(world)
    held = read(counting.answers.respond(asked))
    assert (held.certificate_status, held.revocation_reason) == (REVOKED, x509.ReasonFlags.certificate_hold)
    service.release(**named)
    assert read(counting.answers.respond(asked)).certificate_status is GOOD
    service.revoke(**named, reason=x509.ReasonFlags.superseded)
    revoked = counting.answers.respond(asked)
    assert (read(revoked).certificate_status, revoked.cacheable) == (REVOKED, True)
    assert counting.key.signatures == 0


def test_what_is_unknown_is_neither_kept_nor_cacheable(world: World) -> None:
    certificate = world.official()
    del world.log.rows["ca-1-g1", certificate.serial_number]
    world.kept.kept.clear()
    answer = world.answers().respond(question(world, certificate, hashes.SHA256()))
    assert read(answer).certificate_status is UNKNOWN
    assert not answer.cacheable
    assert world.kept.kept == {}


@pytest.mark.parametrize(
    ("algorithm", "nonce"), [(hashes.SHA256(), b"n" * 16), (hashes.SHA384(), None), (hashes.SHA512(), None)]
)
def test_a_nonce_or_another_hash_is_answered_live(
    world: World, algorithm: hashes.HashAlgorithm, nonce: bytes | None
) -> None:
    certificate, counting = world.official(), Counting(world)
    answer = counting.answers.respond(question(world, certificate, algorithm, nonce))
    assert read(answer).certificate_status is GOOD
    assert (answer.cacheable, answer.this_update, answer.next_update) == (False, None, None)
    assert counting.key.signatures == 1


def test_a_hash_identifier_without_its_null_is_answered_live_and_echoed(world: World) -> None:
    with_null = question(world, world.official(), hashes.SHA256())
    cert_id = asn1_ocsp.OCSPRequest.load(with_null)["tbs_request"]["request_list"][0]["req_cert"].contents
    bare = cert_id.replace(bytes.fromhex("300d06096086480165030402010500"), bytes.fromhex("300b0609608648016503040201"))
    asked = bytes([0x30, len(bare)]) + bare
    echoed = asked
    for _ in range(4):
        asked = bytes([0x30, len(asked)]) + asked
    answer = world.answers().respond(asked)
    assert read(answer).certificate_status is GOOD
    assert not answer.cacheable
    assert echoed in answer.der


def test_several_questions_at_once_are_answered_live(world: World) -> None:
    requests = [question(world, world.official(), hashes.SHA256()) for _ in range(2)]
    asked = [asn1_ocsp.OCSPRequest.load(each)["tbs_request"]["request_list"][0] for each in requests]
    answer = world.answers().respond(asn1_ocsp.OCSPRequest({"tbs_request": {"request_list": asked}}).dump())
    assert len(list(read(answer).responses)) == 2
    assert not answer.cacheable


@pytest.mark.parametrize("garbage", [b"", b"\x30\x00", b"\xff" * 40])
def test_garbage_is_malformed_for_this_door_too(world: World, garbage: bytes) -> None:
    assert read(world.answers().respond(garbage)).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


@pytest.mark.parametrize("serial", [0, -1, 1 << 160])
def test_a_number_that_no_certificate_can_have_is_unknown(world: World, serial: int) -> None:
    request = asn1_ocsp.OCSPRequest.load(question(world, world.official(), hashes.SHA256()))
    request["tbs_request"]["request_list"][0]["req_cert"]["serial_number"] = serial
    assert read(world.answers().respond(request.dump(force=True))).certificate_status is UNKNOWN


def test_an_answer_is_signed_anew_at_half_its_life_and_not_before(world: World) -> None:
    world.official()
    answers = world.answers()
    assert answers.renew_due(100) == 2  # the TSU and the responder: the ceremony has no door yet
    assert answers.renew_due(100) == 0
    world.clock.advance(hours=5, minutes=59)
    assert answers.renew_due(100) == 0
    world.clock.advance(minutes=1)
    assert [answers.renew_due(2), answers.renew_due(2), answers.renew_due(2)] == [2, 1, 0]


def test_an_answer_past_its_life_is_signed_anew_when_it_is_asked_for(world: World) -> None:
    certificate = world.official()
    world.clock.advance(hours=12)
    answer = world.answers().respond(question(world, certificate, hashes.SHA256()))
    assert answer.this_update == world.clock()


def test_a_job_that_does_not_keep_up_is_noticed(world: World) -> None:
    world.official()
    world.answers().renew_due(100)
    world.clock.advance(hours=8, minutes=59)
    assert not world.answers().overdue()
    world.clock.advance(minutes=2)
    assert world.answers().overdue()


def test_an_answer_signed_before_a_revocation_and_stored_after_it_is_not_kept(world: World) -> None:
    certificate = world.official()
    late = world.responder().presigned(certificate.serial_number)
    world.revoke(certificate)
    assert world.kept.keep(late) == 0
    answer = world.answers().respond(question(world, certificate, hashes.SHA256()))
    assert read(answer).certificate_status is REVOKED


def test_an_abandoned_intent_is_revoked_in_the_kept_answers(world: World) -> None:
    certificate = world.official()
    key = "ca-1-g1", certificate.serial_number
    row = world.log.rows[key]
    world.log.rows[key] = replace(row, state=CertificateState.ABANDONED, der=None, revoked_at=NOON)
    assert read(world.answers().respond(question(world, certificate, hashes.SHA256()))).certificate_status is REVOKED


def test_a_store_that_fails_costs_the_cache_and_not_the_answer(world: World) -> None:
    class Broken:
        def __getattr__(self, name: str) -> object:
            raise SigningKeyUnavailable("no store")

    certificate = world.official()
    answers = PresignedAnswers(
        issuer_id="ca-1-g1", responder=world.responder, store=Broken(), periods=world.periods, now=world.clock
    )
    answer = answers.respond(question(world, certificate, hashes.SHA256()))
    assert read(answer).certificate_status is GOOD
    assert not answer.cacheable


def test_a_certificate_is_issued_also_where_its_answer_cannot_be_stored(world: World) -> None:
    def fails(_: int) -> None:
        raise SigningKeyUnavailable("the OCSP key is gone")

    issuance = world.issuance()
    issuance._publish_status = fails
    request = request_for(ec.generate_private_key(ec.SECP256R1()), PERSON.common_name)
    certificate = issuance.issue(request, PERSON, OFFICIAL, "officer-1")
    assert read(world.answers().respond(question(world, certificate, hashes.SHA256()))).certificate_status is GOOD
