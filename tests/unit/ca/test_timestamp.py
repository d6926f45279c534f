"""The time-stamping authority; questions and answers are made and read by asn1crypto, not by our own codec."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256, sha384, sha512

import pytest
from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from ca.errors import CaError, LogRefused, Misconfigured, RequestRefused, SigningKeyUnavailable
from ca.profiles import TSU
from ca.timestamp import TimestampAuthority
from tests.support.ca_hierarchy import NAMES, NOON, PERSON, World, new_world
from tests.support.ca_keys import SilentKey, WrongKey
from tests.support.ca_memory import MemoryTimestampLog

POLICY = "1.3.6.1.4.1.32473.1.2.1"
DIGEST = sha256(b"a letter").digest()


class Response(core.Sequence):
    """asn1crypto's own TimeStampResp insists on a token."""

    _fields = [  # noqa: RUF012 - asn1crypto's way
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


@pytest.fixture
def world() -> World:
    return new_world()


def question(**changes: object) -> bytes:
    good: dict[str, object] = {
        "version": 1,
        "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": DIGEST},
        "cert_req": True,
    }
    return tsp.TimeStampReq(good | changes).dump()


def token_of(answer: bytes) -> cms.SignedData:
    response = Response.load(answer, strict=True)
    assert response["status"]["status"].native == "granted"
    assert response["time_stamp_token"]["content_type"].native == "signed_data"
    return response["time_stamp_token"]["content"]


def info_of(signed_data: cms.SignedData) -> dict[str, object]:
    return signed_data["encap_content_info"]["content"].parsed.native


def refusal_of(answer: bytes) -> set[str]:
    response = Response.load(answer, strict=True)
    assert response["status"]["status"].native == "rejection"
    assert response["time_stamp_token"].native is None
    return response["status"]["fail_info"].native


def test_a_token_says_what_was_asked_and_when(world: World) -> None:
    info = info_of(token_of(world.tsa().respond(question(nonce=7))))
    (record,) = world.stamps.records.values()
    assert info == {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": {
            "hash_algorithm": {"algorithm": "sha256", "parameters": None},
            "hashed_message": DIGEST,
        },
        "serial_number": record.serial,
        "gen_time": NOON,
        "accuracy": {"seconds": 1, "millis": None, "micros": None},
        "ordering": False,
        "nonce": 7,
        "tsa": None,
        "extensions": None,
    }


def test_a_token_is_recorded_before_it_is_released(world: World) -> None:
    world.tsa().respond(question())
    (record,) = world.stamps.records.values()
    assert (record.imprint, record.hash_algorithm, record.gen_time) == (DIGEST, "sha256", NOON)
    assert (record.policy, record.tsu_id) == (POLICY, "Teken TSU 2026-1")
    assert 1 <= record.serial >> 128 <= 0x7F


def test_the_cms_has_one_signer_three_attributes_and_one_certificate_id(world: World) -> None:
    signed_data = token_of(world.tsa().respond(question()))
    assert signed_data["version"].native == "v3"
    assert signed_data["encap_content_info"]["content_type"].native == "tst_info"
    (signer,) = signed_data["signer_infos"]
    assert signer["version"].native == "v1"
    assert signer["digest_algorithm"]["algorithm"].native == "sha384"
    assert signer["signature_algorithm"]["algorithm"].native == "sha384_ecdsa"
    assert signer["unsigned_attrs"].native is None
    attributes = {one["type"].native: one["values"] for one in signer["signed_attrs"]}
    assert set(attributes) == {"content_type", "message_digest", "signing_certificate_v2"}
    content = signed_data["encap_content_info"]["content"].contents
    assert attributes["message_digest"].native == [sha384(content).digest()]
    (ess,) = attributes["signing_certificate_v2"]
    (certificate_id,) = ess["certs"]
    assert certificate_id["cert_hash"].native == sha256(world.hierarchy.tsu.public_bytes(Encoding.DER)).digest()
    assert certificate_id["hash_algorithm"]["algorithm"].native == "sha256"
    assert certificate_id["issuer_serial"].native is None


def test_the_signature_is_the_units(world: World) -> None:
    (signer,) = token_of(world.tsa().respond(question()))["signer_infos"]
    signed = signer["signed_attrs"].untag().dump(force=True)
    key = world.hierarchy.tsu.public_key()
    key.verify(signer["signature"].native, signed, ec.ECDSA(hashes.SHA384()))
    assert signer["sid"].native["serial_number"] == world.hierarchy.tsu.serial_number


