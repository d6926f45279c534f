"""A whole PKI in memory, made with pyca: root, issuing CA, official, time-stamping unit, OCSP responder.

    pki = make_pki()                            # everything valid from 2026-11-01 on, `pki.at` is a good time to sign
    pki.official.key, pki.official.chain        # leaf first, root last
    pki.crl(pki.issuing, revoked={pki.official.certificate.serial_number: at})
    pki.ocsp(pki.official.certificate, OCSPCertStatus.GOOD, at)
    pki.token(digest, "sha256", at)             # TimeStampToken, DER

Hostile variants come from the same makers with one thing wrong: `pki.official_with(not_after=...)`,
`pki.official_with(extended_key_usage=...)`, `pki.tsu_with(critical=False)`; another root is another `make_pki()`.
Certificates follow the profiles in docs/issuing.md; its enterprise number is 32473 (documentation).
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from asn1crypto import core as asn1_core
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from tests.support.tst import timestamp_token

NOON: Final = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # noon in Bali
BASE_URL: Final = "http://pki.example.org"
POLICY: Final = "1.3.6.1.4.1.32473.1"
DOCUMENT_SIGNING: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
OFFICIAL_EKU: Final = (DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION)
ORGANISATION: Final = "Pemerintah Provinsi Contoh"
ORGANISATION_ID: Final = "VATID-000000000000000"

_KEY_PURPOSES: Final = (
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

AnyKey = ec.EllipticCurvePrivateKey
Extension = tuple[x509.ExtensionType, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A key, and the certificates that speak for it."""

    key: AnyKey
    chain: tuple[x509.Certificate, ...]
    """Its own certificate first, the root last."""

    @property
    def certificate(self) -> x509.Certificate:
        """Its own certificate."""
        return self.chain[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pki:
    """One hierarchy with everybody who signs something in it."""

    at: datetime
    root: Holder
    issuing: Holder
    official: Holder
    tsu: Holder
    responder: Holder

    def certify(
        self,
        public_key: ec.EllipticCurvePublicKey,
        *,
        name: str = "I Wayan Contoh",
        opaque_id: str = "K5QXA2LBONUWC3TB",
        organisation: str = ORGANISATION,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        key_usage: Iterable[str] = ("content_commitment",),
        extended_key_usage: Iterable[x509.ObjectIdentifier] = OFFICIAL_EKU,
        issuer: Holder | None = None,
    ) -> tuple[x509.Certificate, ...]:
        """An official's certificate over `public_key`, with its chain."""
        signer = issuer or self.issuing
        subject = _name(name, organisation=organisation, serial_number=f"BP:ID-{opaque_id}")
        extensions: list[Extension] = [
            (_key_usage(*key_usage), True),
            (x509.ExtendedKeyUsage(extended_key_usage), False),
            (_policies(f"{POLICY}.1.1"), False),
            *_pointers("ca-1-g1", with_ocsp=True),
        ]
        start = not_before or self.at - timedelta(minutes=5)
        end = not_after or start + timedelta(days=730)
        return (_certificate(subject, public_key, signer, extensions, not_before=start, not_after=end), *signer.chain)

    def official_with(self, *, key: AnyKey | None = None, **differences: Any) -> Holder:
        """Another official; `differences` are arguments of `certify`."""
        own = key or ec.generate_private_key(ec.SECP256R1())
        return Holder(key=own, chain=self.certify(own.public_key(), **differences))

    def tsu_with(
        self,
        *,
        extended_key_usage: Iterable[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.TIME_STAMPING,),
        critical: bool = True,
        not_after: datetime | None = None,
        curve: ec.EllipticCurve | None = None,
    ) -> Holder:
        """Another time-stamping unit, right or wrong."""
        return _make_tsu(self.issuing, self.at, extended_key_usage, critical=critical, not_after=not_after, curve=curve)

    def crl(
        self,
        issuer: Holder | None = None,
        revoked: Mapping[int, datetime] | None = None,
        at: datetime | None = None,
        *,
        reason: x509.ReasonFlags = x509.ReasonFlags.key_compromise,
        lifetime: timedelta = timedelta(hours=24),
    ) -> bytes:
        """A complete CRL of `issuer` (the issuing CA when not given); `revoked` maps serial number to time."""
        owner, now = issuer or self.issuing, at or self.at
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(owner.certificate.subject)
            .last_update(now)
            .next_update(now + lifetime)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
            .add_extension(_authority_key(owner.certificate), critical=False)
        )
        for serial, when in (revoked or {}).items():
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when)
            builder = builder.add_revoked_certificate(entry.add_extension(x509.CRLReason(reason), False).build())
        return builder.sign(owner.key, hashes.SHA384()).public_bytes(Encoding.DER)

    def ocsp(
        self,
        certificate: x509.Certificate,
        status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
        at: datetime | None = None,
        *,
        revoked_at: datetime | None = None,
        reason: x509.ReasonFlags | None = None,
        responder: Holder | None = None,
        lifetime: timedelta = timedelta(hours=12),
    ) -> bytes:
        """An OCSPResponse (DER) of the delegated responder about a certificate of the issuing CA."""
        now, who = at or self.at, responder or self.responder
        revoked = status is ocsp.OCSPCertStatus.REVOKED
        answer = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=certificate,
                issuer=self.issuing.certificate,
                algorithm=hashes.SHA1(),  # noqa: S303  # an identifier, not a signature (RFC 6960, 4.1.1)
                cert_status=status,
                this_update=now,
                next_update=now + lifetime,
                revocation_time=(revoked_at or now) if revoked else None,
                revocation_reason=reason,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, who.certificate)
            .certificates([who.certificate])
            .sign(who.key, hashes.SHA256())
        )
        return _produced(answer.public_bytes(Encoding.DER), now, who.key)

    def token(
        self,
        digest: bytes,
        algorithm: str = "sha256",
        at: datetime | None = None,
        *,
        unit: Holder | None = None,
        nonce: int | None = None,
    ) -> bytes:
        """An RFC 3161 TimeStampToken (DER) over `digest`, made with `algorithm`."""
        who = unit or self.tsu
        return timestamp_token(
            digest, algorithm, at or self.at, who.key, who.chain[:-1], policy=f"{POLICY}.2.1", nonce=nonce
        )


