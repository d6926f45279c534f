"""RFC 5280, 4.2.1.9: who may issue, and how deep."""

from collections.abc import Iterator

from cryptography import x509

from ca.lints.model import Candidate, Finding, extension_of


def rfc5280_basic_constraints(candidate: Candidate) -> Iterator[Finding]:
    """Critical and equal to the profile's; absent where the profile has none."""
    found = extension_of(candidate.certificate, x509.BasicConstraints)
    if (found.value if found else None) != candidate.profile.basic_constraints:
        yield Finding(code="rfc5280.basic_constraints", detail="CA flag or path length is not the profile's")
    elif found and not found.critical:
        yield Finding(code="rfc5280.basic_constraints", detail="not critical")
