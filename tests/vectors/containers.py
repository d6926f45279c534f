"""Signature containers that others choke on, written octet by octet: CMS in DER and BER, PKCS #7, bare RSA values.

    pdf = embed(pages("Surat"), lambda covered: cms(covered, maker, ...))

A `Maker` signs with any key and says how its algorithm is named. Nothing here is used by the product.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.vectors.letters import append

NULL = b"\x05\x00"
HASHES: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "sha1": ("1.3.14.3.2.26", hashes.SHA1()),  # noqa: S303  # what old signers used
    "sha256": ("2.16.840.1.101.3.4.2.1", hashes.SHA256()),
    "sha384": ("2.16.840.1.101.3.4.2.2", hashes.SHA384()),
    "sha512": ("2.16.840.1.101.3.4.2.3", hashes.SHA512()),
    "sha3_256": ("2.16.840.1.101.3.4.2.8", hashes.SHA3_256()),
    "sha3_512": ("2.16.840.1.101.3.4.2.10", hashes.SHA3_512()),
}
SHAKE256 = "2.16.840.1.101.3.4.2.12"
AnyKey = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | dsa.DSAPrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
)


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element in DER."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(digits))) + digits + content


def open_tlv(tag: int, *parts: bytes) -> bytes:
    """The same with its length left open (BER)."""
    return bytes((tag, 0x80)) + b"".join(parts) + b"\0\0"


def seq(*parts: bytes) -> bytes:
    """SEQUENCE."""
    return tlv(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    """SET OF, in DER's order."""
    return tlv(0x31, *sorted(parts))


def octets(content: bytes) -> bytes:
    """OCTET STRING."""
    return tlv(0x04, content)


def in_pieces(content: bytes) -> bytes:
    """OCTET STRING in pieces, its length left open (BER)."""
    half = len(content) // 2
    return open_tlv(0x24, octets(content[:half]), octets(content[half:]))


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER."""
    return bytes(core.ObjectIdentifier(dotted).dump())


def integer(number: int) -> bytes:
    """INTEGER."""
    return bytes(core.Integer(number).dump())


@dataclass(frozen=True, kw_only=True)
class Maker:
    """A key with its certificate, and how it signs."""

    certificate: bytes
    sign: Callable[[bytes], bytes]
    algorithm: bytes
    """AlgorithmIdentifier."""
    digest: str = "sha256"
    digest_algorithm: bytes | None = None
    """AlgorithmIdentifier; `None`: that of `digest`, without parameters."""

    def hashed(self, data: bytes) -> bytes:
        """The message digest."""
        if self.digest == "shake256":
            return hashlib.shake_256(data).digest(64)
        return hashlib.new(self.digest, data).digest()

    @property
    def digest_identifier(self) -> bytes:
        """AlgorithmIdentifier of its digest."""
        named = SHAKE256 if self.digest == "shake256" else HASHES[self.digest][0]
        return self.digest_algorithm or seq(oid(named))


def rsa_maker(key: rsa.RSAPrivateKey, certificate: bytes, digest: str = "sha256") -> Maker:
    """PKCS #1 v1.5, named `rsaEncryption`, as most old signers do."""
    own = HASHES[digest][1]
    return Maker(
        certificate=certificate,
        sign=lambda data: key.sign(data, padding.PKCS1v15(), own),
        algorithm=seq(oid("1.2.840.113549.1.1.1"), NULL),
        digest=digest,
    )


def pss_maker(
    key: rsa.RSAPrivateKey, certificate: bytes, *, digest: str = "sha256", mgf: str = "sha256", salt: int = 32
) -> Maker:
    """RSASSA-PSS with these parameters, all of them spelled out."""
    parameters = seq(
        tlv(0xA0, seq(oid(HASHES[digest][0]))),
        tlv(0xA1, seq(oid("1.2.840.113549.1.1.8"), seq(oid(HASHES[mgf][0]), NULL))),
        tlv(0xA2, integer(salt)),
        tlv(0xA3, integer(1)),
    )
    pss = padding.PSS(padding.MGF1(HASHES[mgf][1]), salt)
    return Maker(
        certificate=certificate,
        sign=lambda data: key.sign(data, pss, HASHES[digest][1]),
        algorithm=seq(oid("1.2.840.113549.1.1.10"), parameters),
        digest=digest,
    )