def make_pki(at: datetime = NOON, *, label: str = "G1", base_url: str = BASE_URL) -> Pki:
    """A fresh hierarchy with new keys; certificates are valid from 20 days before `at`. The pointers of issuing CA and
    unit lead to `base_url`."""
    start = at - timedelta(days=20)
    root = _make_ca(f"Contoh Root CA {label}", None, start, years=20)
    issuing = _make_ca(f"Contoh Issuing CA 1 {label}", root, start, years=10, base_url=base_url)
    tsu = _make_tsu(issuing, at, (ExtendedKeyUsageOID.TIME_STAMPING,), base_url=base_url)
    responder = _make_responder(issuing, at)
    bare = Pki(at=at, root=root, issuing=issuing, official=issuing, tsu=tsu, responder=responder)
    official = bare.official_with(not_before=at - timedelta(days=10))
    return Pki(at=at, root=root, issuing=issuing, official=official, tsu=tsu, responder=responder)


def _produced(answer: bytes, at: datetime, key: AnyKey) -> bytes:
    """The same OCSPResponse (DER), produced `at` and signed again: the library puts this machine's time into it, at
    which our responder has long ended."""
    told = asn1_ocsp.OCSPResponse.load(answer)
    basic = told["response_bytes"]["response"].parsed
    basic["tbs_response_data"]["produced_at"] = at.replace(microsecond=0)
    basic["signature"] = key.sign(basic["tbs_response_data"].dump(), ec.ECDSA(hashes.SHA256()))
    told["response_bytes"]["response"] = asn1_core.ParsableOctetString(basic.dump())
    return bytes(told.dump())


def new_unit(issuing: Holder, at: datetime) -> Holder:
    """The next time-stamping unit, good for five years from about `at`."""
    return _make_tsu(issuing, at, (ExtendedKeyUsageOID.TIME_STAMPING,))


