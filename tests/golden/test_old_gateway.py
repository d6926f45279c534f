"""Look-alikes of letters signed by the national gateway, under a root that ended and under the one that lives.

No signing-certificate attribute, RSA-2048 with SHA-256, a timestamp of an authority that ended, nothing kept inside:
intact for ever, and proven by nothing but our own record of that time.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.tst import timestamp_token
from tests.vectors import containers
from tests.vectors.containers import Style, cms, embed
from tests.vectors.letters import add_validation_data, pages
from verifier.model import Indication, SignatureReport, SubIndication, TrustAnchorEntry, TrustSnapshot
from verifier.policy import load_policy
from verifier.validation import validate

SIGNED = datetime(2024, 2, 12, 3, tzinfo=UTC)
ROOT_ENDS = datetime(2026, 8, 18, tzinfo=UTC)
TODAY = datetime(2026, 11, 21, 4, tzinfo=UTC)
POLICY = load_policy("teken-1")
DAY = timedelta(days=1)
ROOT = "Induk Contoh Kelas 2"


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """One hierarchy: a root that issues directly, a signatory and a time-stamping unit."""

    root: x509.Certificate
    root_key: ec.EllipticCurvePrivateKey
    official: x509.Certificate
    key: rsa.RSAPrivateKey
    unit: x509.Certificate
    unit_key: ec.EllipticCurvePrivateKey

    def crl(self, at: datetime) -> bytes:
        """Empty, of the root."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.root.subject)
        builder = builder.last_update(at).next_update(at + DAY)
        return builder.sign(self.root_key, hashes.SHA256()).public_bytes(Encoding.DER)

    def letter(self, text: str = "Surat dinas", subfilter: str = "adbe.pkcs7.detached") -> bytes:
        """One letter of this gateway."""
        maker = containers.rsa_maker(self.key, containers.as_der(self.official))

        def token(value: bytes) -> list[bytes]:
            digest, chain = hashlib.sha256(value).digest(), [self.unit, self.root]
            return [timestamp_token(digest, "sha256", SIGNED, self.unit_key, chain, policy="1.3.6.1.4.1.32473.1.2.1")]

        style = Style(names_certificate=False, certificates=(containers.as_der(self.root),))
        return embed(
            pages(text),
            lambda covered: cms(covered, maker, style, tokens=token),
            subfilter=subfilter,
            field=b"sig_1707706800123",
        )

    def trust(self, *crls: bytes, until: datetime | None = None) -> TrustSnapshot:
        """Its root, historical where it has ended."""
        entry = TrustAnchorEntry(
            name=ROOT,
            certificate=containers.as_der(self.root),
            certified=True,
            purposes=frozenset({"signature", "timestamp"}),
            valid_until=until,
            historical=until is not None,
        )
        return TrustSnapshot(anchors=(entry,), intermediates=(), crls=crls)


def certificate(
    name: str, kind: str, public: object, key: ec.EllipticCurvePrivateKey, life: tuple[datetime, datetime]
) -> x509.Certificate:
    """Issued by the root, whose key is `key`."""

    def called(common: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

    usages = {"root": ("key_cert_sign", "crl_sign"), "official": ("digital_signature", "content_commitment")}
    builder = (
        x509.CertificateBuilder()
        .subject_name(called(name))
        .issuer_name(called(ROOT))
        .public_key(public)  # type: ignore[arg-type]  # any key
        .serial_number(x509.random_serial_number())
        .not_valid_before(life[0])
        .not_valid_after(life[1])
        .add_extension(x509.BasicConstraints(ca=kind == "root", path_length=None), critical=True)
        .add_extension(_usage(*usages.get(kind, ("digital_signature",))), critical=True)
    )
    if kind == "unit":
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(key, hashes.SHA256())


def _usage(*asserted: str) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: name in asserted for name in names})


