"""The extensions of a certificate, made from its profile (RFC 5280, 4.2)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from ca.model import PkiNames
from ca.profiles import Profile
from ca.qc_statements import qc_statements

EXPIRED_CERTS_ON_CRL: Final = x509.ObjectIdentifier("2.5.29.60")
"""Since when a CA keeps expired certificates on its CRL (X.509, 9.5.2.6)."""

Extension = tuple[x509.ExtensionType, bool]
"""An extension and whether it is critical."""

_KEY_USAGE_BITS = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def extensions_of(
    profile: Profile,
    names: PkiNames,
    *,
    issuer_id: str,
    issuer_key_identifier: bytes | None,
    public_key: ec.EllipticCurvePublicKey,
    not_before: datetime,
) -> tuple[Extension, ...]:
    """Every extension that `profile` wants, in the order in which it is encoded.

    `issuer_key_identifier` is `None` for a root, which carries no AKI.
    """
    return (
        *_keys(public_key, issuer_key_identifier),
        *_purposes(profile),
        *_policies(profile, names),
        *_pointers(profile, names, issuer_id),
        *_usage_period(profile, not_before),
    )


def _keys(public_key: ec.EllipticCurvePublicKey, issuer_key_identifier: bytes | None) -> Iterator[Extension]:
    if issuer_key_identifier is not None:
        yield x509.AuthorityKeyIdentifier(issuer_key_identifier, None, None), False
    yield x509.SubjectKeyIdentifier.from_public_key(public_key), False


def _purposes(profile: Profile) -> Iterator[Extension]:
    if profile.basic_constraints is not None:
        yield profile.basic_constraints, True
    yield x509.KeyUsage(**{bit: bit in profile.key_usage for bit in _KEY_USAGE_BITS}), True
    if profile.extended_key_usage:
        critical = ExtendedKeyUsageOID.TIME_STAMPING in profile.extended_key_usage  # RFC 3161, 2.3
        yield x509.ExtendedKeyUsage(profile.extended_key_usage), critical
    if profile.ocsp_no_check:
        yield x509.OCSPNoCheck(), False


def _policies(profile: Profile, names: PkiNames) -> Iterator[Extension]:
    oid = profile.policy_oid(names)
    if oid is not None:
        qualifiers = [names.cps_uri] if profile.with_cps_uri else None
        yield x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(oid), qualifiers)]), False
    if profile.semantics is not None:
        yield qc_statements(profile.semantics, names.name_authority_uri), False


def _pointers(profile: Profile, names: PkiNames, issuer_id: str) -> Iterator[Extension]:
    if profile.crl_pointer:
        point = x509.DistributionPoint([_uri(names.crl_url(issuer_id))], None, None, None)
        yield x509.CRLDistributionPoints([point]), False
    access = []
    if profile.ocsp_pointer:
        access.append(x509.AccessDescription(AuthorityInformationAccessOID.OCSP, _uri(names.ocsp_url())))
    if profile.issuer_pointer:
        address = _uri(names.certificate_url(issuer_id))
        access.append(x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, address))
    if access:
        yield x509.AuthorityInformationAccess(access), False


def _usage_period(profile: Profile, not_before: datetime) -> Iterator[Extension]:
    if profile.key_used_for is not None:
        start = not_before.astimezone(UTC).replace(tzinfo=None)  # pyca reads and writes this one as naive UTC
        yield x509.PrivateKeyUsagePeriod(start, start + profile.key_used_for), False


def _uri(address: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(address)
