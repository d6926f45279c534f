"""Where a certificate says that its status is found (RFC 5280, 4.2.1.13 and 4.2.2.1), and whether we may ask there."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID


def crl_addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """Addresses of complete CRLs; those for some reasons only, or of indirect CRLs, are left out."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return ()
    complete = (point for point in points if point.reasons is None and point.crl_issuer is None)
    return tuple(uri for point in complete for uri in _uris(point.full_name or ()))


def ocsp_addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """Addresses of OCSP responders."""
    return tuple(_access(certificate, AuthorityInformationAccessOID.OCSP))


def all_addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """Every address that a certificate would have somebody fetch from."""
    issuers = _access(certificate, AuthorityInformationAccessOID.CA_ISSUERS)
    return (*crl_addresses(certificate), *ocsp_addresses(certificate), *issuers)


def listed(address: str, hosts: frozenset[str]) -> bool:
    """Whether `address` is plain HTTP(S) on one of `hosts`, without anything that could hide another host."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    plain = parts.scheme in ("http", "https") and "@" not in parts.netloc and "\\" not in address
    return plain and parts.netloc.lower() in hosts


def _access(certificate: x509.Certificate, method: x509.ObjectIdentifier) -> Iterator[str]:
    try:
        described = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return
    for each in described:
        if each.access_method == method:
            yield from _uris((each.access_location,))


def _uris(names: tuple[x509.GeneralName, ...] | list[x509.GeneralName]) -> Iterator[str]:
    for name in names:
        if isinstance(name, x509.UniformResourceIdentifier):
            yield name.value
