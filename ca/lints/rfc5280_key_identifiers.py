"""RFC 5280, 4.2.1.1 and 4.2.1.2: the identifiers by which paths are built."""

from collections.abc import Iterator

from cryptography import x509

from ca.lints.model import Candidate, Finding, extension_of


def rfc5280_key_identifiers(candidate: Candidate) -> Iterator[Finding]:
    """The subject's by method 1 (SHA-1 of the key bits); the authority's equal to the issuer's, and nothing else."""
    certificate = candidate.certificate
    subject = extension_of(certificate, x509.SubjectKeyIdentifier)
    if subject and subject.value != x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()):
        yield Finding(code="rfc5280.key_identifiers", detail="the subject key identifier is not method 1 of this key")
    authority = extension_of(certificate, x509.AuthorityKeyIdentifier)
    if authority and authority.value != x509.AuthorityKeyIdentifier(candidate.issuer.key_identifier, None, None):
        yield Finding(code="rfc5280.key_identifiers", detail="the authority key identifier is not the issuer's alone")
