"""The OCSP responder: what a client asks, answered from the certificate log (RFC 6960, RFC 5019, RFC 9654).

Status is read at the moment of the question. It is never guessed: without log or key the answer is *tryLater*.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.errors import IssuedOtherThanPrepared, Misconfigured, RequestRefused
from ca.lints import OCSP_LINTS, OcspCandidate, check
from ca.model import CertificateState, IssuedCertificate, KeptAnswer, PresignedAnswer, StatusPeriods
from ca.ocsp_request import CertId, MalformedRequest, Question, read_request
from ca.ocsp_response import Revocation, SingleStatus, response_data, signed_response
from ca.ports import CertificateLog
from ca.signing import hash_for, holds, sign
from ca.wire import HASHES, SHA1, SHA256, HashIdentifier, ecdsa_with

_log = logging.getLogger(__name__)

_MALFORMED: Final = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
_TRY_LATER: Final = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
_UNAUTHORIZED: Final = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)


PRESIGNED: Final = (SHA1, SHA256)
"""The hashes of CertIDs that clients use: their answers are signed before somebody asks."""


_SERIALS_END: Final = 1 << 160  # RFC 5280, 4.1.2.2: positive, 20 octets; no certificate can have any other


class _NotOurs(Exception):
    """The issuer is not ours, or named with a hash that we do not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OcspAnswer:
    """A response and what HTTP may say about it."""

    der: bytes
    cacheable: bool
    """Whether a cache may keep it: one known certificate, no nonce, no error."""
    this_update: datetime | None = None
    next_update: datetime | None = None
    """Set exactly when cacheable."""


class OcspResponder:
    """Answers for the certificates of one CA, with a certificate of that CA (delegated responder)."""

    def __init__(
        self,
        *,
        log: CertificateLog,
        issuer_id: str,
        issuer: x509.Certificate,
        certificate: x509.Certificate,
        key: ec.EllipticCurvePrivateKey,
        periods: StatusPeriods,
        now: Callable[[], datetime],
    ) -> None:
        """Raises `Misconfigured` where `certificate` and `key` do not make a responder of `issuer`."""
        _check_role(certificate, issuer, key)
        self._certificate_log = log
        self._issuer_id = issuer_id
        self._issuer = issuer
        self._certificate = certificate
        self._key = key
        self._periods = periods
        self._now = now
        self._algorithm = ecdsa_with(hash_for(key.curve))
        self._responder_key = _digest(hashes.SHA1(), _key_bits(certificate))  # noqa: S303 - RFC 6960, 4.2.1
        self._issuer_hashes = {
            oid: (_digest(algorithm, issuer.subject.public_bytes()), _digest(algorithm, _key_bits(issuer)))
            for oid, algorithm in HASHES.items()
        }

    @property
    def certificate(self) -> x509.Certificate:
        """The responder's own certificate, which every answer carries."""
        return self._certificate

    def respond(self, request_der: bytes) -> OcspAnswer:
        """The answer to an OCSPRequest (DER). Never raises: an error is an answer too, unsigned (RFC 6960, 2.3)."""
        try:
            question = read_request(request_der)
            return self._answer(question)
        except MalformedRequest:
            return _unsigned(_MALFORMED)
        except _NotOurs:
            return _unsigned(_UNAUTHORIZED)
        except Exception:
            _log.exception("OCSP: no status can be given")
            return _unsigned(_TRY_LATER)

    def status_of(self, certificate: x509.Certificate) -> bytes:
        """An OCSPResponse (DER) without nonce on one of our certificates, to be kept beside a signature.

        The CertID is hashed with SHA-1, an identifier that every validator knows. Raises `RequestRefused` where the
        certificate is another issuer's or not on record, `CaUnavailable` or what the log raises otherwise.
        """
        if certificate.issuer != self._issuer.subject:
            raise RequestRefused("this certificate is not ours", field="certificate", reason="other-issuer")
        asked = self._cert_id(SHA1, certificate.serial_number)
        answer = self._answer(Question(cert_ids=(asked,), nonce=None))
        if not answer.cacheable:
            raise RequestRefused("this certificate is not on record", field="certificate", reason="unknown")
        return answer.der

    def asked_plainly(self, request_der: bytes) -> tuple[int, str] | None:
        """Serial and hash name of a question that a pre-signed answer fits: one CertID of ours with SHA-1 or SHA-256,
        written as we write it, and no nonce. `None` for every other one, garbage included."""
        try:
            question = read_request(request_der)
        except MalformedRequest:
            return None
        if question.nonce is not None or len(question.cert_ids) != 1:
            return None
        (asked,) = question.cert_ids
        return (asked.serial, HASHES[asked.hash.algorithm].name) if self._is_plain(asked) else None

    def is_asked(self, request_der: bytes) -> bool:
        """Whether the question is about certificates of this CA, by the issuer that it names."""
        try:
            question = read_request(request_der)
        except MalformedRequest:
            return False
        return any(self._is_ours(each) for each in question.cert_ids)

    def _is_plain(self, asked: CertId) -> bool:
        """Octet for octet what a kept answer echoes (the codec's NULL knows no equality)."""
        if asked.hash.algorithm not in PRESIGNED or not 0 < asked.serial < _SERIALS_END:
            return False
        return asn1.encode_der(asked) == asn1.encode_der(self._cert_id(asked.hash.algorithm, asked.serial))

    def presigned(self, serial: int) -> tuple[PresignedAnswer, ...]:
        """The answers to plain questions about one certificate, signed now from one reading of its row; none where it
        has no status. Raises `CaUnavailable` or what the log raises."""
        at = self._now().replace(microsecond=0)
        row = self._row(serial)
        if row is None or not _ever_published(row):
            return ()
        ends = at + self._periods.ocsp_valid
        made = []
        for algorithm in PRESIGNED:
            status = self._status_of_row(self._cert_id(algorithm, serial), row, at)
            answer = KeptAnswer(der=self._signed([status], None, at), this_update=at, next_update=ends)
            made.append(PresignedAnswer(row=row, hash_name=HASHES[algorithm].name, answer=answer))
        return tuple(made)

    def _cert_id(self, algorithm: x509.ObjectIdentifier, serial: int) -> CertId:
        name_hash, key_hash = self._issuer_hashes[algorithm]
        identifier = HashIdentifier(algorithm=algorithm, parameters=asn1.Null())
        return CertId(hash=identifier, issuer_name_hash=name_hash, issuer_key_hash=key_hash, serial=serial)

    def _answer(self, question: Question) -> OcspAnswer:
        for cert_id in question.cert_ids:
            self._require_ours(cert_id)
        at = self._now().replace(microsecond=0)
        statuses = [self._status(cert_id, at) for cert_id in question.cert_ids]
        der = self._signed(statuses, question.nonce, at)
        if question.nonce is None and len(statuses) == 1 and statuses[0].is_known:
            return OcspAnswer(der=der, cacheable=True, this_update=at, next_update=statuses[0].next_update)
        return OcspAnswer(der=der, cacheable=False)

    def _require_ours(self, cert_id: CertId) -> None:
        if not self._is_ours(cert_id):
            raise _NotOurs

    def _is_ours(self, cert_id: CertId) -> bool:
        ours = self._issuer_hashes.get(cert_id.hash.algorithm)
        return ours == (cert_id.issuer_name_hash, cert_id.issuer_key_hash)

    def _status(self, cert_id: CertId, at: datetime) -> SingleStatus:
        return self._status_of_row(cert_id, self._row(cert_id.serial), at)

    def _row(self, serial: int) -> IssuedCertificate | None:
        if not 0 < serial < _SERIALS_END:
            return None
        return self._certificate_log.find(serial=serial, issuer_id=self._issuer_id)

    def _status_of_row(self, cert_id: CertId, row: IssuedCertificate | None, at: datetime) -> SingleStatus:
        if row is None or not _ever_published(row):
            return SingleStatus(cert_id=cert_id, is_known=False)
        return SingleStatus(
            cert_id=cert_id,
            is_known=True,
            revocation=_revocation(row),
            next_update=at + self._periods.ocsp_valid,
        )

    def _signed(self, statuses: list[SingleStatus], nonce: bytes | None, at: datetime) -> bytes:
        data = response_data(
            statuses,
            responder_key=self._responder_key,
            at=at,
            archive_cutoff=self._issuer.not_valid_before_utc,
            nonce=nonce,
        )
        signature = sign(self._key, data, "an OCSP response")
        if not holds(self._certificate.public_key(), signature, data):
            raise IssuedOtherThanPrepared("the signature of an OCSP response does not verify; check the token")
        der = signed_response(data, algorithm=self._algorithm, signature=signature, responder=self._certificate)
        candidate = OcspCandidate(
            response=ocsp.load_der_ocsp_response(der),
            cert_ids=[_as_asked(status.cert_id) for status in statuses],
            responder=self._certificate,
        )
        check(candidate, OCSP_LINTS, field="ocsp")
        return der