def _make_ca(
    common_name: str, parent: Holder | None, start: datetime, *, years: int, base_url: str = BASE_URL
) -> Holder:
    key = ec.generate_private_key(ec.SECP384R1())
    path_length = None if parent is None else 0
    extensions: list[Extension] = [
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (_key_usage("key_cert_sign", "crl_sign"), True),
    ]
    if parent is not None:
        extensions += [(_policies("2.5.29.32.0"), False), *_pointers("root-g1", with_ocsp=False, base_url=base_url)]
    latest = parent.certificate.not_valid_after_utc if parent else datetime.max.replace(tzinfo=UTC)
    end = min(start + timedelta(days=365 * years), latest)
    certificate = _certificate(
        _name(common_name), key.public_key(), parent or key, extensions, not_before=start, not_after=end
    )
    return Holder(key=key, chain=(certificate, *(parent.chain if parent else ())))


def _make_tsu(
    issuing: Holder,
    at: datetime,
    extended_key_usage: Iterable[x509.ObjectIdentifier],
    *,
    critical: bool = True,
    not_after: datetime | None = None,
    curve: ec.EllipticCurve | None = None,
    base_url: str = BASE_URL,
) -> Holder:
    key = ec.generate_private_key(curve or ec.SECP384R1())
    start = at - timedelta(days=15)
    extensions: list[Extension] = [
        (_key_usage("digital_signature"), True),
        (x509.ExtendedKeyUsage(extended_key_usage), critical),
        (_policies(f"{POLICY}.1.3"), False),
        *_pointers("ca-1-g1", with_ocsp=True, base_url=base_url),
    ]
    end = not_after or start + timedelta(days=5 * 365)
    certificate = _certificate(
        _name("Contoh TSU 2026-1"), key.public_key(), issuing, extensions, not_before=start, not_after=end
    )
    return Holder(key=key, chain=(certificate, *issuing.chain))


def _make_responder(issuing: Holder, at: datetime) -> Holder:
    key = ec.generate_private_key(ec.SECP256R1())
    start = at - timedelta(days=5)
    extensions: list[Extension] = [
        (_key_usage("digital_signature"), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),
        (x509.OCSPNoCheck(), False),
    ]
    subject = _name("Contoh OCSP 2026-11")
    certificate = _certificate(
        subject, key.public_key(), issuing, extensions, not_before=start, not_after=start + timedelta(days=30)
    )
    return Holder(key=key, chain=(certificate, *issuing.chain))


def _certificate(
    subject: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer: Holder | AnyKey,
    extensions: Iterable[Extension],
    *,
    not_before: datetime,
    not_after: datetime,
) -> x509.Certificate:
    """One certificate; an issuer that is a bare key signs itself."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if isinstance(issuer, Holder) else subject)
        .public_key(public_key)
        .serial_number(int.from_bytes(bytes([1 + secrets.randbelow(0x7F)]) + secrets.token_bytes(16), "big"))
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )
    if isinstance(issuer, Holder):
        builder = builder.add_extension(_authority_key(issuer.certificate), critical=False)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer.key if isinstance(issuer, Holder) else issuer, hashes.SHA384())


def _name(common_name: str, *, organisation: str = ORGANISATION, serial_number: str | None = None) -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
        x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, ORGANISATION_ID),
    ]
    if serial_number:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial_number))
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_usage(*purposes: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{purpose: purpose in purposes for purpose in _KEY_PURPOSES})


def _policies(oid: str) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(oid), None)])


def _pointers(issuer_id: str, *, with_ocsp: bool, base_url: str = BASE_URL) -> list[Extension]:
    """CDP and AIA as every certificate below the root bears them."""

    def uri(path: str) -> x509.UniformResourceIdentifier:
        return x509.UniformResourceIdentifier(f"{base_url}/pki/{path}")

    access = [x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, uri(f"certificates/{issuer_id}.cer"))]
    if with_ocsp:
        access.insert(0, x509.AccessDescription(AuthorityInformationAccessOID.OCSP, uri("ocsp")))
    point = x509.DistributionPoint([uri(f"crl/{issuer_id}.crl")], None, None, None)
    return [(x509.CRLDistributionPoints([point]), False), (x509.AuthorityInformationAccess(access), False)]


def _authority_key(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    ski = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ski)
