"""Another CA for tests: it certifies what it is sent, well or with exactly one thing wrong."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from signer.foreign.model import ForeignRules
from tests.support.pki import ORGANISATION, POLICY, Holder, Pki

HOST = "pki.example.org"
CRL = f"http://{HOST}/pki/crl/ca-1-g1.crl"
OCSP = f"http://{HOST}/pki/ocsp"


def rules(pki: Pki, **differences: object) -> ForeignRules:
    """Rules that a good answer of `pki` keeps."""
    good = {"anchors": (pki.root.certificate,), "policies": frozenset({f"{POLICY}.1.1"}), "hosts": frozenset({HOST})}
    return ForeignRules(**{**good, **differences})  # type: ignore[arg-type]  # fields by name


def certify(
    pki: Pki,
    public_key: ec.EllipticCurvePublicKey,
    *,
    name: str = "I Wayan Contoh",
    organisation: str | None = ORGANISATION,
    more_names: Sequence[tuple[x509.ObjectIdentifier, str]] = (),
    days: int = 730,
    start: datetime | None = None,
    usage: x509.KeyUsage | None = None,
    crl: str | None = CRL,
    ocsp: str | None = OCSP,
    ca_issuers: str | None = None,
    policy: str = f"{POLICY}.1.1",
    is_ca: bool = False,
    issuer: Holder | None = None,
) -> x509.Certificate:
    """An official's certificate; each argument is one thing to get wrong."""
    signer = issuer or pki.issuing
    names = [x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if organisation is not None:
        names.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    names += [x509.NameAttribute(oid, text) for oid, text in more_names]
    began = start or pki.at - timedelta(hours=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(names))
        .issuer_name(signer.certificate.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(_policies(policy), critical=False)
        .add_extension(_authority(signer), critical=False)
    )
    chosen = usage or key_usage()
    if chosen is not NO_USAGE:
        builder = builder.add_extension(chosen, critical=True)
    if crl is not None:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    access = [
        x509.AccessDescription(method, x509.UniformResourceIdentifier(address))
        for method, address in (
            (AuthorityInformationAccessOID.OCSP, ocsp),
            (AuthorityInformationAccessOID.CA_ISSUERS, ca_issuers),
        )
        if address is not None
    ]
    if access:
        builder = builder.add_extension(x509.AuthorityInformationAccess(access), critical=False)
    return builder.sign(signer.key, hashes.SHA384())


def key_usage(*, content_commitment: bool = True, key_cert_sign: bool = False) -> x509.KeyUsage:
    """A key usage with or without what matters here."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


NO_USAGE = key_usage(content_commitment=False)
"""Leave the extension out."""


def pem(*certificates: x509.Certificate) -> bytes:
    """As a CA mails them."""
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


def _policies(oid: str) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(oid), None)])


def _authority(signer: Holder) -> x509.AuthorityKeyIdentifier:
    ski = signer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ski)
