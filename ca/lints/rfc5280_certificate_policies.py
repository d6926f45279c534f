"""RFC 5280, 4.2.1.4: under which policy a certificate was issued."""

from collections.abc import Iterator

from cryptography import x509

from ca.lints.model import Candidate, Finding, extension_of
from ca.profiles import Profile


def rfc5280_certificate_policies(candidate: Candidate) -> Iterator[Finding]:
    """One policy, the profile's, with the CPS address where the profile wants it."""
    found = extension_of(candidate.certificate, x509.CertificatePolicies)
    if found is not None and list(found.value) != _expected(candidate.profile, candidate):
        yield Finding(code="rfc5280.certificate_policies", detail=f"not the policy of {candidate.profile}")


def _expected(profile: Profile, candidate: Candidate) -> list[x509.PolicyInformation]:
    oid = profile.policy_oid(candidate.names)
    if oid is None:
        return []
    qualifiers = [candidate.names.cps_uri] if profile.with_cps_uri else None
    return [x509.PolicyInformation(x509.ObjectIdentifier(oid), qualifiers)]
