"""The CMS inside a signature field, read (RFC 5652). Whether it holds is asked by `integrity`.

Everything is a place in the bytes as they came: certificates, tokens and status are never encoded anew, unless they
came in BER, which nobody else could read. Attributes are taken as found; what must be unique is refused if repeated.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from verifier import ber
from verifier.algorithms import SignatureAlgorithm, UnknownAlgorithm, digest_name, signature_algorithm
from verifier.ber import Element, Malformed
from verifier.certificates import Certificate, certificate, certificates, named_by
from verifier.limits import Limits
from verifier.model import SubIndication

CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
SIGNING_TIME: Final = "1.2.840.113549.1.9.5"
SIGNING_CERTIFICATE: Final = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2: Final = "1.2.840.113549.1.9.16.2.47"
ALGORITHM_PROTECTION: Final = "1.2.840.113549.1.9.52"
DATA: Final = "1.2.840.113549.1.7.1"
TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
_TIMESTAMP: Final = "1.2.840.113549.1.9.16.2.14"
_ADBE_REVOCATION: Final = "1.2.840.113583.1.1.8"
_OCSP_IN_CRLS: Final = "1.3.6.1.5.5.7.16.2"  # id-ri-ocsp-response (RFC 5940)

Attributes = dict[str, list[Element]]
"""Values by type; those of a repeated type stand one after the other."""


class Refused(Exception):
    """This signature cannot pass. Never leaves the package: it becomes a report."""

    def __init__(self, reason: SubIndication, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedContent:
    """One signature container with its one signer."""

    content_type: str
    """Dotted."""
    encapsulated: bytes | None
    """The content that is inside, if any; `None`: the signature is detached."""
    signer: Certificate | None
    signer_fault: str
    """Why `signer` is `None`."""
    certificates: tuple[Certificate, ...]
    digest_name: str
    """Of the digest named by the signer; empty where it is unknown."""
    algorithm: SignatureAlgorithm | None
    unknown_algorithm: str
    """What is not judged, where `digest_name` is empty or `algorithm` is `None`."""
    signed: Element | None
    """The signed attributes as they came."""
    attributes: Attributes
    """The signed ones."""
    signature: bytes
    claimed_at: datetime | None
    tokens: tuple[bytes, ...]
    """Signature timestamps, as they stand in the unsigned attributes."""
    crls: tuple[bytes, ...]
    ocsp_responses: tuple[bytes, ...]
    further_digests: frozenset[str] = frozenset()
    """Digests besides those named above on which the signature rests."""

    @property
    def names_certificate(self) -> bool:
        """Whether a signing-certificate attribute binds the certificate (RFC 5035); PAdES demands it."""
        return SIGNING_CERTIFICATE in self.attributes or SIGNING_CERTIFICATE_V2 in self.attributes

    @property
    def digests(self) -> frozenset[str]:
        """Every digest on which the signature rests, for the policy to judge."""
        own = self.algorithm.digest if self.algorithm else None
        return self.further_digests | {name for name in (self.digest_name, own) if name}


class _SignerInfo(NamedTuple):
    """Parts of a SignerInfo (RFC 5652, 5.3)."""

    sid: Element
    digest: Element
    signed: Element | None
    algorithm: Element
    signature: Element
    unsigned: Element | None


def parse_cms(contents: bytes, limits: Limits, offered: Sequence[bytes] = ()) -> SignedContent:
    """Read one container; `offered`: certificates (DER) among which its signer's may be as well.

    Raises `Refused` (FORMAT_FAILURE, UNSUPPORTED) where it is not the kind we judge.
    """
    if len(contents) > limits.cms_bytes:
        raise Refused(SubIndication.FORMAT_FAILURE, f"the signature container is larger than {limits.cms_bytes} bytes")
    try:
        return _parse(contents, limits, offered)
    except (Malformed, ValueError, IndexError) as error:
        detail = f"the signature container cannot be read: {error}" if isinstance(error, Malformed) else "unreadable"
        raise Refused(SubIndication.FORMAT_FAILURE, detail) from error


def as_der(element: Element) -> bytes:
    """The bytes as they came; anew only where lengths were left open (RFC 5652, 5.3 wants DER from everybody else)."""
    return ber.der(element) if element.is_indefinite else element.encoded


def _parse(contents: bytes, limits: Limits, offered: Sequence[bytes]) -> SignedContent:
    message = ber.expect(ber.read(contents), ber.SEQUENCE).children()
    if len(message) < 2 or ber.oid(message[0]) != _SIGNED_DATA:
        raise Refused(SubIndication.UNSUPPORTED, "the signature container is not CMS SignedData")
    parts = ber.expect(message[1].children()[0], ber.SEQUENCE).children()
    _, _, encapsulated, *rest = parts
    signer_infos = ber.expect(rest[-1], ber.SET).children()
    if len(signer_infos) != 1:
        raise Refused(SubIndication.FORMAT_FAILURE, "a PDF signature has exactly one signer")  # ISO 32000-2, 12.8.3.3
    content_type, content = _encapsulated(encapsulated)
    ders = [as_der(each) for part in rest[:-1] if part.tag == 0xA0 for each in part.children() if each.tag == 0x30]
    if len(ders) > limits.certificates:
        raise Refused(SubIndication.FORMAT_FAILURE, f"more than {limits.certificates} certificates in one signature")
    info = _signer_info(signer_infos[0])
    attributes = _attributes(info.signed)
    digest, algorithm, unknown = _algorithms(info)
    signer, fault = _signer(info.sid, (*ders, *offered))
    crls, responses = _status([part for part in rest[:-1] if part.tag == 0xA1])
    adobe_crls, adobe_responses = _adobe_status(attributes)
    return SignedContent(
        content_type=content_type,
        encapsulated=content,
        signer=signer,
        signer_fault=fault,
        certificates=certificates(tuple(ders)),
        digest_name=digest,
        algorithm=algorithm,
        unknown_algorithm=unknown,
        signed=info.signed,
        attributes=attributes,
        signature=ber.octets(info.signature),
        claimed_at=_signing_time(attributes),
        tokens=tuple(as_der(each) for each in _attributes(info.unsigned).get(_TIMESTAMP, ())),
        crls=(*crls, *adobe_crls),
        ocsp_responses=(*responses, *adobe_responses),
    )


def _signer_info(element: Element) -> _SignerInfo:
    _, sid, digest, *rest = ber.expect(element, ber.SEQUENCE).children()
    signed = rest.pop(0) if rest[0].tag == 0xA0 else None
    algorithm, signature, *unsigned = rest
    return _SignerInfo(sid, digest, signed, algorithm, signature, next((x for x in unsigned if x.tag == 0xA1), None))


def _encapsulated(element: Element) -> tuple[str, bytes | None]:
    children = ber.expect(element, ber.SEQUENCE).children()
    content_type = ber.oid(children[0])
    if len(children) < 2 or not (inner := children[1].children()):
        return content_type, None
    # PKCS #7 1.5 allowed any type here and signed what is in it (RFC 5652, 5.2.1)
    is_string = inner[0].tag in (ber.OCTET_STRING, ber.OCTET_STRING | 0x20)
    return content_type, ber.octets(inner[0]) if is_string else inner[0].content


def _algorithms(info: _SignerInfo) -> tuple[str, SignatureAlgorithm | None, str]:
    """What is not known is told later, when everything else that can be said has been said."""
    try:
        known = signature_algorithm(info.algorithm)
    except UnknownAlgorithm as error:
        return "", None, str(error)
    try:
        return digest_name(info.digest), known, ""
    except UnknownAlgorithm as error:
        return "", known, str(error)


def _attributes(element: Element | None) -> Attributes:
    values: Attributes = {}
    for attribute in element.children() if element is not None else ():
        kind, found = ber.expect(attribute, ber.SEQUENCE).children()[:2]
        values.setdefault(ber.oid(kind), []).extend(ber.expect(found, ber.SET).children())
    return values


def _signer(sid: Element, ders: Sequence[bytes]) -> tuple[Certificate | None, str]:
    """The certificate that the signer names, or why there is none."""
    for loosely in (False, True):
        for der in ders:
            if named_by(sid, der, loosely=loosely):
                try:
                    return certificate(der), ""
                except ValueError:
                    return None, "the signer's certificate is in the file and cannot be read"
    return None, ""


def _signing_time(attributes: Attributes) -> datetime | None:
    try:
        return ber.moment(attributes[SIGNING_TIME][0])
    except (KeyError, IndexError, Malformed):
        return None  # a claim that proves nothing, so it fails nothing either


def _status(parts: Iterable[Element]) -> tuple[list[bytes], list[bytes]]:
    """CRLs and OCSP responses beside the certificates (RFC 5652, 10.2.1)."""
    crls, responses = [], []
    for each in (each for part in parts for each in part.children()):
        if each.tag == ber.SEQUENCE:
            crls.append(as_der(each))
        elif each.tag == 0xA1:
            kind, value = each.children()[:2]
            if ber.oid(kind) == _OCSP_IN_CRLS:
                responses.append(as_der(value))
    return crls, responses


def _adobe_status(attributes: Attributes) -> tuple[list[bytes], list[bytes]]:
    """Revocation status inside the signed attributes (ISO 32000-2, 12.8.3.3.2)."""
    found: dict[int, list[bytes]] = {0xA0: [], 0xA1: []}
    try:
        for part in (part for archive in attributes.get(_ADBE_REVOCATION, ()) for part in archive.children()):
            if part.tag in found:
                found[part.tag].extend(as_der(each) for each in part.children()[0].children())
    except (Malformed, IndexError):
        return [], []  # evidence that cannot be read is none
    return found[0xA0], found[0xA1]
