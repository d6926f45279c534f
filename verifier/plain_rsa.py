"""`adbe.x509.rsa_sha1`: a bare RSA value beside the certificates, without CMS (ISO 32000-1, 12.8.3.2).

It binds no certificate and no time, so it reaches no PAdES level; but it can hold, and then it is said to hold.
"""

from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from verifier import ber
from verifier.algorithms import Scheme, SignatureAlgorithm, UnknownAlgorithm, digest_name
from verifier.ber import Malformed
from verifier.certificates import Certificate, certificate, certificates
from verifier.cms import DATA, Refused, SignedContent
from verifier.limits import Limits
from verifier.model import SubIndication

_RSA: Final = "1.2.840.113549.1.1.1"


def parse_plain_rsa(contents: bytes, stored: Any, limits: Limits) -> SignedContent:
    """Read the value and the certificates of the entry /Cert, the signer's first; raises `Refused`."""
    ders = _ders(stored)
    if len(ders) > limits.certificates:
        raise Refused(SubIndication.FORMAT_FAILURE, f"more than {limits.certificates} certificates in one signature")
    try:
        value = ber.octets(ber.expect(ber.read(contents), ber.OCTET_STRING))
    except Malformed as error:
        raise Refused(SubIndication.FORMAT_FAILURE, "the signature value cannot be read") from error
    signer, fault = _signer(ders)
    return SignedContent(
        content_type=DATA,
        encapsulated=None,
        signer=signer,
        signer_fault=fault,
        certificates=certificates(tuple(ders)),
        digest_name=_digest(signer, value),
        algorithm=SignatureAlgorithm(oid=_RSA, scheme=Scheme.RSA_PKCS1, digest=None),
        unknown_algorithm="the digest of this signature",
        signed=None,
        attributes={},
        signature=value,
        claimed_at=None,
        tokens=(),
        crls=(),
        ocsp_responses=(),
    )


def _ders(stored: Any) -> list[bytes]:
    """One byte string, or an array of them."""
    many = stored if isinstance(stored, list) else [stored]
    found = [getattr(each.get_object(), "original_bytes", each.get_object()) for each in many if each is not None]
    return [bytes(each) for each in found if isinstance(each, bytes)]


def _signer(ders: list[bytes]) -> tuple[Certificate | None, str]:
    if not ders:
        return None, ""
    try:
        return certificate(ders[0]), ""
    except ValueError:
        return None, "the signer's certificate is in the file and cannot be read"


def _digest(signer: Certificate | None, value: bytes) -> str:
    """Which digest the value holds: only the key can tell. A value that does not fit fails whichever is named."""
    key = signer.public_key if signer is not None else None
    if not isinstance(key, rsa.RSAPublicKey):
        return "sha1"
    try:
        info = key.recover_data_from_signature(value, padding.PKCS1v15(), None)
        return digest_name(ber.read(info).children()[0])
    except UnknownAlgorithm:
        return ""
    except (InvalidSignature, ValueError, IndexError):
        return "sha1"
