"""The birth of a hierarchy as a scripted, recorded act.

    on one token        run_ceremony: root, its CRL, issuing CA, time-stamping unit, OCSP responder
    root kept offline   begin_root       root and its first CRL, on the machine of the root's token
                        request_ca       key and request of the issuing CA, where it will work
                        certify_ca       the root signs that request
                        complete         root and CA are taken over; time-stamping unit and OCSP responder are made
                        renew_root_crl   once a year

Each step waits for `confirm`, which asks the people present and raises to stop. All certificates pass the same steps
as any other one (`ca.issuance`): CSR, profile, lints, intent, comparison, record. A ceremony that was interrupted is
taken up again with the same stores and a maker of keys that finds what was made: what exists is verified and kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ceremony_steps import (
    ISSUING_CA_ID,
    ISSUING_CA_NAME,
    ROOT_ID,
    Authority,
    Ceremony,
    authority,
    certify_issuing_ca,
    generation_id,
    generation_name,
    make_responder,
    make_root,
    make_tsu,
    publish_root_crl,
)
from ca.csr import request_for
from ca.errors import Misconfigured
from ca.issuer import check_authority
from ca.model import PublishedCrl
from ca.ports import CrlStore
from ca.signing import hash_for, key_in_use

__all__ = [
    "ISSUING_CA_ID",
    "ISSUING_CA_NAME",
    "ROOT_ID",
    "Ceremony",
    "Hierarchy",
    "begin_root",
    "certify_ca",
    "complete",
    "generation_id",
    "generation_name",
    "read_root_crl",
    "renew_root_crl",
    "request_ca",
    "run_ceremony",
    "sign_transcript",
    "take_over",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hierarchy:
    """What came out of the ceremony. The keys stay where they were made, under the labels that are the ids here."""

    certificates: Mapping[str, x509.Certificate]
    """By id, which is also the label of the key: `root-g1`, `ca-1-g1`, and the two below."""
    tsu_id: str
    responder_id: str
    root_crl: PublishedCrl

    @property
    def root(self) -> x509.Certificate:
        """The trust anchor."""
        return self.certificates[ROOT_ID]

    @property
    def issuing_ca(self) -> x509.Certificate:
        """The CA that issues to officials."""
        return self.certificates[ISSUING_CA_ID]

    @property
    def tsu(self) -> x509.Certificate:
        """The first time-stamping unit."""
        return self.certificates[self.tsu_id]

    @property
    def responder(self) -> x509.Certificate:
        """The first OCSP responder."""
        return self.certificates[self.responder_id]


def run_ceremony(it: Ceremony, *, resuming: bool = False) -> Hierarchy:
    """Everything on one token: root, its first CRL, issuing CA, time-stamping unit, OCSP responder.

    Raises `Misconfigured` where a root exists already and nothing says that its ceremony was interrupted, and whatever
    issuing, `make_key` or `confirm` raise; the transcript then ends with the last step that was done.
    """
    _begin(it, "ceremony", resuming=resuming)
    root = make_root(it)
    root_crl = it.crl_store.current(ROOT_ID) or publish_root_crl(it, root)
    key = it.key(ISSUING_CA_ID, ec.SECP384R1())
    request = request_for(key, ISSUING_CA_NAME)
    certificate = certify_issuing_ca(it, root, request, ISSUING_CA_ID, ISSUING_CA_NAME)
    return _completed(it, authority(it, ISSUING_CA_ID, certificate, key, root.certificate), root_crl)


def begin_root(it: Ceremony, *, resuming: bool = False) -> tuple[x509.Certificate, PublishedCrl]:
    """The root and its first CRL, on the machine of the root's token. Raises as `run_ceremony`."""
    _begin(it, "root ceremony", resuming=resuming)
    root = make_root(it)
    crl = it.crl_store.current(ROOT_ID) or publish_root_crl(it, root)
    it.transcript.record("root ceremony ended")
    return root.certificate, crl


def request_ca(it: Ceremony, label: str, common_name: str) -> x509.CertificateSigningRequest:
    """Key and request of an issuing CA, on the token where it will work."""
    it.transcript.record(f"request of {label} begun by {it.actor}")
    request = request_for(it.key(label, ec.SECP384R1()), common_name)
    der = request.public_bytes(Encoding.DER)
    it.transcript.record(f"request of {label} made: compare this digest where it is signed", request=der)
    return request


