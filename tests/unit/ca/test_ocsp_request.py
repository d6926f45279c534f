"""Reading what a client asks; the questions are made by pyca and asn1crypto, not by our own codec."""

import pytest
from asn1crypto import core
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from ca.ocsp_request import MAX_OCTETS, MalformedRequest, read_request


def cert_id(serial: int = 5) -> asn1_ocsp.CertId:
    return asn1_ocsp.CertId(
        {
            "hash_algorithm": {"algorithm": "sha256"},
            "issuer_name_hash": bytes(32),
            "issuer_key_hash": bytes(32),
            "serial_number": serial,
        }
    )


def extension(oid: str, value: bytes, *, critical: bool = False) -> dict[str, object]:
    return {"extn_id": oid, "critical": critical, "extn_value": core.ParsableOctetString(value)}


def request(*cert_ids: asn1_ocsp.CertId, extensions: list[dict[str, object]] | None = None, **more: object) -> bytes:
    tbs: dict[str, object] = {"request_list": [{"req_cert": one} for one in cert_ids or (cert_id(),)], **more}
    if extensions is not None:
        tbs["request_extensions"] = extensions
    return bytes(asn1_ocsp.OCSPRequest({"tbs_request": tbs}).dump())


NONCE = "1.3.6.1.5.5.7.48.1.2"
OCTET_STRING = core.OctetString


def test_one_certificate() -> None:
    question = read_request(request())
    (asked,) = question.cert_ids
    assert (asked.serial, asked.issuer_name_hash, asked.issuer_key_hash) == (5, bytes(32), bytes(32))
    assert question.nonce is None


@pytest.mark.parametrize("serial", [0, 1, 0x80, 0xFF00, 2**135 - 1, 2**159, -1])
def test_serial_numbers_are_integers_of_any_size(serial: int) -> None:
    assert read_request(request(cert_id(serial))).cert_ids[0].serial == serial


def test_eight_certificates_and_no_more() -> None:
    assert len(read_request(request(*map(cert_id, range(8)))).cert_ids) == 8
    with pytest.raises(MalformedRequest):
        read_request(request(*map(cert_id, range(9))))


def test_a_hash_identifier_may_leave_its_parameters_out() -> None:
    identifier = bytes.fromhex("300b0609608648016503040201")
    hashes_and_serial = 2 * der(0x04, bytes(32)) + b"\x02\x01\x05"
    bare = der(0x30, der(0x30, der(0x30, der(0x30, der(0x30, identifier + hashes_and_serial)))))
    assert read_request(bare).cert_ids[0].hash.parameters is None
    assert read_request(request()).cert_ids[0].hash.parameters is not None


@pytest.mark.parametrize("octets", [1, 8, 16, 32, 128])
def test_a_nonce_is_kept_as_received(octets: int) -> None:
    wrapped = OCTET_STRING(bytes([7]) * octets).dump()
    assert read_request(request(extensions=[extension(NONCE, wrapped)])).nonce == wrapped


def test_a_nonce_of_an_old_client_without_octet_string_is_kept_as_received() -> None:
    raw = bytes(range(200, 216))
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(bytes(32), bytes(32), 5, SHA256())
    extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(NONCE), raw)
    der = builder.add_extension(extension, critical=False).build().public_bytes(Encoding.DER)
    assert read_request(der).nonce == raw


@pytest.mark.parametrize("octets", [0, 129])
def test_a_nonce_of_another_length_is_malformed(octets: int) -> None:
    with pytest.raises(MalformedRequest):
        read_request(request(extensions=[extension(NONCE, OCTET_STRING(bytes(octets)).dump())]))


def test_two_nonces_are_malformed() -> None:
    one = extension(NONCE, OCTET_STRING(b"12345678").dump())
    with pytest.raises(MalformedRequest):
        read_request(request(extensions=[one, one]))


def test_an_unknown_extension_is_ignored_unless_it_is_critical() -> None:
    assert read_request(request(extensions=[extension("1.2.3", b"\x05\x00")])).nonce is None
    with pytest.raises(MalformedRequest):
        read_request(request(extensions=[extension("1.2.3", b"\x05\x00", critical=True)]))


def test_who_asks_and_who_signed_is_not_looked_at() -> None:
    name = asn1_x509.GeneralName("directory_name", asn1_x509.Name.build({"common_name": "Somebody"}))
    signed = asn1_ocsp.OCSPRequest.load(request(requestor_name=name))
    signed["optional_signature"] = {
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": b"no signature at all",
    }
    assert read_request(signed.dump(force=True)).cert_ids[0].serial == 5


def test_another_version_is_malformed() -> None:
    tbs = asn1_ocsp.OCSPRequest.load(request())["tbs_request"]
    versioned = b"\xa0\x03\x02\x01\x01" + tbs.contents
    with pytest.raises(MalformedRequest):
        read_request(der(0x30, der(0x30, versioned)))


def der(tag: int, content: bytes) -> bytes:
    return bytes([tag, len(content)]) + content if len(content) < 128 else bytes([tag, 0x81, len(content)]) + content


def test_a_request_for_nothing_is_malformed() -> None:
    with pytest.raises(MalformedRequest):
        read_request(der(0x30, der(0x30, der(0x30, b""))))


def test_too_many_octets_are_malformed() -> None:
    with pytest.raises(MalformedRequest):
        read_request(bytes(MAX_OCTETS + 1))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_malformed(garbage: bytes) -> None:
    try:
        read_request(garbage)
    except MalformedRequest:
        return
    raise AssertionError("random bytes are no request")


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_a_changed_byte_is_read_or_malformed(where: int, flip: int) -> None:
    changed = bytearray(request(extensions=[extension(NONCE, OCTET_STRING(b"12345678").dump())]))
    changed[where % len(changed)] ^= flip
    try:
        assert read_request(bytes(changed)).cert_ids
    except MalformedRequest:
        return