def ecdsa_maker(
    key: ec.EllipticCurvePrivateKey, certificate: bytes, name: str, digest: str = "sha256", *, plain: bool = False
) -> Maker:
    """ECDSA under the identifier `name`; `plain`: r and s, one after the other."""
    size = (key.curve.key_size + 7) // 8

    def sign(data: bytes) -> bytes:
        signature = key.sign(data, ec.ECDSA(HASHES[digest][1]))
        r, s = decode_dss_signature(signature)
        return r.to_bytes(size, "big") + s.to_bytes(size, "big") if plain else signature

    return Maker(certificate=certificate, sign=sign, algorithm=seq(oid(name)), digest=digest)


def edwards_maker(key: ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey, certificate: bytes) -> Maker:
    """RFC 8419: Ed25519 beside SHA-512, Ed448 beside SHAKE256."""
    is_25519 = isinstance(key, ed25519.Ed25519PrivateKey)
    return Maker(
        certificate=certificate,
        sign=key.sign,
        algorithm=seq(oid("1.3.101.112" if is_25519 else "1.3.101.113")),
        digest="sha512" if is_25519 else "shake256",
    )


def dsa_maker(key: dsa.DSAPrivateKey, certificate: bytes) -> Maker:
    """DSA with SHA-256."""
    return Maker(
        certificate=certificate,
        sign=lambda data: key.sign(data, hashes.SHA256()),
        algorithm=seq(oid("2.16.840.1.101.3.4.3.2")),
    )


def attribute(kind: str, *values: bytes) -> bytes:
    """One attribute."""
    return seq(oid(kind), set_of(*values))


def signed_attributes(
    digest: bytes, maker: Maker, *, names_certificate: bool = True, more: Iterable[bytes] = ()
) -> list[bytes]:
    """Content type and digest, and, when wanted, the certificate (RFC 5035)."""
    found = [attribute("1.2.840.113549.1.9.3", oid("1.2.840.113549.1.7.1"))]
    found.append(attribute("1.2.840.113549.1.9.4", octets(digest)))
    if names_certificate:
        own = seq(octets(hashlib.sha256(maker.certificate).digest()))
        found.append(attribute("1.2.840.113549.1.9.16.2.47", seq(seq(own))))
    return [*found, *more]


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a container is written."""

    attributes: bool = True
    names_certificate: bool = True
    ordered: bool = True
    """Whether the attributes are sent in DER's order; they are always signed in it."""
    by_key_identifier: bool = False
    ber: bool = False
    wrapped_digest: bool = False
    """`adbe.pkcs7.sha1`: the content is the SHA-1 of the file."""
    more_attributes: tuple[bytes, ...] = ()
    certificates: tuple[bytes, ...] = ()
    """Besides the signer's own."""
    leaves_out_certificate: bool = False


PLAIN = Style()


def cms(
    covered: bytes, maker: Maker, style: Style = PLAIN, *, tokens: Callable[[bytes], list[bytes]] | None = None
) -> bytes:
    """One container over `covered`; `tokens` makes the timestamps over the signature value."""
    node = open_tlv if style.ber else tlv
    string = in_pieces if style.ber else octets
    content = hashlib.sha1(covered).digest() if style.wrapped_digest else covered  # noqa: S324  # see Style
    signed, value = b"", maker.sign(content) if not style.attributes else b""
    if style.attributes:
        parts = signed_attributes(
            maker.hashed(content), maker, names_certificate=style.names_certificate, more=style.more_attributes
        )
        value = maker.sign(set_of(*parts))
        sent = sorted(parts) if style.ordered else sorted(parts, reverse=True)
        signed = node(0xA0, *sent)
    unsigned = b""
    if tokens is not None:
        unsigned = tlv(0xA1, attribute("1.2.840.113549.1.9.16.2.14", *tokens(value)))
    info = node(
        0x30,
        integer(3 if style.by_key_identifier else 1),
        _signer_identifier(maker.certificate, by_key=style.by_key_identifier),
        maker.digest_identifier,
        signed,
        maker.algorithm,
        octets(value),
        unsigned,
    )
    inner = node(0xA0, string(content)) if style.wrapped_digest else b""
    own = () if style.leaves_out_certificate else (maker.certificate,)
    data = node(
        0x30,
        integer(1),
        node(0x31, maker.digest_identifier),
        node(0x30, oid("1.2.840.113549.1.7.1"), inner),
        node(0xA0, *own, *style.certificates) if own or style.certificates else b"",
        node(0x31, info),
    )
    return node(0x30, oid("1.2.840.113549.1.7.2"), node(0xA0, data))


