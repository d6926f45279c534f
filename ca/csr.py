"""Certificate signing requests (PKCS #10, RFC 2986): proof that the asker holds the key.

Nothing of a request enters the certificate but its public key. Names come from the registration and extensions from
the profile, so extensions that a request asks for are not looked at.
"""

import unicodedata

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509.oid import NameOID

from ca.errors import RequestRefused
from ca.model import Subject
from ca.signing import hash_for, key_in_use


def proven_key(csr: x509.CertificateSigningRequest, subject: Subject) -> PublicKeyTypes:
    """The public key, after its owner's signature was verified.

    Raises `RequestRefused` (`possession`: not signed by its own key; `name`: it names somebody else).
    """
    try:
        possessed = csr.is_signature_valid
    except (UnsupportedAlgorithm, ValueError):
        possessed = False
    if not possessed:
        raise _refusal("possession", "sign the request with the key that it contains")
    named = {str(name.value) for name in csr.subject.get_attributes_for_oid(NameOID.COMMON_NAME)}
    if {unicodedata.normalize("NFC", name) for name in named} - {unicodedata.normalize("NFC", subject.common_name)}:
        raise _refusal("name", "leave its CN out, or give the registered name")
    return csr.public_key()


def request_for(key: ec.EllipticCurvePrivateKey, common_name: str) -> x509.CertificateSigningRequest:
    """A request for one of our own keys (CA, TSU, OCSP). Raises `SigningKeyUnavailable`."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    algorithm = hash_for(key.curve)
    with key_in_use(f"the request of {common_name}"):
        return x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, algorithm)


def _refusal(reason: str, fix: str) -> RequestRefused:
    return RequestRefused(f"csr: {reason}; {fix}", field="csr", reason=reason)
