"""A time-stamp token: CMS SignedData over TSTInfo (RFC 3161, 2.4.2; RFC 5652; RFC 5816; EN 319 422).

One SignerInfo with contentType, messageDigest and one ESSCertIDv2 of the TSU's certificate (SHA-256, the default, so
left out). SET OF is in DER order: strict verifiers refuse any other, and OpenSSL does not notice.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Final

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from ca.timestamp_request import MessageImprint
from ca.wire import HASHES, SHA256, SHA384, HashIdentifier, SignatureIdentifier, ecdsa_with, tlv

_SIGNED_DATA: Final = x509.ObjectIdentifier("1.2.840.113549.1.7.2")
_TST_INFO: Final = x509.ObjectIdentifier("1.2.840.113549.1.9.16.1.4")
_CONTENT_TYPE: Final = x509.ObjectIdentifier("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST: Final = x509.ObjectIdentifier("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2: Final = x509.ObjectIdentifier("1.2.840.113549.1.9.16.2.47")


@asn1.sequence
class _Accuracy:
    seconds: int


@asn1.sequence
class TstInfo:
    """TSTInfo. `ordering` false, `tsa` and extensions absent: so none of them is declared."""

    version: int
    policy: x509.ObjectIdentifier
    imprint: MessageImprint
    serial: int
    gen_time: asn1.GeneralizedTime
    accuracy: _Accuracy
    nonce: int | None


@asn1.sequence
class _EssCertIdV2:
    certificate_hash: bytes


@asn1.sequence
class _SigningCertificateV2:
    certificates: list[_EssCertIdV2]


@asn1.sequence
class _Attribute:
    type: x509.ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class _IssuerAndSerial:
    issuer: asn1.TLV
    serial: int


@asn1.sequence
class _SignerInfo:
    version: int
    signer: _IssuerAndSerial
    digest_algorithm: HashIdentifier
    signed_attributes: Annotated[asn1.SetOf[_Attribute], asn1.Implicit(0)]
    signature_algorithm: SignatureIdentifier
    signature: bytes


@asn1.sequence
class _Content:
    type: x509.ObjectIdentifier
    content: Annotated[bytes, asn1.Explicit(0)]


@asn1.sequence
class _SignedData:
    version: int
    digest_algorithms: asn1.SetOf[HashIdentifier]
    content: _Content
    certificates: Annotated[asn1.SetOf[asn1.TLV] | None, asn1.Implicit(0)]
    signer_infos: asn1.SetOf[_SignerInfo]


@asn1.sequence
class _ContentInfo:
    type: x509.ObjectIdentifier
    content: Annotated[_SignedData, asn1.Explicit(0)]


class TokenBuilder:
    """Writes the tokens of one time-stamping unit from encodings that are made once."""

    def __init__(
        self,
        *,
        certificate: x509.Certificate,
        certificates: tuple[x509.Certificate, ...],
        policy: x509.ObjectIdentifier,
        digest: hashes.SHA256 | hashes.SHA384,
    ) -> None:
        """`certificates` are those that go along when a client asks for them; `digest` goes with the key's curve."""
        self._policy = policy
        self._accuracy = _Accuracy(seconds=1)
        self._digest = digest
        self._digest_identifier = HashIdentifier(algorithm={"sha256": SHA256, "sha384": SHA384}[digest.name])
        self._signature_identifier = ecdsa_with(digest)
        self._signer = _IssuerAndSerial(issuer=tlv(certificate.issuer.public_bytes()), serial=certificate.serial_number)
        self._certificates = asn1.SetOf([tlv(one.public_bytes(Encoding.DER)) for one in certificates])
        self._constant_attributes = [
            _attribute(_CONTENT_TYPE, asn1.encode_der(_TST_INFO)),
            _attribute(_SIGNING_CERTIFICATE_V2, asn1.encode_der(_ess(certificate))),
        ]

    def tst_info(self, imprint: MessageImprint, *, serial: int, at: datetime, nonce: int | None) -> bytes:
        """TSTInfo (DER); `at` is aware, UTC, in whole seconds."""
        return asn1.encode_der(
            TstInfo(
                version=1,
                policy=self._policy,
                imprint=imprint,
                serial=serial,
                gen_time=asn1.GeneralizedTime(at),
                accuracy=self._accuracy,
                nonce=nonce,
            )
        )

    def signed_attributes(self, tst_info: bytes) -> asn1.SetOf[_Attribute]:
        """What the key signs, encoded with its own SET OF tag (RFC 5652, 5.4)."""
        digest = _attribute(_MESSAGE_DIGEST, asn1.encode_der(self._hash(tst_info)))
        return asn1.SetOf([*self._constant_attributes, digest])

    def token(
        self, tst_info: bytes, attributes: asn1.SetOf[_Attribute], signature: bytes, *, with_certificates: bool
    ) -> bytes:
        """TimeStampToken: ContentInfo (DER)."""
        signer_info = _SignerInfo(
            version=1,
            signer=self._signer,
            digest_algorithm=self._digest_identifier,
            signed_attributes=attributes,
            signature_algorithm=self._signature_identifier,
            signature=signature,
        )
        signed_data = _SignedData(
            version=3,
            digest_algorithms=asn1.SetOf([self._digest_identifier]),
            content=_Content(type=_TST_INFO, content=tst_info),
            certificates=self._certificates if with_certificates else None,
            signer_infos=asn1.SetOf([signer_info]),
        )
        return asn1.encode_der(_ContentInfo(type=_SIGNED_DATA, content=signed_data))

    def _hash(self, data: bytes) -> bytes:
        digest = hashes.Hash(self._digest)
        digest.update(data)
        return digest.finalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadToken:
    """What stands in a token, for the check before its release."""

    info: TstInfo
    signed: bytes
    """The signed attributes as they were signed."""
    signature: bytes
    digest_is_true: bool
    """Whether messageDigest is the digest of TSTInfo."""


def read_token(der: bytes) -> ReadToken:
    """Read a token of ours again. Raises `ValueError` where it is no strict DER or encodes differently again."""
    content = asn1.decode_der(_ContentInfo, der)
    if asn1.encode_der(content) != der:
        raise ValueError("the token does not encode to the same bytes again")
    (signer,) = content.content.signer_infos.as_list()
    tst_info = content.content.content.content
    digests = [one.values for one in signer.signed_attributes.as_list() if one.type == _MESSAGE_DIGEST]
    algorithm = HASHES[signer.digest_algorithm.algorithm]
    digest = hashes.Hash(algorithm)
    digest.update(tst_info)
    return ReadToken(
        info=asn1.decode_der(TstInfo, tst_info),
        signed=asn1.encode_der(signer.signed_attributes),
        signature=signer.signature,
        digest_is_true=[bytes(value.data) for values in digests for value in values.as_list()] == [digest.finalize()],
    )


def _attribute(oid: x509.ObjectIdentifier, value: bytes) -> _Attribute:
    return _Attribute(type=oid, values=asn1.SetOf([tlv(value)]))


def _ess(certificate: x509.Certificate) -> _SigningCertificateV2:
    der_hash = sha256(certificate.public_bytes(Encoding.DER)).digest()
    return _SigningCertificateV2(certificates=[_EssCertIdV2(certificate_hash=der_hash)])
