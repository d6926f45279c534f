"""Does a signature container hold? Digest, attributes and signature value (RFC 5652, 5.4 to 5.6; EN 319 102-1, 5.2.7).

Whoever signed and whenever: no certificate is believed here, its key only has to fit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from verifier import ber
from verifier.algorithms import UnknownAlgorithm, digest_name, signature_algorithm
from verifier.ber import Element, Malformed
from verifier.certificates import Certificate, matches_issuer_serial
from verifier.cms import (
    ALGORITHM_PROTECTION,
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    SIGNING_CERTIFICATE,
    SIGNING_CERTIFICATE_V2,
    TST_INFO,
    Refused,
    SignedContent,
    parse_cms,
)
from verifier.limits import Limits
from verifier.model import SubIndication
from verifier.signature_value import Message, PublicKey, verifies

_FORMAT: Final = SubIndication.FORMAT_FAILURE


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampToken:
    """One RFC 3161 token whose own signature holds and which speaks about the expected bytes."""

    encoded: bytes
    """The token as it came."""
    content: SignedContent
    time: datetime
    imprint: str
    """Name of the digest with which the bytes are named."""


def signature_holds(content: SignedContent, covered: Message, *, is_wrapped: bool = False) -> None:
    """Digest and signature value of a signature over `covered`; raises `Refused` with the first reason against it.

    `is_wrapped`: the content inside is the SHA-1 of `covered` (`adbe.pkcs7.sha1`, ISO 32000-1, 12.8.3.3.1).
    """
    if content.content_type != DATA:
        raise Refused(_FORMAT, "the signature container does not hold a signature over data")
    if not is_wrapped:
        if content.encapsulated:
            raise Refused(SubIndication.UNSUPPORTED, "the signature is not detached")
        _holds(content, covered)
        return
    if content.encapsulated is None:
        raise Refused(_FORMAT, "the digest that is signed is not in the container")
    _holds(content, Message(content.encapsulated))
    if covered.digest("sha1") != content.encapsulated:
        raise Refused(SubIndication.HASH_FAILURE, "the signed bytes were changed")


def token_holds(contents: bytes, covered: Message, limits: Limits, offered: Sequence[bytes] = ()) -> TimestampToken:
    """A token's own signature, and its imprint (RFC 3161, 2.4.2); raises `Refused` with the first reason against it.

    `offered`: certificates of the signature that it stamps, because a token may come without its own (2.4.1, certReq).
    """
    content = parse_cms(contents, limits, offered)
    if content.content_type != TST_INFO or content.encapsulated is None:
        raise Refused(_FORMAT, "this is not a timestamp token")
    _holds(content, Message(content.encapsulated))
    try:
        name, claimed, time = _timestamp_info(content.encapsulated)
        actual = covered.digest(name)
    except (Malformed, ValueError, IndexError) as error:
        raise Refused(_FORMAT, "the timestamp cannot be read") from error
    except UnknownAlgorithm:
        raise Refused(SubIndication.UNSUPPORTED, "the timestamp uses an unknown digest") from None
    if claimed != actual:
        raise Refused(SubIndication.HASH_FAILURE, "the timestamp was made for other bytes")
    return TimestampToken(encoded=contents, content=content, time=time, imprint=name)


def _timestamp_info(encoded: bytes) -> tuple[str, bytes, datetime]:
    """Digest, imprint and time of a TSTInfo (RFC 3161, 2.4.2)."""
    _, _, imprint, _, time, *_ = ber.expect(ber.read(encoded), ber.SEQUENCE).children()
    algorithm, value = imprint.children()
    return digest_name(algorithm), ber.octets(value), ber.moment(ber.expect(time, ber.GENERALIZED_TIME))


def _holds(content: SignedContent, message: Message) -> None:
    signer = content.signer
    if signer is None and content.signer_fault:
        raise Refused(SubIndication.UNSUPPORTED, content.signer_fault)
    if signer is None:
        raise Refused(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, "the signer's certificate is not in the file")
    if content.algorithm is None or not content.digest_name:
        raise Refused(SubIndication.UNSUPPORTED, f"this version does not judge {content.unknown_algorithm}")
    key = signer.public_key
    if key is None:
        raise Refused(SubIndication.UNSUPPORTED, "this version does not judge the kind of key in the certificate")
    try:
        if content.signed is not None:
            _attributes_fit(content, signer, message)
        _value_fits(content, key, message)
    except UnknownAlgorithm as error:
        raise Refused(SubIndication.UNSUPPORTED, f"this version does not judge {error}") from None
    except (Malformed, ValueError, IndexError) as error:
        raise Refused(_FORMAT, "the attributes of the signature cannot be read") from error


def _value_fits(content: SignedContent, key: PublicKey, message: Message) -> None:
    if content.algorithm is None:
        raise ValueError("a signature without its algorithm")
    for signed in _signed_messages(content, message):
        if verifies(key, content.signature, signed, content.algorithm, content.digest_name):
            return
    raise Refused(SubIndication.SIG_CRYPTO_FAILURE, "the signature value does not fit the certificate's key")


def _signed_messages(content: SignedContent, message: Message) -> Iterator[Message]:
    """What the value may have been made over: the content, or the attributes as they came, else in DER.

    RFC 5652, 5.4: they are signed in DER as a SET, however they are sent; not every signer puts them in order.
    """
    if content.signed is None:
        if content.content_type != DATA:
            raise Refused(_FORMAT, "a timestamp without signed attributes")  # RFC 5652, 5.3
        yield message
        return
    came = b"\x31" + content.signed.encoded[1:]
    yield Message(came)
    try:
        ordered = ber.der(ber.read(came))
    except Malformed:
        return
    if ordered != came:
        yield Message(ordered)


def _attributes_fit(content: SignedContent, signer: Certificate, message: Message) -> None:
    kind = ber.oid(_only(content, CONTENT_TYPE, "content type"))
    if kind != content.content_type:
        raise Refused(_FORMAT, "the attributes name another type of content than the container")
    stated = ber.octets(_only(content, MESSAGE_DIGEST, "digest"))
    if ALGORITHM_PROTECTION in content.attributes:
        _check_protection(content, _only(content, ALGORITHM_PROTECTION, "protection of algorithms"))
    for attribute, default in ((SIGNING_CERTIFICATE, "sha1"), (SIGNING_CERTIFICATE_V2, "sha256")):
        if attribute in content.attributes:
            named = _only(content, attribute, "signing certificate").children()[0].children()[0]
            if not _names(named, signer, default):
                detail = "the attributes name another certificate than the signer's"
                raise Refused(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, detail)
    if stated != message.digest(content.digest_name):
        raise Refused(SubIndication.HASH_FAILURE, "the signed bytes were changed")


def _only(content: SignedContent, attribute: str, word: str) -> Element:
    """The value of an attribute that must be there once, with one value (RFC 5652, 11)."""
    values = content.attributes.get(attribute, [])
    if len(values) != 1:
        raise Refused(_FORMAT, f"the signed attributes state {len(values)} times the {word} instead of once")
    return values[0]


def _check_protection(content: SignedContent, value: Element) -> None:
    """The algorithms that are protected are those that are used (RFC 6211)."""
    digest, algorithm = value.children()[:2]
    own = b"\x30" + algorithm.encoded[1:]  # [1] IMPLICIT
    same = digest_name(digest) == content.digest_name and signature_algorithm(ber.read(own)) == content.algorithm
    if not same:
        detail = "the signature names other algorithms than it protects"
        raise Refused(SubIndication.SIG_CRYPTO_FAILURE, detail)


def _names(identifier: Element, signer: Certificate, default: str) -> bool:
    """Whether an ESSCertID or ESSCertIDv2 is about this certificate (RFC 5035, 4 and 5)."""
    parts = identifier.children()
    name = digest_name(parts.pop(0)) if default == "sha256" and parts[0].tag == ber.SEQUENCE else default
    if Message(signer.der).digest(name) != ber.octets(parts[0]):
        return False
    if len(parts) < 2:
        return True
    issuers, serial = parts[1].children()[:2]
    (issuer,) = issuers.children()
    return issuer.tag == 0xA4 and matches_issuer_serial(signer, issuer.children()[0], ber.integer(serial))
