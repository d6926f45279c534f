"""The CMS inside a signature field, and whether it holds (RFC 5652; EN 319 102-1, 5.2.7). Imports pyHanko.

pyHanko checks the value; what we read from it (certificates, tokens, status) is taken as bytes and never re-encoded.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from asn1crypto import cms, core, tsp
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from verifier.certificates import Certificate, certificate
from verifier.limits import Limits
from verifier.model import SubIndication
from verifier.translation import reason_of_integrity_error

DigestOf = Callable[[str], bytes]
"""From the name of a digest algorithm to the digest of the covered bytes; raises `ValueError` for unknown names."""

_DETACHED_SUBFILTERS: Final = frozenset({"adbe.pkcs7.detached", "ETSI.CAdES.detached"})
_ADBE_REVOCATION: Final = "1.2.840.113583.1.1.8"


class Refused(Exception):
    """This signature cannot pass. Never leaves the package: it becomes a report."""

    def __init__(self, reason: SubIndication, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedContent:
    """One CMS SignedData, parsed."""

    data: Any
    """asn1crypto SignedData."""
    signer_info: Any
    signer: Certificate | None
    certificates: tuple[Certificate, ...]
    claimed_at: datetime | None
    names_certificate: bool
    """Whether a signing-certificate attribute binds the certificate (RFC 5035); PAdES demands it."""
    tokens: tuple[bytes, ...]
    """Signature timestamps, DER, as they stand in the unsigned attributes."""
    crls: tuple[bytes, ...]
    ocsp_responses: tuple[bytes, ...]
    digest_name: str

    @property
    def signature(self) -> bytes:
        """The signature value."""
        return bytes(self.signer_info["signature"].native)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampToken:
    """One RFC 3161 token whose own signature holds and which speaks about the expected bytes."""

    content: SignedContent
    time: datetime
    imprint: str
    """Name of the digest with which the bytes are named."""


def parse_cms(contents: bytes, limits: Limits) -> SignedContent:
    """Read one container; raises `Refused` (FORMAT_FAILURE, UNSUPPORTED) where it is not the kind we judge."""
    if len(contents) > limits.cms_bytes:
        raise Refused(SubIndication.FORMAT_FAILURE, f"the signature container is larger than {limits.cms_bytes} bytes")
    try:
        return _parse(contents, limits)
    except Refused:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError) as error:
        detail = f"the signature container cannot be read: {type(error).__name__}"
        raise Refused(SubIndication.FORMAT_FAILURE, detail) from error


def signature_holds(content: SignedContent, digest_of: DigestOf) -> None:
    """Digest and signature value of a detached signature; raises `Refused` with the first reason against it."""
    encapsulated = content.data["encap_content_info"]
    if encapsulated["content_type"].native != "data":
        raise Refused(SubIndication.FORMAT_FAILURE, "the signature container does not hold a signature over data")
    if not isinstance(encapsulated["content"], core.Void) and encapsulated["content"].native is not None:
        raise Refused(SubIndication.UNSUPPORTED, "the signature is not detached")
    _holds(content, "data", digest_of)


def token_holds(contents: bytes, digest_of: DigestOf, limits: Limits) -> TimestampToken:
    """A token's own signature, and its imprint (RFC 3161, 2.4.2); raises `Refused` with the first reason against it."""
    content = parse_cms(contents, limits)
    encapsulated = content.data["encap_content_info"]
    if encapsulated["content_type"].native != "tst_info":
        raise Refused(SubIndication.FORMAT_FAILURE, "this is not a timestamp token")
    info_bytes = encapsulated["content"].contents
    _holds(content, "tst_info", lambda name: _hash(name, info_bytes))
    try:
        info = tsp.TSTInfo.load(info_bytes)
        imprint = info["message_imprint"]
        name, claimed = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
        time = info["gen_time"].native
    except (ValueError, TypeError, KeyError) as error:
        raise Refused(SubIndication.FORMAT_FAILURE, "the timestamp cannot be read") from error
    try:
        actual = digest_of(name)
    except ValueError:
        raise Refused(SubIndication.UNSUPPORTED, "the timestamp uses an unknown digest") from None
    if claimed != actual:
        raise Refused(SubIndication.HASH_FAILURE, "the timestamp was made for other bytes")
    return TimestampToken(content=content, time=time.astimezone(UTC), imprint=name)


def named_digest(name: str, parts: Iterable[bytes | memoryview]) -> bytes:
    """Digest of `parts`, one after the other; raises `ValueError` for a name that is no digest."""
    try:
        digest = hashlib.new(name)
    except (ValueError, TypeError):
        raise ValueError(name) from None
    for part in parts:
        digest.update(part)
    if name.startswith("shake"):
        # RFC 8702, 3.1: 256 bits out of SHAKE128, 512 out of SHAKE256
        return digest.digest(32 if name == "shake128" else 64)  # type: ignore[call-arg]  # SHAKE asks for a length
    return digest.digest()


