"""Our issuing CA certified by somebody else's root: the request, and what comes back.

The key is ours and stays on the token; names and path length are asked for, and what was granted is checked.
"""

from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.errors import RequestRefused
from ca.model import PkiNames
from ca.profiles import ISSUING_CA
from ca.responder_renewal import operator_subject
from ca.signing import hash_for, key_in_use
from ca.subjects import name_of

ANY_POLICY: Final = "2.5.29.32.0"
LEAST_LIFE: Final = timedelta(days=3 * 365)
"""An official's certificate must not outlive its issuer: with less, none of full length could be issued."""


def issuing_ca_request(
    key: ec.EllipticCurvePrivateKey, names: PkiNames, common_name: str
) -> x509.CertificateSigningRequest:
    """A request (PKCS #10) with our whole name, that asks for an issuing CA. Raises `SigningKeyUnavailable`."""
    usage = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    builder = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(name_of(operator_subject(names, common_name), ISSUING_CA, names))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**usage, key_cert_sign=True, crl_sign=True), critical=True)
    )
    with key_in_use(f"the request of {common_name}"):
        return builder.sign(key, hash_for(key.curve))


def check_granted(
    certificate: x509.Certificate, public_key: ec.EllipticCurvePublicKey, names: PkiNames, *, at: datetime
) -> None:
    """Whether `certificate` makes `public_key` (of our key on the token) the issuing CA that we asked for.

    1. It certifies that key.                                                     else `other-key`
    2. It is a CA's, of path length 0, for certificates and CRLs.                 else `not-a-ca` and so on
    3. Its policies allow ours: one of them is anyPolicy, or all of ours.         else `policies`
    4. It is valid at `at`, and long enough for what is issued under it.          else `validity`
    5. It names a CRL, so that verifiers can ask about it.                        else `no-status`

    Raises `RequestRefused`. Signatures and the path to an anchor are checked by whoever has the anchors.
    """
    if _spki(certificate.public_key()) != _spki(public_key):
        raise _refusal("other-key", "it certifies another key: make sure that the request of `teken ca csr` was used")
    found = {type(each.value): each.value for each in certificate.extensions}
    constraints, usage = found.get(x509.BasicConstraints), found.get(x509.KeyUsage)
    if not isinstance(constraints, x509.BasicConstraints) or not constraints.ca:
        raise _refusal("not-a-ca", "it is no CA's certificate: ask for basic constraints with CA")
    if constraints.path_length != 0:
        raise _refusal("path-length", "its path length is not 0: ask for that")
    if not isinstance(usage, x509.KeyUsage) or not (usage.key_cert_sign and usage.crl_sign):
        raise _refusal("usage", "its key usage lacks keyCertSign or cRLSign: ask for both")
    policies = found.get(x509.CertificatePolicies)
    stated = policies if isinstance(policies, x509.CertificatePolicies) else ()
    granted = {each.policy_identifier.dotted_string for each in stated}
    ours = {names.oid(1, number) for number in (1, 2, 3)}
    if ANY_POLICY not in granted and not ours <= granted:
        raise _refusal(
            "policies", f"its policies do not allow ours: ask for anyPolicy, or for {', '.join(sorted(ours))}"
        )
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc - LEAST_LIFE:
        raise _refusal("validity", f"it is not valid now, or for less than {LEAST_LIFE.days} days more")
    if x509.CRLDistributionPoints not in found:
        raise _refusal("no-status", "it names no CRL: ask for a CRL distribution point")


def _spki(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _refusal(reason: str, fix: str) -> RequestRefused:
    return RequestRefused(f"certificate: {reason}; {fix}", field="certificate", reason=reason)
