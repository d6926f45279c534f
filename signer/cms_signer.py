"""The CMS of a PAdES signature, built as bytes from a template (RFC 5652; CAdES attributes: EN 319 122-1, clause 5).

Signed attributes: contentType, messageDigest, signingCertificateV2. No signing-time (EN 319 142-1, 6.3: the claim is in
/M), and no algorithm protection, which PAdES does not foresee.

Everything that a credential fixes (certificates, algorithm identifiers, signer identifier, ESSCertIDv2) is encoded once
per chain and kept. Per signature only the document digest, the signature value and the timestamp token vary. The token
is carried as the bytes that arrived. pyHanko's own signer is the reference in a property test: same attributes.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding

from signer.der import CONTEXT_0, CONTEXT_1, OCTETS, SEQUENCE, SET, integer, oid, set_of, tlv
from signer.errors import KeyUnavailable, SignerError

DIGEST: Final = "sha256"
"""Digest of the document, of the signed attributes, and of what is timestamped."""

_ID_DATA: Final = oid("1.2.840.113549.1.7.1")
_ID_SIGNED_DATA: Final = oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE: Final = oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST: Final = oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2: Final = oid("1.2.840.113549.1.9.16.2.47")  # RFC 5035
_TIMESTAMP_TOKEN: Final = oid("1.2.840.113549.1.9.16.2.14")  # RFC 3161, appendix A
_SHA256: Final = tlv(SEQUENCE, oid("2.16.840.1.101.3.4.2.1"))  # parameters absent (RFC 5754, clause 2)
_ECDSA_SHA256: Final = tlv(SEQUENCE, oid("1.2.840.10045.4.3.2"))  # parameters absent (RFC 5758, 3.2)
_PREHASHED: Final = ec.ECDSA(Prehashed(hashes.SHA256()))

_LENGTHS_MAY_GROW: Final = 64  # outer lengths written in one octet more once a token is in


@dataclass(frozen=True, slots=True)
class _Template:
    """What one chain fixes."""

    fixed_attributes: tuple[bytes, ...]
    before_signer_info: bytes
    """Version, digest algorithms, content info and certificates."""
    signer_id: bytes
    """SignerInfo version, issuer and serial number, digest algorithm."""

    @property
    def size(self) -> int:
        return sum(map(len, self.fixed_attributes)) + len(self.before_signer_info) + len(self.signer_id)


class CmsSigner:
    """Makes the `/Contents` of one signatory's signatures: a CMS ContentInfo, DER.

    `key` is any pyca EC private key; `chain` has the signatory's certificate first. The root stays out: who trusts it
    has it. The key is used in the calling thread.
    """

    def __init__(self, key: ec.EllipticCurvePrivateKey, chain: tuple[x509.Certificate, ...]) -> None:
        self._key = key
        self._chain = chain

    def size(self, token_size: int = 0) -> int:
        """As `size_of`."""
        return size_of(self._chain, token_size)

    def value(self, document_digest: bytes) -> bytes:
        """The signature value over the SHA-256 `document_digest`, DER; raises `KeyUnavailable`."""
        return sign_digest(self._key, digest_to_sign(self._chain, document_digest))

    def sign(self, document_digest: bytes, timestamp: Callable[[bytes], bytes] | None = None) -> bytes:
        """A detached signature over the SHA-256 `document_digest`; `timestamp` as for `signed_data`."""
        return signed_data(self._chain, document_digest, self.value(document_digest), timestamp)


def size_of(chain: tuple[x509.Certificate, ...], token_size: int = 0) -> int:
    """An upper bound, in octets, of what `signed_data` gives for a token of `token_size` octets (0: no token)."""
    attribute = token_size + 64 if token_size else 0
    message_digest = 64
    value = 2 * ((_key_size(chain[0]) + 7) // 8) + 9
    return _template(chain).size + message_digest + value + attribute + _LENGTHS_MAY_GROW


def digest_to_sign(chain: tuple[x509.Certificate, ...], document_digest: bytes) -> bytes:
    """What the key signs: SHA-256 of the signed attributes over the SHA-256 `document_digest` (RFC 5652, 5.4)."""
    return hashlib.sha256(tlv(SET, *_attributes(chain, document_digest))).digest()


def sign_digest(key: ec.EllipticCurvePrivateKey, digest: bytes) -> bytes:
    """The signature value over a SHA-256 `digest`, DER; raises `KeyUnavailable`."""
    try:
        return key.sign(digest, _PREHASHED)
    except SignerError:
        raise
    except Exception as error:  # the key may live anywhere, and its errors are of that place
        raise KeyUnavailable("the key did not sign") from error


def signed_data(
    chain: tuple[x509.Certificate, ...],
    document_digest: bytes,
    value: bytes,
    timestamp: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """The CMS around a signature value that was made over `digest_to_sign(chain, document_digest)`.

    `timestamp` gets the SHA-256 of the signature value and gives a TimeStampToken, DER; `None` makes B-B.
    """
    template = _template(chain)
    unsigned = b""
    if timestamp is not None:
        token = timestamp(hashlib.sha256(value).digest())
        unsigned = tlv(CONTEXT_1, _attribute(_TIMESTAMP_TOKEN, token))
    signer_info = tlv(
        SEQUENCE,
        template.signer_id,
        tlv(CONTEXT_0, *_attributes(chain, document_digest)),
        _ECDSA_SHA256,
        tlv(OCTETS, value),
        unsigned,
    )
    content = tlv(SEQUENCE, template.before_signer_info, tlv(SET, signer_info))
    return tlv(SEQUENCE, _ID_SIGNED_DATA, tlv(CONTEXT_0, content))


def embedded_part(chain: tuple[x509.Certificate, ...]) -> tuple[x509.Certificate, ...]:
    """The certificates that go into the CMS: all but the root, which its relying parties have."""
    return (chain[0], *(certificate for certificate in chain[1:] if certificate.issuer != certificate.subject))


@lru_cache(maxsize=1024)
def _template(chain: tuple[x509.Certificate, ...]) -> _Template:
    own = chain[0]
    issuer, serial = own.issuer.public_bytes(), integer(own.serial_number)
    return _Template(
        fixed_attributes=(
            _attribute(_CONTENT_TYPE, _ID_DATA),
            _attribute(_SIGNING_CERTIFICATE_V2, _ess_certificate_id(own, issuer, serial)),
        ),
        before_signer_info=b"".join(
            (
                integer(1),
                tlv(SET, _SHA256),
                tlv(SEQUENCE, _ID_DATA),
                set_of(CONTEXT_0, [certificate.public_bytes(Encoding.DER) for certificate in embedded_part(chain)]),
            )
        ),
        signer_id=b"".join((integer(1), tlv(SEQUENCE, issuer, serial), _SHA256)),
    )


def _ess_certificate_id(own: x509.Certificate, issuer: bytes, serial: bytes) -> bytes:
    """SigningCertificateV2 with one ESSCertIDv2; SHA-256 is the default and so left out (RFC 5035, clause 4)."""
    directory_name = tlv(0xA4, issuer)
    issuer_serial = tlv(SEQUENCE, tlv(SEQUENCE, directory_name), serial)
    certificate_id = tlv(SEQUENCE, tlv(OCTETS, own.fingerprint(hashes.SHA256())), issuer_serial)
    return tlv(SEQUENCE, tlv(SEQUENCE, certificate_id))


def _attributes(chain: tuple[x509.Certificate, ...], document_digest: bytes) -> list[bytes]:
    """The signed attributes in the order of DER (X.690, 11.6)."""
    return sorted((*_template(chain).fixed_attributes, _message_digest(document_digest)))


def _key_size(certificate: x509.Certificate) -> int:
    key = certificate.public_key()
    return key.key_size if isinstance(key, ec.EllipticCurvePublicKey) else 521


def _message_digest(digest: bytes) -> bytes:
    return _attribute(_MESSAGE_DIGEST, tlv(OCTETS, digest))


def _attribute(kind: bytes, value: bytes) -> bytes:
    return tlv(SEQUENCE, kind, tlv(SET, value))