def embed(
    pdf: bytes,
    contents_of: Callable[[bytes], bytes],
    *,
    subfilter: str = "ETSI.CAdES.detached",
    more: bytes = b"",
    field: bytes = b"Signature1",
    space: int = 16_384,
) -> bytes:
    """`pdf` (of `letters.pages`) with one signature field; `contents_of` makes its container over the covered bytes."""
    first = 1 + max(int(line.split()[0]) for line in pdf.splitlines() if line.endswith(b" 0 obj"))
    place = b"/ByteRange [0 %010d %010d %010d]"
    signature = (
        b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /%s /M (D:20261121040000Z) " % subfilter.encode()
        + place % (0, 0, 0)
        + b" /Contents <"
        + b"0" * (2 * space)
        + b"> "
        + more
        + b" >>"
    )
    grown = append(
        pdf,
        {
            1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /SigFlags 3 /Fields [%d 0 R] >> >>" % first,
            first: b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (%s) /Rect [0 0 0 0] /F 132 /V %d 0 R >>"
            % (field, first + 1),
            first + 1: signature,
        },
        size=first + 2,
    )
    start = grown.index(b"/Contents <", len(pdf)) + len(b"/Contents ")
    end = start + 2 + 2 * space
    ranges = place % (start, end, len(grown) - end)
    grown = grown.replace(place % (0, 0, 0), ranges)
    container = contents_of(grown[:start] + grown[end:])
    return grown[: start + 1] + container.hex().encode().ljust(2 * space, b"0") + grown[end - 1 :]


def as_der(certificate: x509.Certificate) -> bytes:
    """The bytes of a certificate."""
    return certificate.public_bytes(Encoding.DER)


def with_digest_parameters(maker: Maker, parameters: bytes) -> Maker:
    """The same maker, whose digest is named with these parameters."""
    return replace(maker, digest_algorithm=seq(oid(HASHES[maker.digest][0]), parameters))


def _signer_identifier(certificate: bytes, *, by_key: bool) -> bytes:
    own = x509.load_der_x509_certificate(certificate)
    if by_key:
        return tlv(0x80, own.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest)
    return seq(own.issuer.public_bytes(), integer(own.serial_number))


def certify_key(holder_certificate: x509.Certificate, issuer_key: ec.EllipticCurvePrivateKey, key_info: bytes) -> bytes:
    """The certificate with another SubjectPublicKeyInfo, signed anew: for keys that no library writes."""
    outer = _children(as_der(holder_certificate))
    tbs = _children(outer[0])
    position = next(index for index, part in enumerate(tbs) if part == _key_info(holder_certificate))
    changed = seq(*tbs[:position], key_info, *tbs[position + 1 :])
    algorithm = holder_certificate.signature_hash_algorithm
    assert algorithm is not None
    return seq(changed, outer[1], tlv(0x03, b"\0" + issuer_key.sign(changed, ec.ECDSA(algorithm))))


def explicit_curve(key: ec.EllipticCurvePublicKey, curve: tuple[int, int, int, int], generator: bytes) -> bytes:
    """SubjectPublicKeyInfo with the curve spelled out (SEC 1, C.2), as old ID cards have it: p, a, b and order."""
    (p, a, b, order), size = curve, (key.curve.key_size + 7) // 8
    parameters = seq(
        integer(1),
        seq(oid("1.2.840.10045.1.1"), integer(p)),
        seq(octets(a.to_bytes(size, "big")), octets(b.to_bytes(size, "big"))),
        octets(generator),
        integer(order),
        integer(1),
    )
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return seq(seq(oid("1.2.840.10045.2.1"), parameters), tlv(0x03, b"\0" + point))


def _key_info(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _children(encoded: bytes) -> list[bytes]:
    """The elements in a DER element."""
    found, rest = [], encoded[_header_size(encoded) :]
    while rest:
        size = _header_size(rest) + (
            rest[1] if rest[1] < 0x80 else int.from_bytes(rest[2 : 2 + (rest[1] & 0x7F)], "big")
        )
        found.append(rest[:size])
        rest = rest[size:]
    return found


def _header_size(encoded: bytes) -> int:
    return 2 if encoded[1] < 0x80 else 2 + (encoded[1] & 0x7F)
