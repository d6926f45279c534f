"""RFC 5019, 2.2.4: a known status says how long it may be used; *unknown* never does, lest somebody keep it."""

from collections.abc import Iterator

from cryptography.x509 import ocsp

from ca.lints.model import Finding, OcspCandidate


def rfc5019_next_update(candidate: OcspCandidate) -> Iterator[Finding]:
    """nextUpdate is there unless the status is unknown, and lies after thisUpdate."""
    for one in candidate.response.responses:
        ends = one.next_update_utc
        if (ends is None) != (one.certificate_status is ocsp.OCSPCertStatus.UNKNOWN):
            yield Finding(code="rfc5019.next_update", detail="nextUpdate is missing, or stands beside unknown")
        elif ends is not None and ends <= one.this_update_utc:
            yield Finding(code="rfc5019.next_update", detail="nextUpdate does not lie after thisUpdate")
