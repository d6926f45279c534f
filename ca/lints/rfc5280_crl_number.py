"""RFC 5280, 5.2.3: CRL numbers grow."""

from collections.abc import Iterator

from cryptography import x509

from ca.lints.model import CrlCandidate, Finding


def rfc5280_crl_number(candidate: CrlCandidate) -> Iterator[Finding]:
    """There is a number, and it is greater than the last one."""
    found = [extension.value for extension in candidate.crl.extensions if isinstance(extension.value, x509.CRLNumber)]
    if not found or found[0].crl_number <= candidate.previous_number:
        detail = f"the number is missing or not greater than {candidate.previous_number}"
        yield Finding(code="rfc5280.crl_number", detail=detail)
