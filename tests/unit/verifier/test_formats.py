"""Containers and algorithms that others choke on: each holds, or is named as unsupported; none is called broken."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from asn1crypto import cms as asn1_cms
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from tests.support.pki import Pki
from tests.vectors import containers
from tests.vectors.containers import Maker, Style, as_der, cms, embed
from tests.vectors.letters import add_validation_data, pages, sign
from verifier.cms import Refused, parse_cms
from verifier.integrity import token_holds
from verifier.limits import Limits
from verifier.model import Indication, SignatureReport, SubIndication, TrustSnapshot
from verifier.policy import ValidationPolicy
from verifier.signature_value import Message
from verifier.validation import validate

HOUR = timedelta(hours=1)
RSA_2048 = rsa.generate_private_key(65537, 2048)
P256_ECDSA = "1.2.840.10045.4.3.2"
PLAIN_SHA256, PLAIN_SHA384 = "0.4.0.127.0.7.1.1.4.1.3", "0.4.0.127.0.7.1.1.4.1.4"


@pytest.fixture
def judged(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot) -> Callable[[bytes], SignatureReport]:
    def judge(pdf: bytes) -> SignatureReport:
        (signature,) = validate(pdf, policy, trust, pki.at + HOUR).signatures
        return signature

    return judge


def certified(pki: Pki, key: containers.AnyKey) -> bytes:
    return as_der(pki.certify(key.public_key())[0])  # type: ignore[arg-type]  # any key can be certified


def signed(pki: Pki, maker: Maker, style: Style = containers.PLAIN, **more: str) -> bytes:
    """One letter; changed by the same program it must always fail."""
    complete = replace(style, certificates=(as_der(pki.issuing.certificate), *style.certificates))
    return embed(pages("Surat dinas"), lambda covered: cms(covered, maker, complete), **more)


def rsa_maker(pki: Pki, digest: str = "sha256") -> Maker:
    return containers.rsa_maker(RSA_2048, certified(pki, RSA_2048), digest)


def ec_maker(pki: Pki, curve: ec.EllipticCurve, name: str, digest: str = "sha256", *, plain: bool = False) -> Maker:
    key = ec.generate_private_key(curve)
    return containers.ecdsa_maker(key, certified(pki, key), name, digest, plain=plain)


def pss(pki: Pki, **parameters: object) -> Maker:
    return containers.pss_maker(RSA_2048, certified(pki, RSA_2048), **parameters)  # type: ignore[arg-type]


def edwards(pki: Pki, key: ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey) -> Maker:
    return containers.edwards_maker(key, certified(pki, key))


ALGORITHMS: dict[str, Callable[[Pki], Maker]] = {
    "RSA PKCS 1": rsa_maker,
    "RSA, SHA-512": lambda pki: rsa_maker(pki, "sha512"),
    "RSA, SHA3-256": lambda pki: rsa_maker(pki, "sha3_256"),
    "RSA-PSS": pss,
    "RSA-PSS without salt": lambda pki: pss(pki, salt=0),
    "RSA-PSS, a long salt": lambda pki: pss(pki, salt=222),
    "RSA-PSS, MGF1 with SHA-1": lambda pki: pss(pki, digest="sha512", mgf="sha1", salt=20),
    "ECDSA P-384, SHA-384": lambda pki: ec_maker(pki, ec.SECP384R1(), "1.2.840.10045.4.3.3", "sha384"),
    "ECDSA, SHA3-256": lambda pki: ec_maker(pki, ec.SECP256R1(), "2.16.840.1.101.3.4.3.10", "sha3_256"),
    "ECDSA, brainpoolP256r1": lambda pki: ec_maker(pki, ec.BrainpoolP256R1(), P256_ECDSA),
    "ECDSA, brainpoolP512r1": lambda pki: ec_maker(pki, ec.BrainpoolP512R1(), "1.2.840.10045.4.3.4", "sha512"),
    "ECDSA named by its key": lambda pki: ec_maker(pki, ec.SECP256R1(), "1.2.840.10045.2.1"),
    "ECDSA, plain value": lambda pki: ec_maker(pki, ec.SECP256R1(), P256_ECDSA, plain=True),
    "PLAIN-ECDSA": lambda pki: ec_maker(pki, ec.SECP256R1(), PLAIN_SHA256, plain=True),
    "PLAIN-ECDSA P-384": lambda pki: ec_maker(pki, ec.SECP384R1(), PLAIN_SHA384, "sha384", plain=True),
    "Ed25519": lambda pki: edwards(pki, ed25519.Ed25519PrivateKey.generate()),
    "Ed448": lambda pki: edwards(pki, ed448.Ed448PrivateKey.generate()),
}

STYLES = {
    "no signing certificate": Style(names_certificate=False),
    "no signed attributes": Style(attributes=False),
    "attributes out of order": Style(ordered=False),
    "by key identifier": Style(by_key_identifier=True),
    "BER": Style(ber=True),
    "BER, no attributes": Style(ber=True, attributes=False),
    "BER, out of order": Style(ber=True, ordered=False),
}


@pytest.mark.parametrize("make", ALGORITHMS.values(), ids=list(ALGORITHMS))
def test_an_algorithm_that_others_choke_on_passes(
    make: Callable[[Pki], Maker], pki: Pki, judged: Callable[[bytes], SignatureReport]
) -> None:
    report = judged(signed(pki, make(pki)))
    assert (report.reason, report.detail) == (None, "every check passed")
    assert report.level == "PAdES-B-B"


@pytest.mark.parametrize("make", ALGORITHMS.values(), ids=list(ALGORITHMS))
def test_the_same_algorithm_finds_a_changed_file(
    make: Callable[[Pki], Maker], pki: Pki, judged: Callable[[bytes], SignatureReport]
) -> None:
    pdf = signed(pki, make(pki)).replace(b"(Surat dinas)", b"(Surat palsu)", 1)
    assert judged(pdf).reason is SubIndication.HASH_FAILURE
    forged = make(pki)
    stranger = replace(forged, sign=lambda data: forged.sign(data + b"x"))
    assert judged(signed(pki, stranger)).reason is SubIndication.SIG_CRYPTO_FAILURE


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
@pytest.mark.parametrize("name", ["RSA PKCS 1", "ECDSA, brainpoolP256r1", "PLAIN-ECDSA", "Ed25519", "Ed448"])
def test_a_container_that_others_choke_on_passes(
    style: Style, name: str, pki: Pki, judged: Callable[[bytes], SignatureReport]
) -> None:
    maker = ALGORITHMS[name](pki)
    report = judged(signed(pki, maker, style))
    assert (report.reason, report.detail) == (None, "every check passed")
    bound = style.attributes and style.names_certificate
    assert report.level == ("PAdES-B-B" if bound else "PKCS7")
    changed = signed(pki, maker, style).replace(b"(Surat dinas)", b"(Surat palsu)", 1)
    assert judged(changed).indication is Indication.TOTAL_FAILED


@pytest.mark.parametrize("subfilter", ["adbe.pkcs7.detached", "ETSI.CAdES.detached"])
def test_a_letter_of_the_old_gateway_names_no_certificate_and_passes(
    subfilter: str, pki: Pki, judged: Callable[[bytes], SignatureReport]
) -> None:
    report = judged(signed(pki, rsa_maker(pki), Style(names_certificate=False), subfilter=subfilter))
    assert (report.reason, report.level) == (None, "PKCS7")


@pytest.mark.parametrize("ber", [False, True])
def test_pkcs7_sha1_is_read_and_its_digest_is_too_weak_today(
    ber: bool, pki: Pki, judged: Callable[[bytes], SignatureReport]
) -> None:
    style = Style(wrapped_digest=True, names_certificate=False, ber=ber)
    report = judged(signed(pki, rsa_maker(pki), style, subfilter="adbe.pkcs7.sha1"))
    assert report.intact
    assert report.reason is SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE
    changed = signed(pki, rsa_maker(pki), style, subfilter="adbe.pkcs7.sha1").replace(b"(Surat d", b"(Surat p", 1)
    assert judged(changed).reason is SubIndication.HASH_FAILURE


def test_pkcs7_sha1_without_its_content_is_no_signature(pki: Pki, judged: Callable[[bytes], SignatureReport]) -> None:
    pdf = signed(pki, rsa_maker(pki), Style(names_certificate=False), subfilter="adbe.pkcs7.sha1")
    assert judged(pdf).reason is SubIndication.FORMAT_FAILURE


@pytest.mark.parametrize("digest", ["sha1", "sha256", "sha512"])
def test_a_bare_rsa_value_is_read(digest: str, pki: Pki, judged: Callable[[bytes], SignatureReport]) -> None:
    maker = rsa_maker(pki, digest)
    chain = b"[<%s> <%s>]" % (maker.certificate.hex().encode(), as_der(pki.issuing.certificate).hex().encode())
    pdf = embed(
        pages("Surat dinas"),
        lambda covered: containers.octets(maker.sign(covered)),
        subfilter="adbe.x509.rsa_sha1",
        more=b"/Cert " + chain,
    )
    report = judged(pdf)
    assert report.intact
    assert report.level == "PKCS7"
    assert report.reason is (SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE if digest == "sha1" else None)
    changed = judged(pdf.replace(b"(Surat dinas)", b"(Surat palsu)", 1))
    assert changed.reason is SubIndication.SIG_CRYPTO_FAILURE


@pytest.mark.parametrize("stored", [b"", b"/Cert 12", b"/Cert <00>", b"/Cert []", b"/Cert [1 2]", b"/Cert (x)"])
def test_a_bare_value_without_its_certificate_cannot_be_judged(
    stored: bytes, pki: Pki, judged: Callable[[bytes], SignatureReport]
) -> None:
    maker = rsa_maker(pki)
    pdf = embed(
        pages("Surat dinas"),
        lambda covered: containers.octets(maker.sign(covered)),
        subfilter="adbe.x509.rsa_sha1",
        more=stored,
    )
    assert judged(pdf).reason in (SubIndication.NO_SIGNING_CERTIFICATE_FOUND, SubIndication.UNSUPPORTED)


@pytest.mark.parametrize(
    "parameters",
    [containers.NULL, b"", containers.octets(b"x"), containers.seq()],
    ids=["NULL", "none", "odd", "empty"],
)
def test_needless_digest_parameters_harm_nothing(
    parameters: bytes, pki: Pki, judged: Callable[[bytes], SignatureReport]
) -> None:
    maker = containers.with_digest_parameters(rsa_maker(pki), parameters)
    assert judged(signed(pki, maker)).reason is None


def test_a_digest_named_by_its_signature_algorithm_is_understood(
    pki: Pki, judged: Callable[[bytes], SignatureReport]
) -> None:
    named = containers.seq(containers.oid("1.2.840.113549.1.1.11"), containers.NULL)
    assert judged(signed(pki, replace(rsa_maker(pki), digest_algorithm=named))).reason is None


def test_pss_that_names_another_digest_rests_on_both(pki: Pki, judged: Callable[[bytes], SignatureReport]) -> None:
    maker = replace(pss(pki, digest="sha1", mgf="sha1", salt=20), digest="sha256")
    report = judged(signed(pki, maker))
    assert report.intact
    assert report.reason is SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE


def test_small_and_old_keys_are_named_as_weak_and_not_as_broken(
    pki: Pki, judged: Callable[[bytes], SignatureReport]
) -> None:
    small = rsa.generate_private_key(65537, 1024)  # noqa: S505  # as old cards had them
    old = dsa.generate_private_key(2048)
    for maker in (
        containers.rsa_maker(small, certified(pki, small)),
        containers.dsa_maker(old, certified(pki, old)),
        ec_maker(pki, ec.SECP192R1(), "1.2.840.10045.4.3.2"),
    ):
        report = judged(signed(pki, maker))
        assert report.intact
        assert report.reason is SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE


UNKNOWN_ALGORITHMS = {
    "GOST": "1.2.643.7.1.1.3.2",
    "SM2": "1.2.156.10197.1.501",
    "Falcon": "1.3.9999.3.11",
    "RSA with SHAKE256": "1.3.6.1.5.5.7.6.31",
}


@pytest.mark.parametrize("named", UNKNOWN_ALGORITHMS.values(), ids=list(UNKNOWN_ALGORITHMS))
def test_an_unknown_algorithm_is_named_and_never_broken(
    named: str, pki: Pki, judged: Callable[[bytes], SignatureReport]
) -> None:
    report = judged(signed(pki, replace(rsa_maker(pki), algorithm=containers.seq(containers.oid(named)))))
    assert report.reason is SubIndication.UNSUPPORTED
    assert named in report.detail
    assert report.signer is not None


def test_an_unknown_digest_is_named(pki: Pki, judged: Callable[[bytes], SignatureReport]) -> None:
    streebog = containers.seq(containers.oid("1.2.643.7.1.1.2.2"))
    report = judged(signed(pki, replace(rsa_maker(pki), digest_algorithm=streebog)))
    assert report.reason is SubIndication.UNSUPPORTED
    assert "1.2.643.7.1.1.2.2" in report.detail


P256 = (
    0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
    0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC,
    0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
)


def on_curve_spelled_out(pki: Pki, a_delta: int = 0) -> Maker:
    key, generator = ec.generate_private_key(ec.SECP256R1()), ec.derive_private_key(1, ec.SECP256R1())
    p, a, b = P256
    base = generator.public_key().public_numbers()
    point = b"\x04" + base.x.to_bytes(32, "big") + base.y.to_bytes(32, "big")
    spelled = containers.explicit_curve(key.public_key(), (p, a + a_delta, b, key.curve.group_order), point)
    (plain, *_) = pki.certify(key.public_key())
    return containers.ecdsa_maker(key, containers.certify_key(plain, pki.issuing.key, spelled), P256_ECDSA)


def test_an_old_card_with_its_curve_spelled_out_passes_or_is_unsupported(
    pki: Pki, judged: Callable[[bytes], SignatureReport]
) -> None:
    assert judged(signed(pki, on_curve_spelled_out(pki))).reason is None
    report = judged(signed(pki, on_curve_spelled_out(pki, a_delta=-1)))
    assert report.reason is SubIndication.UNSUPPORTED, "another curve than its name: never taken for the known one"


def test_a_signers_certificate_that_nobody_can_read_is_not_called_absent(
    pki: Pki, judged: Callable[[bytes], SignatureReport]
) -> None:
    maker = rsa_maker(pki)
    broken = maker.certificate.replace(bytes.fromhex("0603551d0f"), bytes.fromhex("0603551d8f"), 1)
    sent = Style(leaves_out_certificate=True, certificates=(broken,))
    report = judged(signed(pki, maker, sent))
    assert report.reason in (SubIndication.UNSUPPORTED, SubIndication.NO_SIGNING_CERTIFICATE_FOUND)
    nobody = judged(signed(pki, maker, Style(leaves_out_certificate=True)))
    assert nobody.reason is SubIndication.NO_SIGNING_CERTIFICATE_FOUND


def test_several_timestamps_are_all_read_and_the_earliest_counts(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    maker = rsa_maker(pki)

    def tokens(value: bytes) -> list[bytes]:
        digest = hashlib.sha256(value).digest()
        foreign = pki.token(hashlib.sha256(b"other bytes").digest(), "sha256", pki.at - HOUR)
        return [pki.token(digest, "sha256", pki.at + timedelta(minutes=minutes)) for minutes in (9, 3)] + [foreign]

    style = Style(certificates=(as_der(pki.issuing.certificate),))
    pdf = embed(pages("Surat dinas"), lambda covered: cms(covered, maker, style, tokens=tokens))
    (report,) = validate(pdf, policy, trust, pki.at + HOUR).signatures
    assert (report.reason, report.level) == (None, "PAdES-B-T")
    assert report.proven_at == pki.at + timedelta(minutes=3)


def test_a_timestamp_that_does_not_hold_is_left_aside_and_told(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    maker, style = rsa_maker(pki), Style(certificates=(as_der(pki.issuing.certificate),))
    foreign = pki.token(hashlib.sha256(b"other bytes").digest(), "sha256", pki.at)
    for tokens, remark in (
        ([foreign], "the timestamp was made for other bytes"),
        ([containers.seq()], "is not CMS SignedData"),
        ([foreign] * 17, "only the first 16 are read"),
    ):

        def contents(covered: bytes, sent: list[bytes] = tokens) -> bytes:
            return cms(covered, maker, style, tokens=lambda _: sent)

        pdf = embed(pages("Surat"), contents, space=65_536)
        (report,) = validate(pdf, policy, trust, pki.at + HOUR).signatures
        assert (report.reason, report.level, report.timestamp) == (None, "PAdES-B-B", None)
        assert remark in report.detail


def test_a_timestamp_without_its_units_certificate_finds_it_beside_the_signers(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    maker, issuing, unit = rsa_maker(pki), as_der(pki.issuing.certificate), as_der(pki.tsu.certificate)

    def tokens(value: bytes) -> list[bytes]:
        return [bare_token(pki, hashlib.sha256(value).digest())]

    for sent, level in (((issuing, unit), "PAdES-B-T"), ((issuing,), "PAdES-B-B")):

        def contents(covered: bytes, sent: tuple[bytes, ...] = sent) -> bytes:
            return cms(covered, maker, Style(certificates=sent), tokens=tokens)

        (report,) = validate(embed(pages("Surat"), contents), policy, trust, pki.at + HOUR).signatures
        assert (report.reason, report.level) == (None, level)


def bare_token(pki: Pki, digest: bytes) -> bytes:
    """A token that carries no certificate."""
    token = asn1_cms.ContentInfo.load(pki.token(digest))
    token["content"]["certificates"] = asn1_cms.CertificateSet([])
    return bytes(token.dump())


def test_a_timestamp_with_a_weak_digest_proves_no_time(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    maker, style = rsa_maker(pki), Style(certificates=(as_der(pki.issuing.certificate),))

    def tokens(value: bytes) -> list[bytes]:
        return [pki.token(hashlib.sha512(value).digest(), "sha512", pki.at)]

    pdf = embed(pages("Surat"), lambda covered: cms(covered, maker, style, tokens=tokens))
    (strong,) = validate(pdf, policy, trust, pki.at + HOUR).signatures
    strict = replace(policy, digests=tuple(each for each in policy.digests if each.name != "sha512"))
    (weak,) = validate(pdf, strict, trust, pki.at + HOUR).signatures
    assert strong.timestamp is not None
    assert weak.timestamp is not None
    assert (strong.timestamp.trusted, weak.timestamp.trusted) == (True, False)


def test_tokens_of_every_length_are_read_as_they_came(pki: Pki) -> None:
    """A length whose last octet is 0x80 looks like an open one to some readers."""
    value, endings = b"a signature value", set()
    for size in range(256):
        for _ in range(
            50
        ):  # the length of an ECDSA value wavers, so one token may step over the last octet that counts
            token = pki.token(hashlib.sha256(value).digest(), "sha256", pki.at, nonce=1 << (8 * size))
            endings.add(token[3])
            assert token_holds(token, Message(value), Limits()).time == pki.at
            if token[3] == 0x80 or abs(token[3] - 0x80) > 8:
                break
    assert 0x80 in endings


BEYOND_BASELINE = {
    "signing time as an attribute": (
        Style(more_attributes=(containers.attribute("1.2.840.113549.1.9.5", b"\x17\x0d261121040000Z"),)),
        b"",
    ),
    "certificates in the dictionary": (Style(), b"/Cert <00>"),
}


@pytest.mark.parametrize(("style", "more"), BEYOND_BASELINE.values(), ids=list(BEYOND_BASELINE))
def test_what_breaks_a_baseline_rule_is_pades_and_no_baseline_level(
    style: Style, more: bytes, pki: Pki, judged: Callable[[bytes], SignatureReport]
) -> None:
    maker = rsa_maker(pki)
    sent = replace(style, certificates=(as_der(pki.issuing.certificate),))
    report = judged(embed(pages("Surat dinas"), lambda covered: cms(covered, maker, sent), more=more))
    assert (report.reason, report.level) == (None, "PAdES-BES")


def test_status_of_somebody_else_makes_no_level_b_lt(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot) -> None:
    letter = sign(pages("Surat"), pki.official, claimed=pki.at, token_of=(pki, pki.at))
    for crl, level in ((pki.crl(pki.root), "PAdES-B-T"), (pki.crl(pki.issuing), "PAdES-B-LT")):
        pdf = add_validation_data(letter, pki.official.chain, [crl], [])
        (report,) = validate(pdf, policy, trust, pki.at + HOUR).signatures
        assert (report.reason, report.level) == (None, level)


JUNK = {
    "nested and open": b"\x30\x80" * 2_600_000,
    "many pieces": b"\x24\x80" + b"\x04\x01x" * 1_700_000,
    "zeros": b"\x30\x84\x00\x4f\xff\xf0" + bytes(5_242_864),
    "long lengths": b"\x30\x88\x00\x00\x00\x00\x00\x50\x00\x00" * 500_000,
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=list(JUNK))
@pytest.mark.parametrize("size", [5_200_000, 4_000_000])
def test_megabytes_of_junk_are_refused_at_once(junk: bytes, size: int) -> None:
    start = time.process_time()
    with pytest.raises(Refused) as refusal:
        parse_cms(junk[:size], Limits())
    assert refusal.value.reason.indication is not Indication.TOTAL_PASSED
    assert time.process_time() - start < 1
