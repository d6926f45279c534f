"""The CMS from our template, against pyHanko's own and against whatever sizes chance brings."""

import asyncio
import hashlib

import pytest
from asn1crypto import cms as asn1_cms
from hypothesis import given, settings
from hypothesis import strategies as st

from signer.cms_check import ID_DATA, CmsUnsound, check_signed_data
from signer.cms_signer import CmsSigner
from signer.der import OCTETS, SEQUENCE, Element, tlv
from tests.support.pki import make_pki
from tests.support.plain_pyhanko import KeySigner

PKI = make_pki()
SIGNER = CmsSigner(PKI.official.key, PKI.official.chain)
PLAIN = KeySigner(PKI.official)
digests = st.binary(min_size=32, max_size=32)


def signer_info(der: bytes) -> asn1_cms.SignerInfo:
    return asn1_cms.ContentInfo.load(der)["content"]["signer_infos"][0]


def attributes(info: asn1_cms.SignerInfo) -> dict[str, object]:
    return {attribute["type"].native: attribute["values"].native for attribute in info["signed_attrs"]}


@settings(max_examples=25, deadline=None)
@given(digests)
def test_the_template_says_what_pyhankos_signer_says(digest: bytes) -> None:
    reference = asyncio.run(PLAIN.async_sign(digest, "sha256", use_pades=True))
    theirs, ours = signer_info(reference.dump()), signer_info(SIGNER.sign(digest))
    assert attributes(ours) == attributes(theirs)
    for part in ("version", "sid", "signature_algorithm"):
        assert ours[part].native == theirs[part].native
    assert ours["digest_algorithm"]["algorithm"].native == theirs["digest_algorithm"]["algorithm"].native


@settings(deadline=None)
@given(digests, st.integers(0, 70_000) | st.sampled_from([0x80, 0x100, 0x180, 0x1080, 0x1180, 0x2080, 0x10080]))
def test_a_token_of_any_length_arrives_as_it_was_and_fits_the_room(digest: bytes, length: int) -> None:
    token = tlv(SEQUENCE, tlv(OCTETS, bytes(length)))
    der = SIGNER.sign(digest, lambda _: token)
    checked = check_signed_data(der, PKI.official.certificate, content_type=ID_DATA, detached_digest=digest)
    assert checked.timestamp_token == token
    assert len(der) <= SIGNER.size(len(token))
    assert Element(der).encoded == der


@given(digests)
def test_what_is_timestamped_is_the_digest_of_the_signature_value(digest: bytes) -> None:
    seen: list[bytes] = []
    der = SIGNER.sign(digest, lambda hashed: seen.append(hashed) or tlv(SEQUENCE))
    assert seen == [hashlib.sha256(signer_info(der)["signature"].native).digest()]


@settings(deadline=None)
@given(digests, st.integers(min_value=0), st.integers(1, 255))
def test_no_changed_octet_passes_the_check(digest: bytes, where: int, flip: int) -> None:
    der = SIGNER.sign(digest)
    info = signer_info(der)
    covered = [
        der.index(part) + offset
        for part in (info["signed_attrs"].contents, info["signature"].contents)
        for offset in range(len(part))
    ]
    at = covered[where % len(covered)]
    forged = der[:at] + bytes([der[at] ^ flip]) + der[at + 1 :]
    with pytest.raises(CmsUnsound):
        check_signed_data(forged, PKI.official.certificate, content_type=ID_DATA, detached_digest=digest)


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_the_check_survives_any_octets(noise: bytes) -> None:
    with pytest.raises(CmsUnsound):
        check_signed_data(noise, PKI.official.certificate, content_type=ID_DATA, detached_digest=bytes(32))
