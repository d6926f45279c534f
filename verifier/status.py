"""Was a certificate revoked, and who says so? CRLs and OCSP responses, read by pyca (RFC 5280, 6.3; RFC 6960, 3.2).

Complete, direct CRLs only: deltas, indirect and partitioned ones are left aside, which means "not known", never "good".
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from verifier import ber
from verifier.algorithms import SignatureAlgorithm, UnknownAlgorithm, signature_algorithm
from verifier.certificates import Certificate, certificates
from verifier.signature_value import Message, verifies

_EXPIRED_ON_CRL: Final = "2.5.29.60"  # expiredCertsOnCRL
_NAME_HASHES: Final = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384}
_UNDERSTOOD_CRL: Final = frozenset({"2.5.29.20", "2.5.29.35", "2.5.29.28", _EXPIRED_ON_CRL, "2.5.29.46"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateStatus:
    """What one CRL or OCSP response says about one certificate."""

    source: str
    """`crl` or `ocsp`."""
    this_update: datetime
    next_update: datetime | None
    revoked_at: datetime | None
    """The earlier of revocation and invalidity date; `None`: not revoked."""
    reason: x509.ReasonFlags | None
    covers_expired: datetime | None
    """Certificates that ended after this moment are still listed; `None`: those that ended may be dropped."""
    embedded: bool
    """Whether the file brought it."""


@dataclass(frozen=True, eq=False)
class _Crl:
    """pyca's CRL, which cannot be hashed; compared by identity, because equal bytes give the same object."""

    parsed: x509.CertificateRevocationList
    algorithm: SignatureAlgorithm
    expired_since: datetime | None
    """expiredCertsOnCRL (ISO/IEC 9594-8): certificates that ended after this moment are still listed."""


@dataclass(frozen=True, eq=False)
class _Response:
    """pyca's response; see `_Crl`."""

    parsed: ocsp.OCSPResponse
    algorithm: SignatureAlgorithm
    certificates: tuple[Certificate, ...]


class StatusPool:
    """CRLs and OCSP responses of one origin, found by issuer."""

    def __init__(self, *, crls: Iterable[bytes], ocsp_responses: Iterable[bytes], embedded: bool = False) -> None:
        self._embedded = embedded
        self._crls: dict[bytes, list[_Crl]] = defaultdict(list)
        for der in crls:
            crl = _crl(der)
            if crl is not None:
                self._crls[crl.parsed.issuer.public_bytes()].append(crl)
        self._responses = [each for each in map(_response, ocsp_responses) if each is not None]

    @property
    def knows_anything(self) -> bool:
        """Whether there is any status at all."""
        return bool(self._crls or self._responses)

    def statuses(self, subject: Certificate, issuer: Certificate) -> Iterator[CertificateStatus]:
        """Everything trustworthy that is said about `subject`; `issuer` is the next certificate of a checked chain."""
        for crl in self._crls.get(issuer.subject_name, ()):
            if _crl_speaks_for(crl.parsed, subject) and _crl_signed_by(crl, issuer):
                yield self._from_crl(crl, subject)
        for response in self._responses:
            for single in _singles(response.parsed, subject, issuer):
                if single.certificate_status is not ocsp.OCSPCertStatus.UNKNOWN and _response_signed(response, issuer):
                    yield self._from_ocsp(single)

    def _from_crl(self, known: _Crl, subject: Certificate) -> CertificateStatus:
        crl = known.parsed
        entry = crl.get_revoked_certificate_by_serial_number(subject.pyca.serial_number)
        revoked_at, reason = (None, None) if entry is None else _revocation(entry)
        return CertificateStatus(
            source="crl",
            this_update=crl.last_update_utc,
            next_update=crl.next_update_utc,
            revoked_at=revoked_at,
            reason=reason,
            covers_expired=known.expired_since,
            embedded=self._embedded,
        )

    def _from_ocsp(self, single: ocsp.OCSPSingleResponse) -> CertificateStatus:
        return CertificateStatus(
            source="ocsp",
            this_update=single.this_update_utc,
            next_update=single.next_update_utc,
            revoked_at=single.revocation_time_utc,
            reason=single.revocation_reason,
            covers_expired=None,
            embedded=self._embedded,
        )


@lru_cache(maxsize=256)
def _crl(der: bytes) -> _Crl | None:
    """`None` for what cannot be read in every part that is asked of it later: that is no evidence."""
    try:
        crl = x509.load_der_x509_crl(der)
        known = all(not each.critical or each.oid.dotted_string in _UNDERSTOOD_CRL for each in crl.extensions)
        _ = crl.issuer.public_bytes(), crl.last_update_utc, crl.next_update_utc, crl.signature
        algorithm = signature_algorithm(ber.read(der).children()[1])
        return _Crl(crl, algorithm, _covers_expired(crl.extensions)) if known else None
    except MemoryError:
        raise
    except Exception:  # strangers' lists make a parser raise anything at all
        return None