def _unsigned(response: ocsp.OCSPResponse) -> OcspAnswer:
    return OcspAnswer(der=response.public_bytes(Encoding.DER), cacheable=False)


def _ever_published(row: IssuedCertificate) -> bool:
    """Whether there is a status at all. Reserved and prepared: not yet. An abandoned reservation: never."""
    published = (CertificateState.ISSUED, CertificateState.HELD, CertificateState.REVOKED)
    return row.state in published or row.revoked_at is not None


def _revocation(row: IssuedCertificate) -> Revocation | None:
    """`None` only for what is issued: good is said of nothing else."""
    if row.state is CertificateState.ISSUED:
        return None
    if row.revoked_at is None:
        raise Misconfigured(f"serial {row.serial:x} is {row.state.value} without a time; mend the certificate log")
    held = row.state is CertificateState.HELD
    return Revocation(at=row.revoked_at, reason=x509.ReasonFlags.certificate_hold if held else row.reason)


def _as_asked(cert_id: CertId) -> tuple[str, bytes, bytes, int]:
    name = HASHES[cert_id.hash.algorithm].name
    return name, cert_id.issuer_name_hash, cert_id.issuer_key_hash, cert_id.serial


def _check_role(certificate: x509.Certificate, issuer: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    try:
        certificate.verify_directly_issued_by(issuer)
        purposes = list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
        certificate.extensions.get_extension_for_class(x509.OCSPNoCheck)
    except Exception as failure:
        raise Misconfigured("the OCSP certificate is not a delegated responder of this CA; renew it") from failure
    if purposes != [ExtendedKeyUsageOID.OCSP_SIGNING]:
        raise Misconfigured("the OCSP certificate must have OCSPSigning as its only extended key usage")
    if certificate.public_key() != key.public_key():
        raise Misconfigured("the OCSP key is not the certificate's; look at the key label in the settings")


def _key_bits(certificate: x509.Certificate) -> bytes:
    public_key = certificate.public_key()
    if not isinstance(public_key, ec.EllipticCurvePublicKey):
        raise Misconfigured("an OCSP responder is set up for CAs with EC keys only")
    return public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _digest(algorithm: hashes.HashAlgorithm, data: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(data)
    return digest.finalize()
