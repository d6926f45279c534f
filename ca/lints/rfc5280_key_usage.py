"""RFC 5280, 4.2.1.3, and for people EN 319 412-2, 4.3.2 (type A): what the key is for."""

from collections.abc import Iterator

from cryptography import x509

from ca.lints.model import Candidate, Finding, extension_of

_BITS = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
_AUTHORITY_BITS = ("key_cert_sign", "crl_sign")


def rfc5280_key_usage(candidate: Candidate) -> Iterator[Finding]:
    """Critical, with exactly the bits of the profile."""
    found = extension_of(candidate.certificate, x509.KeyUsage)
    if found is None:
        return  # house_extension_set says so
    bits = {bit for bit in (*_BITS, *_AUTHORITY_BITS) if getattr(found.value, bit)}
    if bits != candidate.profile.key_usage:
        yield Finding(code="rfc5280.key_usage", detail=f"the bits are not those of {candidate.profile}")
    if not found.critical:
        yield Finding(code="rfc5280.key_usage", detail="not critical")
