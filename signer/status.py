"""Validation data for the DSS: collected from a `StatusSource`, and believed only after a look at it.

A signature whose own evidence says "revoked", or says nothing, must never leave this house.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from signer.errors import CredentialUnusable, StatusUnavailable
from signer.model import ValidationData
from signer.ports import StatusSource

Chain = tuple[x509.Certificate, ...]
_T = TypeVar("_T")

_CLOCK_SKEW: Final = timedelta(minutes=5)


def collect(source: StatusSource, chains: tuple[Chain, ...], *, now: Callable[[], datetime]) -> ValidationData:
    """Certificates and status for every chain (leaf first, root last), each thing once.

    The first chain is the signatory's. Each certificate below a root needs a fresh good answer: an OCSP response about
    it, or its issuer's CRL without it. Raises `CredentialUnusable` (reason `revoked`) where the signatory's own
    certificate is revoked, `StatusUnavailable` for everything else that is missing, stale or bad.
    """
    parts = [source.status_for(chain) for chain in chains]
    at = now()
    for chain, data in zip(chains, parts, strict=True):
        for certificate, issuer in pairwise(chain):
            answers = {*_from_ocsp(certificate, issuer, data, at), *_from_crls(certificate, issuer, data, at)}
            if False in answers and certificate == chains[0][0]:
                message = "The certificate is revoked. Ask the registration office for a new one."
                raise CredentialUnusable(message, field="credential", reason="revoked")
            if answers != {True}:
                raise StatusUnavailable(f"no fresh good status for certificate {certificate.serial_number:x}")
    return ValidationData(
        certificates=_once(part.certificates for part in parts),
        ocsp_responses=_once(part.ocsp_responses for part in parts),
        crls=_once(part.crls for part in parts),
    )


def gather(source: StatusSource, chains: tuple[Chain, ...], *, now: Callable[[], datetime]) -> ValidationData:
    """Certificates and status for chains of signatures and timestamps that exist already, each thing once.

    Each certificate of a chain in date needs a fresh genuine answer, good or not: whether a revocation came too late to
    matter is for whoever judges the whole. For a chain whose first certificate has ended there may be none any more;
    what was kept speaks for it. Raises `StatusUnavailable`.
    """
    parts: list[ValidationData] = []
    for chain in chains:
        ended = chain[0].not_valid_after_utc <= now()
        try:
            data = source.status_for(chain)
        except StatusUnavailable:
            if not ended:
                raise
            data = ValidationData(certificates=chain, ocsp_responses=(), crls=())
        at = now()
        for certificate, issuer in pairwise(chain):
            known = (*_from_ocsp(certificate, issuer, data, at), *_from_crls(certificate, issuer, data, at))
            if not known and not ended:
                raise StatusUnavailable(f"no fresh status for certificate {certificate.serial_number:x}")
        parts.append(data)
    return ValidationData(
        certificates=_once(part.certificates for part in parts),
        ocsp_responses=_once(part.ocsp_responses for part in parts),
        crls=_once(part.crls for part in parts),
    )


def _once(groups: Iterable[tuple[_T, ...]]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))


def _from_ocsp(
    certificate: x509.Certificate, issuer: x509.Certificate, data: ValidationData, at: datetime
) -> Iterator[bool]:
    """For each fresh and genuine response about `certificate`: does it say good? (RFC 6960, 3.2)"""
    for der in data.ocsp_responses:
        for single in genuine_responses(der, issuer):
            about_it = single.serial_number == certificate.serial_number
            if about_it and _fresh(single.this_update_utc, single.next_update_utc, at):
                yield single.certificate_status is ocsp.OCSPCertStatus.GOOD


def _from_crls(
    certificate: x509.Certificate, issuer: x509.Certificate, data: ValidationData, at: datetime
) -> Iterator[bool]:
    """For each fresh and genuine CRL of `issuer`: is `certificate` absent from it?"""
    for der in data.crls:
        crl = genuine_crl(der, issuer)
        if crl is not None and _fresh(crl.last_update_utc, crl.next_update_utc, at):
            yield crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is None


def _fresh(this_update: datetime, next_update: datetime | None, at: datetime) -> bool:
    return next_update is not None and this_update - _CLOCK_SKEW <= at < next_update


@lru_cache(maxsize=64)
def genuine_crl(der: bytes, issuer: x509.Certificate) -> x509.CertificateRevocationList | None:
    """The CRL, if `issuer` signed it; raises `ValueError` for what is no CRL."""
    crl = x509.load_der_x509_crl(der)
    key = issuer.public_key()
    if not isinstance(key, (ec.EllipticCurvePublicKey, rsa.RSAPublicKey)) or crl.issuer != issuer.subject:
        return None
    return crl if crl.is_signature_valid(key) else None


@lru_cache(maxsize=1024)
def genuine_responses(der: bytes, issuer: x509.Certificate) -> tuple[ocsp.OCSPSingleResponse, ...]:
    """The single responses in an OCSPResponse that `issuer` or a delegate of it signed (RFC 6960, 4.2.2.2)."""
    response = ocsp.load_der_ocsp_response(der)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return ()
    delegates = [certificate for certificate in response.certificates if _may_respond_for(certificate, issuer)]
    if any(_signed_by(response, signer) for signer in (*delegates, issuer)):
        return tuple(response.responses)
    return ()


def _may_respond_for(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _signed_by(response: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, algorithm = signer.public_key(), response.signature_hash_algorithm
    if algorithm is None:
        return False
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        else:
            return False
    except InvalidSignature:
        return False
    return True
