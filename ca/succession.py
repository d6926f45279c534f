"""The next generation of the issuing CA as a scripted, recorded act: new name, new key, new addresses.

    on one token        succeed              key, certificate by the root, OCSP responder
    root kept offline   request_ca, certify_ca (`ca.ceremony`), then
                        complete_successor   root, its CRL and the certificate came back; the responder is made here

The time-stamping unit of the generation before goes on until its year is over; its successor is issued by the new one.
"""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ceremony import take_over
from ca.ceremony_steps import (
    ROOT_ID,
    Authority,
    Ceremony,
    authority,
    certify_issuing_ca,
    generation_id,
    generation_name,
    make_responder,
)
from ca.csr import request_for
from ca.issuer import check_authority
from ca.model import PublishedCrl
from ca.responder_renewal import OwnCertificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """A new generation and the responder that answers for it; the keys stay where they were made."""

    id: str
    """`ca-1-g<number>`, also the label of its key."""
    certificate: x509.Certificate
    responder: OwnCertificate


def succeed(it: Ceremony, root: x509.Certificate, root_key: ec.EllipticCurvePrivateKey, *, number: int) -> Successor:
    """Generation `number` where the root's key is at hand. Taken up again, it keeps what was made.

    Raises whatever issuing, `make_key` or `confirm` raise; the transcript then ends with the last step that was done.
    """
    label, name = generation_id(number), generation_name(number)
    it.transcript.record(f"succession of the issuing CA by {label} begun by {it.actor}")
    key = it.key(label, ec.SECP384R1())
    certificate = certify_issuing_ca(it, authority(it, ROOT_ID, root, root_key), request_for(key, name), label, name)
    return _with_responder(it, authority(it, label, certificate, key, root), number)


def complete_successor(
    it: Ceremony,
    *,
    root: x509.Certificate,
    root_crl: PublishedCrl,
    issuing_ca: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    number: int,
) -> Successor:
    """Generation `number`, whose certificate came back from the root's machine.

    Raises `Misconfigured` where certificate, root, CRL or key do not belong together.
    """
    label = generation_id(number)
    it.transcript.record(f"completion of {label} begun by {it.actor}")
    fingerprint = issuing_ca.fingerprint(hashes.SHA256()).hex(":").upper()
    it.confirm(f"Compare the fingerprint of {label} with the transcript of its certification: {fingerprint}")
    check_authority(issuing_ca, (root,))
    ca = authority(it, label, issuing_ca, key, root)
    take_over(it.crl_store, root_crl, it.now())
    it.transcript.record(
        f"{label} {fingerprint} taken over", issuing_ca=issuing_ca.public_bytes(Encoding.DER), crl=root_crl.der
    )
    return _with_responder(it, ca, number)


def _with_responder(it: Ceremony, ca: Authority, number: int) -> Successor:
    responder = make_responder(it, ca, number)
    it.transcript.record("succession ended")
    return Successor(id=generation_id(number), certificate=ca.certificate, responder=responder)
