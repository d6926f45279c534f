"""The birth of a hierarchy as a scripted, recorded act.

    1 root key       2 root certificate, fingerprint read aloud     3 root CRL number 1
    4 issuing CA     5 time-stamping unit                           6 OCSP responder

Each step waits for `confirm`, which asks the people present and raises to stop. All certificates pass the same steps
as any other one (`ca.issuance`): CSR, profile, lints, intent, comparison, record.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
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
from ca.lints import CERTIFICATE_LINTS, CertificateLint
from ca.model import PkiNames, PublishedCrl, StatusPeriods
from ca.ports import CertificateLog, CrlStore
from ca.profiles import ISSUING_CA, ROOT_CA, TSU, Profile
from ca.responder_renewal import KeyMaker, OwnCertificate, new_responder, operator_subject
from ca.subjects import name_of
from ca.transcript import Transcript

ROOT_ID: Final = "root-g1"
ISSUING_CA_ID: Final = "ca-1-g1"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ceremony:
    """What every step needs."""

    names: PkiNames
    make_key: KeyMaker
    log: CertificateLog
    lints: Sequence[CertificateLint]
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    confirm: Callable[[str], None]
    transcript: Transcript
    actor: str

    def issuance(self, issuer: CertificateSigner) -> IssuanceService:
        return IssuanceService(
            log=self.log, issuer=issuer, lints=self.lints, now=self.now, random_bytes=self.random_bytes
        )

    def key(self, label: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        self.confirm(f"Make the key {label} on {curve.name}.")
        key = self.make_key(label, curve)
        self.transcript.record(f"key {label} made on {curve.name}", public_key=_spki(key))
        return key

    def certify(
        self, own: ec.EllipticCurvePrivateKey, issuer: CertificateSigner, label: str, common_name: str, profile: Profile
    ) -> x509.Certificate:
        self.confirm(f"{issuer.identity.id} issues {profile} to {label} ({common_name}).")
        request = request_for(own, common_name)
        subject = operator_subject(self.names, common_name)
        certificate = self.issuance(issuer).issue(request, subject, profile, self.actor)
        self.transcript.record(
            f"{issuer.identity.id} issued {profile} to {label}, serial {certificate.serial_number:x}",
            request=request.public_bytes(Encoding.DER),
            certificate=certificate.public_bytes(Encoding.DER),
        )
        return certificate


def run_ceremony(
    *,
    names: PkiNames,
    make_key: KeyMaker,
    log: CertificateLog,
    crl_store: CrlStore,
    periods: StatusPeriods,
    now: Callable[[], datetime],
    random_bytes: Callable[[int], bytes],
    confirm: Callable[[str], None],
    transcript: Transcript,
    actor: str,
    lints: Sequence[CertificateLint] = CERTIFICATE_LINTS,
) -> Hierarchy:
    """Make root, issuing CA, time-stamping unit and OCSP responder, and the root's first CRL.

    Raises `Misconfigured` where a root exists already, and whatever issuing, `make_key` or `confirm` raise; the
    transcript then ends with the last step that was done.
    """
    if crl_store.current(ROOT_ID) is not None:
        raise Misconfigured(f"{ROOT_ID} exists already: a second hierarchy needs a store of its own")
    it = _Ceremony(
        names=names,
        make_key=make_key,
        log=log,
        lints=lints,
        now=now,
        random_bytes=random_bytes,
        confirm=confirm,
        transcript=transcript,
        actor=actor,
    )
    transcript.record(f"ceremony of {names.organisation} begun by {actor}")
    root = _root(it)
    root_crl = _root_crl(it, root, crl_store, periods)
    issuing_ca = _issuing_ca(it, root)
    tsu = _tsu(it, issuing_ca)
    responder = _responder(it, issuing_ca)
    transcript.record("ceremony ended")
    made = {
        ROOT_ID: root.certificate,
        ISSUING_CA_ID: issuing_ca.certificate,
        tsu.label: tsu.certificate,
        responder.label: responder.certificate,
    }
    return Hierarchy(
        certificates=MappingProxyType(made), tsu_id=tsu.label, responder_id=responder.label, root_crl=root_crl
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Authority:
    """A CA just made: its key is used for the next certificates and then forgotten."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    issuer: Issuer


def _root(it: _Ceremony) -> _Authority:
    common_name = "Teken Root CA G1"
    key = it.key(ROOT_ID, ec.SECP384R1())
    name = name_of(operator_subject(it.names, common_name), ROOT_CA, it.names)
    signer = NewRoot(id=ROOT_ID, name=name, key=key, names=it.names)
    certificate = it.certify(key, signer, ROOT_ID, common_name, ROOT_CA)
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    it.confirm(f"Read aloud and compare the fingerprint of the root: {fingerprint}")
    it.transcript.record(f"root fingerprint read aloud and confirmed: {fingerprint}")
    issuer = Issuer(id=ROOT_ID, certificate=certificate, key=key, chain=(), names=it.names, now=it.now)
    return _Authority(certificate=certificate, key=key, issuer=issuer)


def _root_crl(it: _Ceremony, root: _Authority, crl_store: CrlStore, periods: StatusPeriods) -> PublishedCrl:
    it.confirm(f"{ROOT_ID} signs its first CRL.")
    publisher = CrlPublisher(
        issuer_id=ROOT_ID,
        certificate=root.certificate,
        key=root.key,
        log=it.log,
        crl_store=crl_store,
        periods=periods,
        now=it.now,
    )
    crl = publisher.publish()
    it.transcript.record(f"CRL {crl.number} of {ROOT_ID} published, until {crl.next_update:%Y-%m-%d}", crl=crl.der)
    return crl


def _issuing_ca(it: _Ceremony, root: _Authority) -> _Authority:
    key = it.key(ISSUING_CA_ID, ec.SECP384R1())
    certificate = it.certify(key, root.issuer, ISSUING_CA_ID, "Teken Issuing CA 1 G1", ISSUING_CA)
    chain = (root.certificate,)
    issuer = Issuer(id=ISSUING_CA_ID, certificate=certificate, key=key, chain=chain, names=it.names, now=it.now)
    return _Authority(certificate=certificate, key=key, issuer=issuer)


def _tsu(it: _Ceremony, issuing_ca: _Authority) -> OwnCertificate:
    year = it.now().year
    label = f"tsu-{year}-1"
    key = it.key(label, ec.SECP384R1())
    certificate = it.certify(key, issuing_ca.issuer, label, f"Teken TSU {year}-1", TSU)
    return OwnCertificate(label=label, key=key, certificate=certificate)


def _responder(it: _Ceremony, issuing_ca: _Authority) -> OwnCertificate:
    it.confirm(f"{ISSUING_CA_ID} issues the OCSP responder; its key is made on the way.")
    responder = new_responder(
        make_key=it.make_key,
        issuance=it.issuance(issuing_ca.issuer),
        names=it.names,
        at=it.now(),
        actor=it.actor,
    )
    it.transcript.record(
        f"{ISSUING_CA_ID} issued {responder.label}, serial {responder.certificate.serial_number:x}",
        public_key=_spki(responder.key),
        certificate=responder.certificate.public_bytes(Encoding.DER),
    )
    return responder


def _spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