@lru_cache(maxsize=256)
def _response(der: bytes) -> _Response | None:
    """Like `_crl`."""
    try:
        response = ocsp.load_der_ocsp_response(der)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return None
        _ = response.produced_at_utc, response.signature, response.responder_key_hash, response.responder_name
        ders = tuple(each.public_bytes(Encoding.DER) for each in response.certificates)
        return _Response(response, _algorithm_of(der), certificates(ders))
    except MemoryError:
        raise
    except Exception:  # see _crl
        return None


def _algorithm_of(der: bytes) -> SignatureAlgorithm:
    """That of the BasicOCSPResponse inside (RFC 6960, 4.2.1)."""
    response_bytes = ber.read(der).children()[1].children()[0]
    basic = ber.octets(response_bytes.children()[1])
    return signature_algorithm(ber.read(basic).children()[1])


def _crl_speaks_for(crl: x509.CertificateRevocationList, subject: Certificate) -> bool:
    try:
        point = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return True
    if point.indirect_crl or point.only_some_reasons or point.only_contains_attribute_certs:
        return False
    return not (point.only_contains_ca_certs and not subject.is_authority) and not (
        point.only_contains_user_certs and subject.is_authority
    )


@lru_cache(maxsize=512)
def _crl_signed_by(crl: _Crl, issuer: Certificate) -> bool:
    if issuer.key_usages and "crl_sign" not in issuer.key_usages:
        return False
    return _fits(issuer, crl.parsed.signature, crl.parsed.tbs_certlist_bytes, crl.algorithm)


def _fits(signer: Certificate, signature: bytes, signed: bytes, algorithm: SignatureAlgorithm) -> bool:
    key = signer.public_key
    try:
        return key is not None and verifies(key, signature, Message(signed), algorithm, "")
    except UnknownAlgorithm:
        return False


def _revocation(entry: x509.RevokedCertificate) -> tuple[datetime, x509.ReasonFlags | None]:
    """An invalidity date lies before the revocation and is what matters: the key may have been stolen by then."""
    moment, reason = entry.revocation_date_utc, None
    try:
        for extension in entry.extensions:
            if isinstance(extension.value, x509.InvalidityDate):
                moment = min(moment, extension.value.invalidity_date_utc)
            elif isinstance(extension.value, x509.CRLReason):
                reason = extension.value.reason
    except (ValueError, x509.DuplicateExtension):
        return moment, None  # revoked, for whatever reason
    return moment, reason


def _covers_expired(extensions: x509.Extensions) -> datetime | None:
    for extension in extensions:
        if extension.oid.dotted_string == _EXPIRED_ON_CRL:
            value = extension.value
            if isinstance(value, x509.UnrecognizedExtension):
                return ber.moment(ber.read(value.value))
    return None


def _singles(
    response: ocsp.OCSPResponse, subject: Certificate, issuer: Certificate
) -> Iterator[ocsp.OCSPSingleResponse]:
    try:
        for single in response.responses:
            make = _NAME_HASHES.get(single.hash_algorithm.name)
            if make is None or single.serial_number != subject.pyca.serial_number:
                continue
            if single.issuer_name_hash == make(issuer.subject_name).digest() and (
                single.issuer_key_hash == make(issuer.public_key_bits).digest()
            ):
                yield single
    except (ValueError, UnsupportedAlgorithm):
        return


@lru_cache(maxsize=512)
def _response_signed(known: _Response, issuer: Certificate) -> bool:
    """By the issuer itself, or by a responder that it delegated (RFC 6960, 4.2.2.2)."""
    response = known.parsed
    for responder in (issuer, *known.certificates):
        fits = _names(response, responder) and _may_respond(responder, issuer, response)
        if fits and _fits(responder, response.signature, response.tbs_response_bytes, known.algorithm):
            return True
    return False


def _names(response: ocsp.OCSPResponse, responder: Certificate) -> bool:
    if response.responder_key_hash is not None:
        digest = hashlib.sha1(responder.public_key_bits).digest()  # noqa: S324  # an identifier (RFC 6960, 4.2.2.3)
        return response.responder_key_hash == digest
    return response.responder_name is not None and response.responder_name.public_bytes() == responder.subject_name


def _may_respond(responder: Certificate, issuer: Certificate, response: ocsp.OCSPResponse) -> bool:
    if responder == issuer:
        return True
    if ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string not in responder.extended_key_usages[0]:
        return False
    if not responder.not_before <= response.produced_at_utc <= responder.not_after:
        return False
    try:
        responder.pyca.extensions.get_extension_for_class(x509.OCSPNoCheck)  # else its own status would be the question
        responder.pyca.verify_directly_issued_by(issuer.pyca)
    except (x509.ExtensionNotFound, InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True
