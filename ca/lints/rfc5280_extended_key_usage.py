"""RFC 5280, 4.2.1.12; RFC 9336 for document signing; EN 319 412-2, 4.3.10: never critical for people."""

from collections.abc import Iterator

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.lints.model import Candidate, Finding, extension_of


def rfc5280_extended_key_usage(candidate: Candidate) -> Iterator[Finding]:
    """Exactly the purposes of the profile; critical only for time-stamping."""
    found = extension_of(candidate.certificate, x509.ExtendedKeyUsage)
    if found is None:
        return  # house_extension_set says so where one is wanted
    if tuple(found.value) != candidate.profile.extended_key_usage:
        yield Finding(code="rfc5280.extended_key_usage", detail=f"the purposes are not those of {candidate.profile}")
    if found.critical and ExtendedKeyUsageOID.TIME_STAMPING not in candidate.profile.extended_key_usage:
        yield Finding(code="rfc5280.extended_key_usage", detail="critical")