def _hash(name: str, data: bytes) -> bytes:
    return named_digest(name, (data,))


def _holds(content: SignedContent, content_type: str, digest_of: DigestOf) -> None:
    if content.signer is None:
        raise Refused(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, "the signer's certificate is not in the file")
    try:
        digest = digest_of(content.digest_name)
    except ValueError:
        raise Refused(SubIndication.UNSUPPORTED, f"unknown digest algorithm {content.digest_name}") from None
    try:
        intact, valid = validate_sig_integrity(content.signer_info, content.signer.asn1, content_type, digest)
    except MemoryError:
        raise
    except Exception as error:  # strangers' ASN.1 makes the checks raise anything at all
        raise Refused(*reason_of_integrity_error(error)) from error
    if not intact:
        raise Refused(SubIndication.HASH_FAILURE, "the signed bytes were changed")
    if not valid:
        raise Refused(SubIndication.SIG_CRYPTO_FAILURE, "the signature value does not fit the certificate's key")


def _parse(contents: bytes, limits: Limits) -> SignedContent:
    message = cms.ContentInfo.load(contents)
    if message["content_type"].native != "signed_data":
        raise Refused(SubIndication.UNSUPPORTED, "the signature container is not CMS SignedData")
    data = message["content"]
    if len(data["signer_infos"]) != 1:
        raise Refused(SubIndication.FORMAT_FAILURE, "a PDF signature has exactly one signer")  # ISO 32000-2, 12.8.3.3
    signer_info = data["signer_infos"][0]
    ders = _certificate_ders(data)
    if len(ders) > limits.certificates:
        raise Refused(SubIndication.FORMAT_FAILURE, f"more than {limits.certificates} certificates in one signature")
    found = _readable(ders)
    signed = _attributes(signer_info["signed_attrs"])
    unsigned = _attributes(signer_info["unsigned_attrs"])
    crls, ocsp_responses = _adbe_status(signed)
    return SignedContent(
        data=data,
        signer_info=signer_info,
        signer=_signer(signer_info, found),
        certificates=found,
        claimed_at=_signing_time(signed),
        names_certificate="signing_certificate" in signed or "signing_certificate_v2" in signed,
        tokens=tuple(value.dump() for value in unsigned.get("signature_time_stamp_token", ())),
        crls=crls,
        ocsp_responses=ocsp_responses,
        digest_name=signer_info["digest_algorithm"]["algorithm"].native.lower(),
    )


def _certificate_ders(data: Any) -> list[bytes]:
    if isinstance(data["certificates"], core.Void):
        return []
    return [choice.chosen.dump() for choice in data["certificates"] if choice.name == "certificate"]


def _readable(ders: list[bytes]) -> tuple[Certificate, ...]:
    found = []
    for der in ders:
        try:
            found.append(certificate(der))
        except ValueError:
            continue  # one broken certificate among several is common; the signer's own is looked for by name
    return tuple(found)


def _attributes(attributes: Any) -> dict[str, Any]:
    """Values by attribute type; a repeated type keeps the first, pyHanko refuses what must be unique."""
    values: dict[str, Any] = {}
    if not isinstance(attributes, core.Void):
        for attribute in attributes:
            values.setdefault(attribute["type"].native, attribute["values"])
    return values


def _signer(signer_info: Any, found: tuple[Certificate, ...]) -> Certificate | None:
    sid = signer_info["sid"]
    if sid.name == "issuer_and_serial_number":
        serial, issuer = sid.chosen["serial_number"].native, sid.chosen["issuer"]
        name = issuer.dump()
        same_serial = [each for each in found if each.pyca.serial_number == serial]
        for each in same_serial:
            if each.issuer_name == name:
                return each
        # equal names may be encoded differently (RFC 5280, 7.1); asn1crypto compares them slowly and well
        return next((each for each in same_serial if each.asn1.issuer == issuer), None)
    key_identifier = sid.chosen.native
    return next((each for each in found if each.asn1.key_identifier == key_identifier), None)


def _signing_time(signed: dict[str, Any]) -> datetime | None:
    values = signed.get("signing_time")
    if not values:
        return None
    moment = values[0].native
    return moment.astimezone(UTC) if isinstance(moment, datetime) else None


def _adbe_status(signed: dict[str, Any]) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Revocation status inside the signed attributes (ISO 32000-2, 12.8.3.3.2)."""
    values = signed.get("adobe_revocation_info_archival") or signed.get(_ADBE_REVOCATION)
    if not values:
        return (), ()
    archive = values[0]
    crls = () if isinstance(archive["crl"], core.Void) else tuple(each.dump() for each in archive["crl"])
    responses = () if isinstance(archive["ocsp"], core.Void) else tuple(each.dump() for each in archive["ocsp"])
    return crls, responses