def test_certificates_come_along_when_asked_in_set_order_without_the_root(world: World) -> None:
    expected = sorted(one.public_bytes(Encoding.DER) for one in (world.hierarchy.tsu, world.issuing_ca))
    with_them = token_of(world.tsa().respond(question()))
    assert [one.dump() for one in with_them["certificates"]] == expected
    without = token_of(world.tsa().respond(question(cert_req=False)))
    assert without["certificates"].native is None


@pytest.mark.parametrize(("name", "make"), [("sha256", sha256), ("sha384", sha384), ("sha512", sha512)])
def test_three_hashes_are_stamped(world: World, name: str, make) -> None:
    digest = make(b"a letter").digest()
    imprint = {"hash_algorithm": {"algorithm": name}, "hashed_message": digest}
    info = info_of(token_of(world.tsa().respond(question(message_imprint=imprint))))
    assert info["message_imprint"]["hashed_message"] == digest
    in_process = cms.ContentInfo.load(world.tsa().timestamp(digest, name), strict=True)
    assert info_of(in_process["content"])["message_imprint"]["hashed_message"] == digest


def test_an_imprint_without_null_parameters_is_echoed_as_it_came(world: World) -> None:
    null, bare = bytes.fromhex("300d06096086480165030402010500"), bytes.fromhex("300b0609608648016503040201")
    asked = question(cert_req=False)
    assert null in asked
    imprint = bare + b"\x04\x20" + DIGEST
    content = b"\x02\x01\x01" + bytes([0x30, len(imprint)]) + imprint
    answer = world.tsa().respond(bytes([0x30, len(content)]) + content)
    assert imprint in answer


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"version": 2}, "bad_request"),
        (
            {"message_imprint": {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": bytes(20)}},
            "bad_alg",
        ),
        (
            {"message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(31)}},
            "bad_data_format",
        ),
        ({"req_policy": "1.2.3"}, "unaccepted_policy"),
        (
            {"extensions": [{"extn_id": "1.2.3", "critical": False, "extn_value": core.OctetString(b"")}]},
            "unaccepted_extensions",
        ),
    ],
)
def test_what_is_not_stamped_is_refused_by_its_reason(world: World, changes: dict[str, object], expected: str) -> None:
    assert refusal_of(world.tsa().respond(question(**changes))) == {expected}
    assert world.stamps.records == {}


@pytest.mark.parametrize("request_der", [b"", b"hello", b"\x30\x00", b"\x30\x80\x00\x00"])
def test_what_cannot_be_read_is_bad_data(world: World, request_der: bytes) -> None:
    assert refusal_of(world.tsa().respond(request_der)) == {"bad_data_format"}


def test_a_request_of_more_than_four_kibibytes_is_refused(world: World) -> None:
    assert refusal_of(world.tsa().respond(question(nonce=2 ** (8 * 5000)))) == {"bad_request"}


def test_our_own_policy_may_be_asked_for(world: World) -> None:
    assert info_of(token_of(world.tsa().respond(question(req_policy=POLICY))))["policy"] == POLICY


@given(st.integers(-(2**200), 2**200))
def test_any_nonce_comes_back(nonce: int) -> None:
    assert info_of(token_of(new_world().tsa().respond(question(nonce=nonce))))["nonce"] == nonce


@given(st.binary(max_size=120))
def test_any_bytes_get_an_answer(garbage: bytes) -> None:
    assert refusal_of(new_world().tsa().respond(garbage))


def tsa_with(world: World, **changes: object) -> TimestampAuthority:
    good: dict[str, object] = {
        "certificate": world.hierarchy.tsu,
        "chain": (world.issuing_ca, world.root),
        "key": world.keys[world.hierarchy.tsu_id],
        "policy_oid": POLICY,
        "log": world.stamps,
        "clock": world.clock,
        "random_bytes": bytes,
    }
    return TimestampAuthority(**(good | changes))


class FullLog(MemoryTimestampLog):
    def record(self, record: object) -> None:
        raise OSError("no space left")


def test_no_token_leaves_without_key_or_log(world: World) -> None:
    key = world.keys[world.hierarchy.tsu_id]
    for changes, error in [
        ({"key": SilentKey(key)}, SigningKeyUnavailable),
        ({"key": WrongKey(key)}, CaError),
        ({"log": FullLog()}, OSError),
    ]:
        tsa = tsa_with(world, **changes)
        assert refusal_of(tsa.respond(question())) == {"system_failure"}
        with pytest.raises(error):
            tsa.timestamp(DIGEST, "sha256")
    assert world.stamps.records == {}


def test_a_serial_drawn_twice_is_released_once(world: World) -> None:
    tsa = tsa_with(world)
    tsa.timestamp(DIGEST, "sha256")
    with pytest.raises(LogRefused):
        tsa.timestamp(DIGEST, "sha256")


def test_a_wrong_digest_in_process_is_refused_by_field(world: World) -> None:
    with pytest.raises(RequestRefused) as refused:
        world.tsa().timestamp(DIGEST, "sha1")
    assert refused.value.field == "algorithm"
    with pytest.raises(RequestRefused) as refused:
        world.tsa().timestamp(DIGEST, "sha512")
    assert refused.value.field == "digest"


def test_the_key_stamps_in_its_usage_period_only(world: World) -> None:
    tsa = world.tsa()
    world.clock.at = NOON + timedelta(days=365, minutes=-5)
    assert tsa.timestamp(DIGEST, "sha256")
    world.clock.advance(seconds=1)
    assert refusal_of(tsa.respond(question())) == {"system_failure"}
    with pytest.raises(Misconfigured, match="next unit"):
        tsa.timestamp(DIGEST, "sha256")


def test_a_unit_whose_certificate_ends_too_soon_stamps_nothing(world: World) -> None:
    with pytest.raises(Misconfigured):
        tsa_with(world, minimum_life=timedelta(days=5 * 365, seconds=1)).timestamp(DIGEST, "sha256")


def test_a_key_signs_as_many_tokens_as_the_settings_allow(world: World) -> None:
    tsa = tsa_with(world, most_tokens=2, random_bytes=secrets.token_bytes)
    for _ in range(2):
        tsa.timestamp(DIGEST, "sha256")
    with pytest.raises(Misconfigured, match="set up the next unit"):
        tsa.timestamp(DIGEST, "sha256")
    assert len(world.stamps.records) == 2


@pytest.mark.parametrize(
    "changes",
    [
        lambda world: {"certificate": world.issuing_ca, "key": world.keys["ca-1-g1"], "chain": (world.root,)},
        lambda world: {
            "certificate": world.hierarchy.responder,
            "key": world.keys[world.hierarchy.responder_id],
        },
        lambda _: {"key": ec.generate_private_key(ec.SECP384R1())},
        lambda world: {"chain": (world.root,)},
        lambda _: {"chain": ()},
    ],
    ids=["a CA", "an OCSP responder", "another key", "a broken chain", "no chain"],
)
def test_what_is_no_time_stamping_unit_is_refused_at_once(world: World, changes) -> None:
    with pytest.raises(Misconfigured):
        tsa_with(world, **changes(world))


def test_a_unit_whose_purpose_is_not_critical_or_not_alone_is_refused(world: World) -> None:
    tsu, key = world.hierarchy.tsu, world.keys[world.hierarchy.tsu_id]
    stamping = x509.ExtendedKeyUsage(TSU.extended_key_usage)
    both = x509.ExtendedKeyUsage([*TSU.extended_key_usage, x509.ObjectIdentifier("1.3.6.1.5.5.7.3.4")])
    for purposes, critical in [(stamping, False), (both, True)]:
        builder = (
            x509.CertificateBuilder()
            .subject_name(tsu.subject)
            .issuer_name(tsu.issuer)
            .public_key(key.public_key())
            .serial_number(5)
            .not_valid_before(tsu.not_valid_before_utc)
            .not_valid_after(tsu.not_valid_after_utc)
            .add_extension(purposes, critical)
            .add_extension(tsu.extensions.get_extension_for_class(x509.KeyUsage).value, True)
        )
        certificate = builder.sign(world.keys["ca-1-g1"], hashes.SHA384())
        with pytest.raises(Misconfigured, match="timeStamping, critical"):
            tsa_with(world, certificate=certificate)


def test_a_p_256_unit_signs_with_sha_256(world: World) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = replace(PERSON, common_name="Teken TSU 2026-2")
    tsa = tsa_with(world, certificate=world.certificate(subject, TSU, key), key=key)
    (signer,) = token_of(tsa.respond(question()))["signer_infos"]
    assert signer["digest_algorithm"]["algorithm"].native == "sha256"
    assert signer["signature_algorithm"]["algorithm"].native == "sha256_ecdsa"


def test_the_chain_is_given_leaf_first(world: World) -> None:
    assert world.tsa().chain == (world.hierarchy.tsu, world.issuing_ca, world.root)


def test_times_are_whole_seconds_in_utc(world: World) -> None:
    world.clock.at = datetime(2026, 11, 21, 4, 0, 0, 999_999, tzinfo=UTC)
    assert info_of(token_of(world.tsa().respond(question())))["gen_time"] == NOON


def test_the_policy_of_tokens_is_not_that_of_the_certificate() -> None:
    assert NAMES.oid(2, 1) == POLICY != TSU.policy_oid(NAMES)