def gateway(root_ends: datetime, official_ends: datetime, unit_ends: datetime) -> Gateway:
    root_key, unit_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    key, began = rsa.generate_private_key(65537, 2048), SIGNED - 30 * DAY
    return Gateway(
        root=certificate(ROOT, "root", root_key.public_key(), root_key, (SIGNED - 2000 * DAY, root_ends)),
        root_key=root_key,
        official=certificate("Ni Made Contoh", "official", key.public_key(), root_key, (began, official_ends)),
        key=key,
        unit=certificate("Otoritas Waktu Contoh", "unit", unit_key.public_key(), root_key, (began, unit_ends)),
        unit_key=unit_key,
    )


@pytest.fixture(scope="module")
def old() -> Gateway:
    return gateway(ROOT_ENDS, SIGNED + 700 * DAY, datetime(2026, 9, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def living() -> Gateway:
    return gateway(TODAY + 4000 * DAY, TODAY + 300 * DAY, TODAY + 900 * DAY)


def judged(pdf: bytes, trust: TrustSnapshot, since: datetime | None = None) -> SignatureReport:
    (report,) = validate(pdf, POLICY, trust, TODAY, known_since=since).signatures
    return report


def test_an_untouched_letter_that_we_never_saw_is_intact_and_unproven(old: Gateway) -> None:
    report = judged(old.letter(), old.trust(old.crl(TODAY), until=ROOT_ENDS))
    assert (report.indication, report.reason) == (Indication.INDETERMINATE, SubIndication.OUT_OF_BOUNDS_NO_POE)
    assert report.intact
    assert report.signer is not None
    assert (report.signer.subject, report.signer.issuer) == ("Ni Made Contoh", ROOT)
    assert report.level == "PKCS7-T"


def test_our_own_record_of_that_time_proves_it_under_the_historical_anchor(old: Gateway) -> None:
    since = SIGNED + 2 * DAY
    report = judged(old.letter(), old.trust(old.crl(since), until=ROOT_ENDS), since)
    assert (report.indication, report.reason) == (Indication.TOTAL_PASSED, None)
    assert (report.anchor, report.certified) == (ROOT, True)
    assert report.proven_at == SIGNED, "the token of that authority is believed as of our record"


def test_a_record_without_the_status_of_that_time_leaves_it_open(old: Gateway) -> None:
    report = judged(old.letter(), old.trust(until=ROOT_ENDS), SIGNED + 2 * DAY)
    assert (report.indication, report.reason) == (Indication.INDETERMINATE, SubIndication.TRY_LATER)
    assert report.intact


def test_one_changed_byte_fails_with_and_without_our_record(old: Gateway) -> None:
    pdf = old.letter().replace(b"(Surat dinas)", b"(Surat dinaz)", 1)
    for since in (None, SIGNED + 2 * DAY):
        report = judged(pdf, old.trust(old.crl(SIGNED + 2 * DAY), until=ROOT_ENDS), since)
        assert (report.indication, report.reason) == (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)


def test_what_it_carries_from_then_proves_no_time(old: Gateway) -> None:
    pdf = add_validation_data(old.letter(), [old.root, old.unit], [old.crl(SIGNED)], [])
    report = judged(pdf, old.trust(until=ROOT_ENDS))
    assert (report.indication, report.reason) == (Indication.INDETERMINATE, SubIndication.OUT_OF_BOUNDS_NO_POE)
    assert report.level == "PKCS7-LT"


def test_a_letter_under_the_living_root_passes_where_that_is_configured(living: Gateway) -> None:
    pdf, fresh = living.letter(), living.crl(TODAY)
    report = judged(pdf, living.trust(fresh))
    assert (report.indication, report.reason, report.certified) == (Indication.TOTAL_PASSED, None, True)
    assert report.proven_at == SIGNED
    nobody = replace(living.trust(fresh), anchors=())
    assert judged(pdf, nobody).reason is SubIndication.NO_CERTIFICATE_CHAIN_FOUND
    assert judged(pdf, living.trust()).reason is SubIndication.TRY_LATER


def test_a_pades_name_makes_it_no_pades(living: Gateway) -> None:
    report = judged(living.letter(subfilter="ETSI.CAdES.detached"), living.trust(living.crl(TODAY)))
    assert (report.reason, report.level) == (None, "PKCS7-T")
