"""House rule on RFC 5280, 5.2, and X.509, 9.5.2.6: authority key, number, and since when expired ones stay listed."""

from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509.oid import ExtensionOID

from ca.extensions import EXPIRED_CERTS_ON_CRL
from ca.lints.model import CrlCandidate, Finding, extension_of

_EXPECTED = {ExtensionOID.AUTHORITY_KEY_IDENTIFIER, ExtensionOID.CRL_NUMBER, EXPIRED_CERTS_ON_CRL}


def house_crl_extensions(candidate: CrlCandidate) -> Iterator[Finding]:
    """These three, none critical, each with the value that the issuer's certificate gives it."""
    present = {extension.oid: extension for extension in candidate.crl.extensions}
    if set(present) != _EXPECTED or any(extension.critical for extension in present.values()):
        yield Finding(code="house.crl_extensions", detail="an extension is missing, foreign, or critical")
        return
    subject_key = extension_of(candidate.issuer, x509.SubjectKeyIdentifier)
    digest = subject_key.value.digest if subject_key else None
    authority_key = present[ExtensionOID.AUTHORITY_KEY_IDENTIFIER].value
    if authority_key != x509.AuthorityKeyIdentifier(digest, None, None):
        yield Finding(code="house.crl_extensions", detail="the authority key identifier is not the issuer's")
    since = asn1.encode_der(asn1.GeneralizedTime(candidate.issuer.not_valid_before_utc))
    if present[EXPIRED_CERTS_ON_CRL].value != x509.UnrecognizedExtension(EXPIRED_CERTS_ON_CRL, since):
        yield Finding(code="house.crl_extensions", detail="expired certificates do not stay listed from the beginning")
