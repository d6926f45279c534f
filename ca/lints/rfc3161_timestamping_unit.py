"""RFC 3161, 2.3, and RFC 5280, 4.2.1.12: a time-stamping key stamps and does nothing else, for a limited time."""

from collections.abc import Iterator
from datetime import UTC

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.lints.model import Candidate, Finding, extension_of


def rfc3161_timestamping_unit(candidate: Candidate) -> Iterator[Finding]:
    """The purpose is critical and the usage period lies inside the validity."""
    if ExtendedKeyUsageOID.TIME_STAMPING not in candidate.profile.extended_key_usage:
        return
    certificate = candidate.certificate
    purpose = extension_of(certificate, x509.ExtendedKeyUsage)
    if purpose and not purpose.critical:
        yield Finding(code="rfc3161.timestamping_unit", detail="the extended key usage is not critical")
    period = extension_of(certificate, x509.PrivateKeyUsagePeriod)
    if period and not _inside(period.value, certificate):
        yield Finding(code="rfc3161.timestamping_unit", detail="the usage period is open or leaves the validity")


def _inside(period: x509.PrivateKeyUsagePeriod, certificate: x509.Certificate) -> bool:
    if period.not_before is None or period.not_after is None:
        return False
    starts, ends = period.not_before.replace(tzinfo=UTC), period.not_after.replace(tzinfo=UTC)  # pyca: naive UTC
    return certificate.not_valid_before_utc <= starts < ends <= certificate.not_valid_after_utc
