"""House rule: a certificate carries the extensions of its profile and no other one."""

from collections.abc import Iterator

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from ca.lints.model import Candidate, Finding
from ca.profiles import Profile
from ca.qc_statements import OID as QC_STATEMENTS


def house_extension_set(candidate: Candidate) -> Iterator[Finding]:
    """None missing, none besides: so no SAN, no name constraints, nothing nobody thought of."""
    expected = _expected(candidate.profile, is_root=candidate.issuer.key_identifier is None)
    present = {extension.oid for extension in candidate.certificate.extensions}
    for oid in sorted(present ^ expected, key=lambda oid: oid.dotted_string):
        what = "missing" if oid in expected else "foreign to the profile"
        yield Finding(code="house.extension_set", detail=f"extension {oid.dotted_string} is {what}")


def _expected(profile: Profile, *, is_root: bool) -> set[x509.ObjectIdentifier]:
    present = {
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER: not is_root,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER: True,
        ExtensionOID.KEY_USAGE: True,
        ExtensionOID.BASIC_CONSTRAINTS: profile.basic_constraints is not None,
        ExtensionOID.EXTENDED_KEY_USAGE: bool(profile.extended_key_usage),
        ExtensionOID.OCSP_NO_CHECK: profile.ocsp_no_check,
        ExtensionOID.CERTIFICATE_POLICIES: profile.any_policy or profile.policy is not None,
        ExtensionOID.CRL_DISTRIBUTION_POINTS: profile.crl_pointer,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS: profile.ocsp_pointer or profile.issuer_pointer,
        ExtensionOID.PRIVATE_KEY_USAGE_PERIOD: profile.key_used_for is not None,
        QC_STATEMENTS: profile.semantics is not None,
    }
    return {oid for oid, wanted in present.items() if wanted}
