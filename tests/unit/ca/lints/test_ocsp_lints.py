"""Each OCSP lint has a response that it alone objects to."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ocsp

from ca.lints import OCSP_LINTS, OcspCandidate
from ca.ocsp_request import CertId
from ca.ocsp_response import SingleStatus, response_data, signed_response
from ca.signing import hash_for, sign
from ca.wire import SHA256, HashIdentifier, ecdsa_with
from tests.support.ca_hierarchy import NOON, World, new_world

DAY = timedelta(days=1)
ASKED = CertId(
    hash=HashIdentifier(algorithm=SHA256, parameters=asn1.Null()),
    issuer_name_hash=bytes(32),
    issuer_key_hash=bytes(32),
    serial=5,
)


@pytest.fixture(scope="module")
def world() -> World:
    return new_world()


def candidate(
    world: World,
    *,
    is_known: bool = True,
    until: datetime | None = NOON + DAY,
    at: datetime = NOON,
    responder_key: bytes | None = None,
    inside: x509.Certificate | None = None,
) -> OcspCandidate:
    """A good response, unless told otherwise."""
    responder, key = world.hierarchy.responder, world.keys[world.hierarchy.responder_id]
    own = x509.SubjectKeyIdentifier.from_public_key(responder.public_key()).digest
    data = response_data(
        [SingleStatus(cert_id=ASKED, is_known=is_known, next_update=until)],
        responder_key=responder_key or own,
        at=at,
        archive_cutoff=NOON,
        nonce=None,
    )
    der = signed_response(
        data,
        algorithm=ecdsa_with(hash_for(key.curve)),
        signature=sign(key, data, "a test"),
        responder=inside or responder,
    )
    return OcspCandidate(
        response=ocsp.load_der_ocsp_response(der),
        cert_ids=[("sha256", bytes(32), bytes(32), 5)],
        responder=responder,
    )


def objectors(it: OcspCandidate) -> set[str]:
    return {lint.__name__ for lint in OCSP_LINTS if list(lint(it))}


def test_good_responses_pass_every_lint(world: World) -> None:
    assert objectors(candidate(world)) == set()
    assert objectors(candidate(world, is_known=False, until=None)) == set()


@pytest.mark.parametrize(
    "asked",
    [
        [("sha1", bytes(32), bytes(32), 5)],
        [("sha256", bytes(31) + b"x", bytes(32), 5)],
        [("sha256", bytes(32), bytes(31) + b"x", 5)],
        [("sha256", bytes(32), bytes(32), 6)],
        [("sha256", bytes(32), bytes(32), 5)] * 2,
        [],
    ],
    ids=["hash", "name", "key", "serial", "one unanswered", "one unasked"],
)
def test_an_answer_to_another_question_is_objected_to(world: World, asked: list[tuple[str, bytes, bytes, int]]) -> None:
    assert objectors(replace(candidate(world), cert_ids=asked)) == {"rfc6960_cert_ids"}


def test_a_known_status_without_an_end_is_objected_to(world: World) -> None:
    assert objectors(candidate(world, until=None)) == {"rfc5019_next_update"}


def test_a_status_that_ended_before_it_began_is_objected_to(world: World) -> None:
    assert objectors(candidate(world, until=NOON)) == {"rfc5019_next_update"}


def test_an_unknown_status_with_an_end_is_objected_to(world: World) -> None:
    assert objectors(candidate(world, is_known=False)) == {"rfc5019_next_update"}


def test_a_response_of_somebody_else_is_objected_to(world: World) -> None:
    assert objectors(candidate(world, inside=world.issuing_ca)) == {"rfc6960_responder"}
    assert objectors(candidate(world, responder_key=bytes(20))) == {"rfc6960_responder"}


def test_a_responder_outside_its_validity_is_objected_to(world: World) -> None:
    for at in (NOON - DAY, NOON + 31 * DAY):
        assert objectors(candidate(world, at=at, until=at + DAY)) == {"rfc6960_responder"}
