"""The time-stamping authority: RFC 3161 with RFC 5816, practice of EN 319 421.

A token is built, signed, read again and checked, recorded, and only then released.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ca.errors import ClockNotProven, IssuedOtherThanPrepared, Misconfigured, RequestRefused
from ca.model import TimestampRecord
from ca.ports import TimestampLog
from ca.serials import new_serial
from ca.signing import hash_for, holds, sign
from ca.timestamp_request import (
    HASH_NAMES,
    Failure,
    MessageImprint,
    Refused,
    TimestampQuery,
    check_imprint,
    granted,
    read_query,
    rejected,
)
from ca.timestamp_token import TokenBuilder, read_token
from ca.wire import HASHES, HashIdentifier

_log = logging.getLogger(__name__)

MINIMUM_LIFE: Final = timedelta(days=365)
"""A token is worth as much as its certificate lasts: with less left, the next unit has to take over."""


class TimestampAuthority:
    """One time-stamping unit: a key that stamps and does nothing else."""

    def __init__(
        self,
        *,
        certificate: x509.Certificate,
        chain: tuple[x509.Certificate, ...],
        key: ec.EllipticCurvePrivateKey,
        policy_oid: str,
        log: TimestampLog,
        clock: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        minimum_life: timedelta = MINIMUM_LIFE,
        most_tokens: int | None = None,
    ) -> None:
        """`chain` holds the issuers, the certificate's own first, the root last. `clock` gives the time proven, and
        raises `ClockNotProven` otherwise (`ClockGuard.time`). `most_tokens`: how many the key may sign in all.

        Raises `Misconfigured` where certificate, key and chain do not make a time-stamping unit.
        """
        _check_role(certificate, chain, key)
        self._certificate = certificate
        self._chain = chain
        self._key = key
        self._public_key = certificate.public_key()
        self._policy = x509.ObjectIdentifier(policy_oid)
        self._log = log
        self._clock = clock
        self._most_tokens = most_tokens
        self._random_bytes = random_bytes
        self._starts, self._ends = usage_period(certificate, minimum_life)
        self._tsu_id = str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        self._builder = TokenBuilder(
            certificate=certificate,
            certificates=(certificate, *(one for one in chain if one.issuer != one.subject)),
            policy=self._policy,
            digest=hash_for(key.curve),
        )

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The unit's certificate first, root last."""
        return (self._certificate, *self._chain)

    def respond(self, request_der: bytes) -> bytes:
        """The TimeStampResp to a TimeStampReq (both DER). Never raises: a refusal is an answer (RFC 3161, 2.4.2)."""
        try:
            query = read_query(request_der, self._policy)
            return granted(self._stamp(query))
        except Refused as refused:
            return rejected(refused)
        except ClockNotProven:
            return rejected(Refused(Failure.TIME_NOT_AVAILABLE, "the clock is not proven; try again later"))
        except Exception:
            _log.exception("TSA: no token can be given")
            return rejected(Refused(Failure.SYSTEM_FAILURE, "try again later"))

    def timestamp(self, digest: bytes, algorithm: str) -> bytes:
        """A TimeStampToken (ContentInfo, DER, with certificates) over `digest`, made with `algorithm` (`sha256` ...).

        Raises `RequestRefused` for another hash or a digest of another length, `CaUnavailable` or what the log raises
        where no token can be given.
        """
        oid = HASH_NAMES.get(algorithm)
        if oid is None:
            raise RequestRefused("use sha256, sha384 or sha512", field="algorithm", reason="unknown-hash")
        imprint = MessageImprint(hash=HashIdentifier(algorithm=oid, parameters=asn1.Null()), digest=digest)
        try:
            check_imprint(imprint)
        except Refused as refused:
            raise RequestRefused(refused.text, field="digest", reason="length") from None
        return self._stamp(TimestampQuery(imprint=imprint, nonce=None, with_certificates=True))

    def _stamp(self, query: TimestampQuery) -> bytes:
        at = self._whole_second()
        self._check_ceiling()
        serial = new_serial(self._random_bytes)
        info = self._builder.tst_info(query.imprint, serial=serial, at=at, nonce=query.nonce)
        attributes = self._builder.signed_attributes(info)
        signature = sign(self._key, asn1.encode_der(attributes), "a timestamp token")
        token = self._builder.token(info, attributes, signature, with_certificates=query.with_certificates)
        self._check(token, query, serial, at)
        self._whole_second()  # the proof still held when the signature was made: nobody moved the clock meanwhile
        self._record(query, serial, at)
        return token

    def _whole_second(self) -> datetime:
        """Now; raises `ClockNotProven`, and `Misconfigured` outside the period in which the key may be used."""
        now = self._clock()
        if not self._starts <= now <= self._ends:
            raise Misconfigured(f"{self._tsu_id} stamps until {self._ends:%Y-%m-%d} only: set up the next unit")
        return now.replace(microsecond=0)

    def _check_ceiling(self) -> None:
        if self._most_tokens is not None and self._log.count(self._tsu_id) >= self._most_tokens:
            raise Misconfigured(f"{self._tsu_id} has signed its {self._most_tokens} tokens: set up the next unit")

    def _check(self, token: bytes, query: TimestampQuery, serial: int, at: datetime) -> None:
        """Read the token as a stranger would and compare it with what was asked."""
        try:
            read = read_token(token)
        except ValueError as failure:
            raise IssuedOtherThanPrepared("a timestamp token cannot be read again") from failure
        info = read.info
        said = (asn1.encode_der(info.imprint), info.nonce, info.serial, info.policy, info.gen_time)
        meant = (asn1.encode_der(query.imprint), query.nonce, serial, self._policy, asn1.GeneralizedTime(at))
        if said != meant or not read.digest_is_true:
            raise IssuedOtherThanPrepared("a timestamp token does not say what was asked")
        if not holds(self._public_key, read.signature, read.signed):
            raise IssuedOtherThanPrepared("the signature of a timestamp token does not verify; check the token")

    def _record(self, query: TimestampQuery, serial: int, at: datetime) -> None:
        self._log.record(
            TimestampRecord(
                serial=serial,
                imprint=query.imprint.digest,
                hash_algorithm=HASHES[query.imprint.hash.algorithm].name,
                gen_time=at,
                policy=self._policy.dotted_string,
                tsu_id=self._tsu_id,
            )
        )


