"""RFC 5280, 5.3.1 and 5.3.2: which reasons and dates an entry of a full CRL may carry."""

from collections.abc import Iterator
from typing import Final

from cryptography import x509

from ca.lints.model import CrlCandidate, ExtensionT, Finding

_NEVER: Final = (x509.ReasonFlags.unspecified, x509.ReasonFlags.remove_from_crl)


def rfc5280_crl_reasons(candidate: CrlCandidate) -> Iterator[Finding]:
    """No *unspecified*, no *removeFromCRL* (delta CRLs only), an invalidity date only where a key was compromised."""
    for entry in candidate.crl:
        reason = _value(entry, x509.CRLReason)
        if reason is not None and reason.reason in _NEVER:
            yield Finding(code="rfc5280.crl_reasons", detail=f"{entry.serial_number:x} says {reason.reason.value}")
        compromised = reason is not None and reason.reason is x509.ReasonFlags.key_compromise
        if not compromised and _value(entry, x509.InvalidityDate) is not None:
            detail = f"{entry.serial_number:x} has an invalidity date without keyCompromise"
            yield Finding(code="rfc5280.crl_reasons", detail=detail)


def _value(entry: x509.RevokedCertificate, kind: type[ExtensionT]) -> ExtensionT | None:
    try:
        return entry.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
