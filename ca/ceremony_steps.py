"""The steps of a key ceremony, each announced, confirmed and recorded; `ca.ceremony` puts them in order.

A step that an interrupted ceremony took already is not taken again: the key is found by the maker of keys, and a
certificate that the log holds for that key is verified and kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.crl import CrlPublisher
from ca.csr import request_for
from ca.errors import Misconfigured
from ca.issuance import IssuanceService
from ca.issuer import CertificateSigner, Issuer, NewRoot
from ca.key_policy import spki_sha256
from ca.lints import CERTIFICATE_LINTS, CertificateLint
from ca.model import PkiNames, PublishedCrl, StatusPeriods
from ca.ports import CertificateLog, CrlStore
from ca.profiles import ISSUING_CA, OCSP_RESPONDER, ROOT_CA, TSU, Profile
from ca.responder_renewal import KeyMaker, OwnCertificate, operator_subject, responder_names
from ca.subjects import name_of
from ca.transcript import Transcript

ROOT_ID: Final = "root-g1"
ISSUING_CA_ID: Final = "ca-1-g1"
ROOT_NAME: Final = "Teken Root CA G1"
ISSUING_CA_NAME: Final = "Teken Issuing CA 1 G1"


def generation_id(number: int) -> str:
    """Id of a generation of the issuing CA, and the label of its key."""
    return f"ca-1-g{number}"


def generation_name(number: int) -> str:
    """Common name of a generation of the issuing CA: a name is never used for a second key."""
    return f"Teken Issuing CA 1 G{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """What every step needs."""

    names: PkiNames
    make_key: KeyMaker
    """Makes a key under a label; in a ceremony that is taken up again, finds the one made before."""
    log: CertificateLog
    crl_store: CrlStore
    periods: StatusPeriods
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    confirm: Callable[[str], None]
    """Announces a step to the people present and raises where they do not confirm it."""
    transcript: Transcript
    actor: str
    lints: Sequence[CertificateLint] = CERTIFICATE_LINTS

    def key(self, label: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        """A key under `label`."""
        self.confirm(f"Make the key {label} on {curve.name}.")
        key = self.make_key(label, curve)
        self.transcript.record(f"key {label} made on {curve.name}", public_key=spki(key))
        return key

    def certify(
        self,
        request: x509.CertificateSigningRequest,
        issuer: CertificateSigner,
        label: str,
        common_name: str,
        profile: Profile,
    ) -> x509.Certificate:
        """A certificate for the key in `request`, or the one that the log holds for it. Raises as issuing does."""
        self.confirm(f"{issuer.identity.id} issues {profile} to {label} ({common_name}).")
        certificate = self._kept(request, issuer, profile)
        what = "kept, issued before the interruption:" if certificate else f"{issuer.identity.id} issued"
        if certificate is None:
            certificate = self._issuance(issuer).issue(
                request, operator_subject(self.names, common_name), profile, self.actor
            )
        self.transcript.record(
            f"{what} {profile} to {label}, serial {certificate.serial_number:x}",
            request=request.public_bytes(Encoding.DER),
            certificate=certificate.public_bytes(Encoding.DER),
        )
        return certificate

    def _issuance(self, issuer: CertificateSigner) -> IssuanceService:
        return IssuanceService(
            log=self.log, issuer=issuer, lints=self.lints, now=self.now, random_bytes=self.random_bytes
        )

    def _kept(
        self, request: x509.CertificateSigningRequest, issuer: CertificateSigner, profile: Profile
    ) -> x509.Certificate | None:
        known = self.log.of_key(spki_sha256(request.public_key()))
        if known is None or known.der is None:
            return None
        if (known.issuer_id, known.profile) != (issuer.identity.id, str(profile)):
            raise Misconfigured(f"the key of {request.subject.rfc4514_string()} has a certificate as {known.profile}")
        return x509.load_der_x509_certificate(known.der)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A CA whose key is at hand: it is used for the next steps and then forgotten."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    issuer: Issuer


def authority(
    it: Ceremony, id: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, *chain: x509.Certificate
) -> Authority:
    """A CA that exists; raises `Misconfigured` where key, certificate and chain do not belong together."""
    issuer = Issuer(id=id, certificate=certificate, key=key, chain=chain, names=it.names, now=it.now)
    return Authority(certificate=certificate, key=key, issuer=issuer)


def make_root(it: Ceremony) -> Authority:
    """Key and certificate of the root; its fingerprint is read aloud and compared."""
    key = it.key(ROOT_ID, ec.SECP384R1())
    name = name_of(operator_subject(it.names, ROOT_NAME), ROOT_CA, it.names)
    signer = NewRoot(id=ROOT_ID, name=name, key=key, names=it.names)
    certificate = it.certify(request_for(key, ROOT_NAME), signer, ROOT_ID, ROOT_NAME, ROOT_CA)
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    it.confirm(f"Read aloud and compare the fingerprint of the root: {fingerprint}")
    it.transcript.record(f"root fingerprint read aloud and confirmed: {fingerprint}")
    return authority(it, ROOT_ID, certificate, key)


def publish_root_crl(it: Ceremony, root: Authority) -> PublishedCrl:
    """The root's next CRL (its first one in the first ceremony, then one a year)."""
    it.confirm(f"{ROOT_ID} signs its next CRL.")
    publisher = CrlPublisher(
        issuer_id=ROOT_ID,
        certificate=root.certificate,
        key=root.key,
        log=it.log,
        crl_store=it.crl_store,
        periods=it.periods,
        now=it.now,
    )
    crl = publisher.publish()
    it.transcript.record(f"CRL {crl.number} of {ROOT_ID} published, until {crl.next_update:%Y-%m-%d}", crl=crl.der)
    return crl


def certify_issuing_ca(
    it: Ceremony, root: Authority, request: x509.CertificateSigningRequest, label: str, common_name: str
) -> x509.Certificate:
    """The root certifies the issuing CA behind `request`, whose key lies on another token."""
    return it.certify(request, root.issuer, label, common_name, ISSUING_CA)


def make_tsu(it: Ceremony, issuing_ca: Authority) -> OwnCertificate:
    """The time-stamping unit of this year."""
    year = it.now().year
    return _own(it, issuing_ca, f"tsu-{year}-1", f"Teken TSU {year}-1", profile=TSU, curve=ec.SECP384R1())


def make_responder(it: Ceremony, issuing_ca: Authority, generation: int = 1) -> OwnCertificate:
    """The OCSP responder of today, for a generation of the issuing CA."""
    label, common_name = responder_names(it.now(), generation)
    return _own(it, issuing_ca, label, common_name, profile=OCSP_RESPONDER, curve=ec.SECP256R1())


def _own(
    it: Ceremony, issuing_ca: Authority, label: str, common_name: str, *, profile: Profile, curve: ec.EllipticCurve
) -> OwnCertificate:
    key = it.key(label, curve)
    certificate = it.certify(request_for(key, common_name), issuing_ca.issuer, label, common_name, profile)
    return OwnCertificate(label=label, key=key, certificate=certificate)


def spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    """SubjectPublicKeyInfo, DER."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