def certify_ca(
    it: Ceremony,
    root: x509.Certificate,
    root_key: ec.EllipticCurvePrivateKey,
    request: x509.CertificateSigningRequest,
    *,
    label: str,
    common_name: str,
) -> x509.Certificate:
    """The root certifies the issuing CA behind `request`. Raises `RequestRefused`, `LintObjected`, `Misconfigured`."""
    it.transcript.record(f"certification of {label} begun by {it.actor}")
    digest = sha256(request.public_bytes(Encoding.DER)).hexdigest()
    it.confirm(f"Compare the digest of the request of {label} with the transcript of its making: {digest}")
    issued = certify_issuing_ca(it, authority(it, ROOT_ID, root, root_key), request, label, common_name)
    it.transcript.record(f"certification of {label} ended")
    return issued


def renew_root_crl(it: Ceremony, root: x509.Certificate, root_key: ec.EllipticCurvePrivateKey) -> PublishedCrl:
    """The root's next CRL."""
    it.transcript.record(f"CRL of {ROOT_ID} begun by {it.actor}")
    return publish_root_crl(it, authority(it, ROOT_ID, root, root_key))


def complete(
    it: Ceremony,
    *,
    root: x509.Certificate,
    root_crl: PublishedCrl,
    issuing_ca: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
) -> Hierarchy:
    """Root, its CRL and the issuing CA's certificate came back from the root's machine; the rest is made here.

    Raises `Misconfigured` where the chain, the CRL or the key do not belong together.
    """
    it.transcript.record(f"completion begun by {it.actor}")
    fingerprint = root.fingerprint(hashes.SHA256()).hex(":").upper()
    it.confirm(f"Compare the fingerprint of the root with the record of its ceremony: {fingerprint}")
    check_authority(issuing_ca, (root,))
    ca = authority(it, ISSUING_CA_ID, issuing_ca, key, root)
    take_over(it.crl_store, root_crl, it.now())
    it.transcript.record(
        f"root {fingerprint} and its CRL {root_crl.number} taken over",
        root=root.public_bytes(Encoding.DER),
        issuing_ca=issuing_ca.public_bytes(Encoding.DER),
        crl=root_crl.der,
    )
    return _completed(it, ca, root_crl)


def read_root_crl(der: bytes, root: x509.Certificate) -> PublishedCrl:
    """A CRL that came from the root's machine; raises `Misconfigured` unless `root` signed it."""
    try:
        crl = x509.load_der_x509_crl(der)
        number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        genuine = crl.issuer == root.subject and crl.is_signature_valid(root.public_key())  # type: ignore[arg-type]  # EC
    except (ValueError, TypeError, x509.ExtensionNotFound):
        genuine, number = False, 0
    if not genuine or crl.next_update_utc is None:
        raise Misconfigured(f"this is no CRL of {root.subject.rfc4514_string()}: bring the one of its ceremony")
    return PublishedCrl(
        issuer_id=ROOT_ID,
        number=number,
        der=der,
        this_update=crl.last_update_utc,
        next_update=crl.next_update_utc,
        sha256=sha256(der).hexdigest(),
    )


def sign_transcript(text: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    """A detached signature (ECDSA, DER) over the transcript: `openssl dgst -sha384 -verify` checks it (P-384)."""
    with key_in_use("the transcript"):
        return key.sign(text, ec.ECDSA(hash_for(key.curve)))


def _begin(it: Ceremony, what: str, *, resuming: bool) -> None:
    if not resuming and it.crl_store.current(ROOT_ID) is not None:
        raise Misconfigured(f"{ROOT_ID} exists already: a second hierarchy needs a store of its own")
    how = "taken up again" if resuming else "begun"
    it.transcript.record(f"{what} of {it.names.organisation} {how} by {it.actor}")


def take_over(crl_store: CrlStore, crl: PublishedCrl, at: datetime) -> None:
    """Keep a CRL that came from the root's machine; harmless twice, and `Misconfigured` for an older one."""
    current = crl_store.current(ROOT_ID)
    if current is not None and current.number >= crl.number:
        if current.sha256 != crl.sha256:
            raise Misconfigured(f"CRL {current.number} of {ROOT_ID} is known already: bring a newer one")
        return
    crl_store.publish(crl, at=at)


def _completed(it: Ceremony, ca: Authority, root_crl: PublishedCrl) -> Hierarchy:
    tsu = make_tsu(it, ca)
    responder = make_responder(it, ca)
    it.transcript.record("ceremony ended")
    (root,) = ca.issuer.chain
    made = {
        ROOT_ID: root,
        ISSUING_CA_ID: ca.certificate,
        tsu.label: tsu.certificate,
        responder.label: responder.certificate,
    }
    return Hierarchy(
        certificates=MappingProxyType(made), tsu_id=tsu.label, responder_id=responder.label, root_crl=root_crl
    )
