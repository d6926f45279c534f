"""House rule on RFC 5280, 4.2.1.13 and 4.2.2.1: pointers lead to our own published addresses, over plain http.

Plain http, because a status check must not itself need a certificate whose status is to be checked.
"""

from collections.abc import Iterator

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from ca.lints.model import Candidate, Finding, extension_of


def house_addresses(candidate: Candidate) -> Iterator[Finding]:
    """CRL, OCSP and issuer addresses are those of the profile and of this issuer, and all are http."""
    profile, names, issuer_id = candidate.profile, candidate.names, candidate.issuer.id
    crl = [names.crl_url(issuer_id)] if profile.crl_pointer else []
    responder = [names.ocsp_url()] if profile.ocsp_pointer else []
    issuer = [names.certificate_url(issuer_id)] if profile.issuer_pointer else []
    certificate = candidate.certificate
    if _distribution_points(certificate) != crl:
        yield Finding(code="house.addresses", detail="the CRL distribution point is not this issuer's one full CRL")
    if _accessed(certificate, AuthorityInformationAccessOID.OCSP) != responder:
        yield Finding(code="house.addresses", detail="the OCSP address is not ours")
    if _accessed(certificate, AuthorityInformationAccessOID.CA_ISSUERS) != issuer:
        yield Finding(code="house.addresses", detail="the issuer's address is not ours")
    if any(not address.startswith("http://") for address in crl + responder + issuer):
        yield Finding(code="house.addresses", detail="an address is not plain http: set base_url to one that is")


def _distribution_points(certificate: x509.Certificate) -> list[str | None]:
    found = extension_of(certificate, x509.CRLDistributionPoints)
    return [_address(point) for point in found.value] if found else []


def _address(point: x509.DistributionPoint) -> str | None:
    """The one address of a point that names no reasons and no other issuer; `None` for every other point."""
    if point.reasons or point.crl_issuer or not point.full_name or len(point.full_name) != 1:
        return None
    return str(point.full_name[0].value)


def _accessed(certificate: x509.Certificate, method: x509.ObjectIdentifier) -> list[str]:
    found = extension_of(certificate, x509.AuthorityInformationAccess)
    if found is None:
        return []
    return [str(access.access_location.value) for access in found.value if access.access_method == method]
