"""RFC 6960, 4.2.2.2.1: a responder without status of its own (nocheck) lives shortly and points nowhere."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.lints.model import Candidate, Finding, extension_of

_LONGEST_LIFE: Final = timedelta(days=45)


def rfc6960_ocsp_responder(candidate: Candidate) -> Iterator[Finding]:
    """nocheck present, CRL and AIA pointers absent, life of at most 45 days."""
    if ExtendedKeyUsageOID.OCSP_SIGNING not in candidate.profile.extended_key_usage:
        return
    certificate = candidate.certificate
    if extension_of(certificate, x509.OCSPNoCheck) is None:
        yield Finding(code="rfc6960.ocsp_responder", detail="ocsp-nocheck is missing")
    pointers = (x509.CRLDistributionPoints, x509.AuthorityInformationAccess)
    if any(extension_of(certificate, kind) for kind in pointers):
        yield Finding(code="rfc6960.ocsp_responder", detail="it points to a CRL or a responder")
    if certificate.not_valid_after_utc - certificate.not_valid_before_utc > _LONGEST_LIFE:
        yield Finding(code="rfc6960.ocsp_responder", detail=f"it lives longer than {_LONGEST_LIFE.days} days")