def _check_role(
    certificate: x509.Certificate, chain: tuple[x509.Certificate, ...], key: ec.EllipticCurvePrivateKey
) -> None:
    try:
        for issued, by in zip((certificate, *chain), (*chain, chain[-1]), strict=True):
            issued.verify_directly_issued_by(by)
        purpose = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except Exception as failure:
        raise Misconfigured("the TSU certificate has no sound chain, or no key usages; issue it by `tsu`") from failure
    if not purpose.critical or list(purpose.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise Misconfigured("the TSU certificate must have timeStamping, critical, as its only extended key usage")
    if usage.key_cert_sign or usage.crl_sign or not usage.digital_signature:
        raise Misconfigured("the TSU certificate must be for digital signatures and no CA")
    if certificate.public_key() != key.public_key():
        raise Misconfigured("the TSU key is not the certificate's; look at the key label in the settings")


def usage_period(certificate: x509.Certificate, minimum_life: timedelta) -> tuple[datetime, datetime]:
    """From when to when the key may stamp: its usage period, and as long as its certificate outlives the tokens."""
    starts, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc - minimum_life
    try:
        period = certificate.extensions.get_extension_for_class(x509.PrivateKeyUsagePeriod).value
    except x509.ExtensionNotFound:
        return starts, ends
    if period.not_before is not None:  # pyca gives these two as naive UTC
        starts = max(starts, period.not_before.replace(tzinfo=UTC))
    if period.not_after is not None:
        ends = min(ends, period.not_after.replace(tzinfo=UTC))
    return starts, ends
