"""The seams: one domain's port, fitted with what another domain or the HSM offers.

The domains know nothing of each other; here their words are translated, errors included. No rule is decided here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from api.current import CurrentUnit
from ca.crl import CrlPublisher
from ca.errors import CaError
from ca.issuance import IssuanceService
from ca.model import Subject
from ca.ocsp import OcspResponder
from ca.ports import CrlStore
from ca.profiles import E_SEAL, OFFICIAL
from ca.revocation import RevocationService
from hsm_config.carrying import CarriedKey as HsmCarriedKey
from hsm_config.errors import HsmError, SealNotOpened
from hsm_config.private_keys import WrappedEcKey
from hsm_config.vault import HsmVault
from hsm_config.vault import SealedKey as HsmSealedKey
from signer.authorisation import CarriedKey
from signer.errors import (
    KeyUnavailable,
    PassphraseWrong,
    StampRefused,
    StatusUnavailable,
    TimestampUnavailable,
    Unavailable,
)
from signer.model import (
    CertificateRequest,
    FoundText,
    OpenKey,
    SealedKey,
    Secret,
    Signatory,
    SignedDocument,
    SigningTask,
    SignRequest,
    StampedToken,
    ValidationData,
)
from signer.ports import CsrMaker
from signer.service import SigningService
from store.audit import Origin, acting
from verifier.errors import VerificationRefused, VerifierError
from verifier.model import TrustAnchorEntry, TrustSnapshot
from verifier.trust import build_snapshot
from verifier.worker import WorkerPool

_ENROLMENT: Final = "enrolment"

OWN_UNIT: Final = "own"
"""Name of our own time-stamping unit among the authorities."""


class OfficialsKeys:
    """`signer.ports.KeyVault` over the HSM."""

    def __init__(self, vault: HsmVault) -> None:
        self._vault = vault

    def generate(
        self, *, key_id: str, signatory_id: str, passphrase: Secret, make_csr: CsrMaker
    ) -> tuple[SealedKey, x509.CertificateSigningRequest]:
        """A new sealed key and its CSR; raises `KeyUnavailable`."""
        with _hsm_errors_as_ours():
            sealed, csr = self._vault.generate(
                key_id=key_id, signatory_id=signatory_id, passphrase=passphrase.reveal(), make_csr=make_csr
            )
        return SealedKey(**asdict(sealed)), csr

    def require_ready(self) -> None:
        """Raises `KeyUnavailable` where the token does not answer."""
        with _hsm_errors_as_ours():
            self._vault.canary()

    def open(self, key: SealedKey, passphrase: Secret) -> ec.EllipticCurvePrivateKey:
        """The key behind the seal; raises `PassphraseWrong` or `KeyUnavailable`."""
        with _hsm_errors_as_ours():
            return self._vault.open(HsmSealedKey(**asdict(key)), passphrase.reveal())

    def generate_seal(
        self, *, key_id: str, signatory_id: str, make_csr: CsrMaker
    ) -> tuple[SealedKey, x509.CertificateSigningRequest]:
        """A new key of an organisation, without a passphrase, and its CSR; raises `KeyUnavailable`."""
        with _hsm_errors_as_ours():
            sealed, csr = self._vault.generate(
                key_id=key_id, signatory_id=signatory_id, passphrase=None, make_csr=make_csr
            )
        return SealedKey(**asdict(sealed)), csr

    def open_seal(self, key: SealedKey) -> ec.EllipticCurvePrivateKey:
        """The key of an organisation; raises `KeyUnavailable`, also for a person's."""
        try:
            with _hsm_errors_as_ours():
                return self._vault.open(HsmSealedKey(**asdict(key)), None)
        except PassphraseWrong:
            raise _no_seal() from None

    def sign_all(self, key: ec.EllipticCurvePrivateKey, digests: Sequence[bytes]) -> tuple[bytes, ...]:
        """Signature values over SHA-256 `digests`, in one turn of the HSM; raises `KeyUnavailable`."""
        if not isinstance(key, WrappedEcKey):
            raise TypeError("only a key that this vault opened signs here")
        with _hsm_errors_as_ours():
            return key.sign_all(digests)

    def reseal(self, key: SealedKey, old: Secret, new: Secret) -> SealedKey:
        """The same key under `new` and today's KEK and pepper; raises `PassphraseWrong` or `KeyUnavailable`."""
        with _hsm_errors_as_ours():
            sealed = self._vault.reseal(HsmSealedKey(**asdict(key)), old.reveal(), new.reveal())
        return SealedKey(**asdict(sealed))

    def reseal_seal(self, key: SealedKey) -> SealedKey:
        """The key of an organisation under today's KEK and pepper; raises `KeyUnavailable`, also for a person's."""
        try:
            with _hsm_errors_as_ours():
                return SealedKey(**asdict(self._vault.reseal(HsmSealedKey(**asdict(key)), None, None)))
        except PassphraseWrong:
            raise _no_seal() from None

    def carry(self, key: ec.EllipticCurvePrivateKey, secret: Secret, *, owner: str) -> CarriedKey:
        """A key that is open, under a random secret for the authorisation `owner`; raises `KeyUnavailable`."""
        if not isinstance(key, WrappedEcKey):
            raise TypeError("only a key that this vault opened is carried on")
        with _hsm_errors_as_ours():
            return CarriedKey(**asdict(self._vault.carry(key, secret.reveal(), owner=owner)))

    def open_carried(self, carried: CarriedKey, secret: Secret, *, owner: str) -> ec.EllipticCurvePrivateKey:
        """The key again; raises `PassphraseWrong` for another secret, `KeyUnavailable`."""
        with _hsm_errors_as_ours():
            return self._vault.open_carried(HsmCarriedKey(**asdict(carried)), secret.reveal(), owner=owner)

    def is_outdated(self, key: SealedKey) -> bool:
        """Whether today's KEK or pepper is another one than the key's."""
        return self._vault.is_outdated(HsmSealedKey(**asdict(key)))


def _no_seal() -> KeyUnavailable:
    return KeyUnavailable("this is no seal of an organisation, or its row was changed")


@contextmanager
def _hsm_errors_as_ours() -> Any:
    try:
        yield
    except SealNotOpened:
        raise PassphraseWrong(
            "The passphrase does not open this key.", field="passphrase", reason="wrong-passphrase"
        ) from None
    except HsmError as error:
        raise KeyUnavailable(str(error)) from error


class OwnIssuer:
    """`signer.ports.CertificateIssuer`: our own CA certifies officials."""

    def __init__(
        self,
        *,
        issuer_id_of: Callable[[x509.Certificate], str],
        issuance: IssuanceService,
        revocation: RevocationService,
        issuers: tuple[x509.Certificate, ...],
    ) -> None:
        """`issuers` of new certificates: the issuing CA first, the root last; `issuer_id_of` tells whose an issued one
        is."""
        self._issuer_id_of = issuer_id_of
        self._issuance = issuance
        self._revocation = revocation
        self._issuers = issuers

    def issue(self, request: CertificateRequest) -> tuple[x509.Certificate, ...]:
        """The chain of a new certificate, leaf first; raises `ca.errors.CaError`."""
        certificate = self._issuance.issue(request.csr, _subject_of(request.signatory), OFFICIAL, _ENROLMENT)
        return (certificate, *self._issuers)

    def revoke(
        self,
        certificate: x509.Certificate,
        *,
        reason: x509.ReasonFlags,
        actor: str,
        invalid_since: datetime | None = None,
    ) -> None:
        """Revoke it for good; raises `ca.errors.CaError`."""
        self._revocation.revoke(
            serial=certificate.serial_number,
            issuer_id=self._issuer_id_of(certificate),
            reason=reason,
            actor=actor,
            invalidity_date=invalid_since,
        )


class OwnSealIssuer(OwnIssuer):
    """The same for seals of organisations: no attribute of a person is in them."""

    def issue(self, request: CertificateRequest) -> tuple[x509.Certificate, ...]:
        """The chain of a new certificate, leaf first; raises `ca.errors.CaError`."""
        whose = request.signatory
        subject = Subject(
            common_name=whose.name,
            organisation=whose.organisation,
            organisation_identifier=whose.organisation_identifier,
        )
        certificate = self._issuance.issue(request.csr, subject, E_SEAL, _ENROLMENT)
        return (certificate, *self._issuers)


def _subject_of(signatory: Signatory) -> Subject:
    """A name is never split: where no surname is on record, the whole name is the given name."""
    surname = signatory.surname
    given_name = signatory.name.removesuffix(surname).rstrip() if surname else signatory.name
    return Subject(
        common_name=signatory.name,
        organisation=signatory.organisation,
        organisation_identifier=signatory.organisation_identifier,
        unit=signatory.unit,
        given_name=given_name or None,
        surname=surname,
        opaque_id=signatory.id,
    )


class OwnStatus:
    """`signer.ports.StatusSource`: OCSP for what an issuing CA issued, the root's CRL for the issuing CA.

    For a certificate that has ended, the issuing CA's CRL besides: it keeps such ones and says so; OCSP does not.
    """

    def __init__(
        self,
        *,
        responders: Mapping[x509.Name, tuple[str, Callable[[], OcspResponder]]],
        crls: CrlStore,
        root_id: str,
        now: Callable[[], datetime],
    ) -> None:
        """`responders`: id and responder of each issuing CA, by its name."""
        self._responders = responders
        self._crls = crls
        self._root_id = root_id
        self._now = now

    def status_for(self, chain: tuple[x509.Certificate, ...]) -> ValidationData:
        """Status of each certificate of `chain` (leaf, issuing CA, root); raises `StatusUnavailable`."""
        if chain[0].issuer not in self._responders:
            raise StatusUnavailable(f"{chain[0].issuer.rfc4514_string()} is no CA of this house")
        issuing_id, current = self._responders[chain[0].issuer]
        responder = current()
        root_crl = self._crls.current(self._root_id)
        if root_crl is None:
            raise StatusUnavailable(f"no CRL of {self._root_id} is published")
        try:
            answer = responder.status_of(chain[0])
        except CaError as error:
            raise StatusUnavailable(str(error)) from error
        crls = [root_crl.der]
        if chain[0].not_valid_after_utc <= self._now() and (own := self._crls.current(issuing_id)) is not None:
            crls.append(own.der)
        return ValidationData(certificates=(*chain, responder.certificate), ocsp_responses=(answer,), crls=tuple(crls))


class OwnTimestamper:
    """`signer.ports.Timestamper`: our own time-stamping unit, called in process."""

    def __init__(self, authority: CurrentUnit) -> None:
        self._authority = authority

    @property
    def name(self) -> str:
        """Ours."""
        return OWN_UNIT

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The unit's certificate first, root last."""
        return self._authority.chain

    def timestamp(self, digest: bytes, algorithm: str) -> StampedToken:
        """A token and the unit that gave it; raises `TimestampUnavailable`."""
        try:
            return self._authority.stamp(digest, algorithm)
        except CaError as error:
            raise TimestampUnavailable(str(error)) from error


class PagesText:
    """`signer.ports.TextFinder`: pages are read in the verifier's processes, which can be killed."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    def find(self, document: bytes, text: str) -> tuple[FoundText, ...]:
        """Every place of `text`; raises `StampRefused` for pages that cannot be read, `Unavailable` otherwise."""
        try:
            places = self._pool.find_text(document, text)
        except VerificationRefused as error:
            raise StampRefused(
                "The pages cannot be searched for the tag. Give a position instead.",
                field="stamp.tag",
                reason="unreadable-pages",
            ) from error
        except VerifierError as error:
            raise Unavailable(str(error)) from error
        return tuple(FoundText(page_index=each.page_index, origin=each.origin, box=each.box) for each in places)


class AuditedSigning:
    """`api.services.Signing`: every audit entry of a signing names the client that asked."""

    def __init__(self, signing: SigningService) -> None:
        self._signing = signing

    def sign(self, request: SignRequest) -> SignedDocument:
        """As `SigningService.sign`."""
        with acting(Origin(actor=request.client_id, role="client")):
            return self._signing.sign(request)

    def prove(self, client_id: str, credential_id: str, passphrase: Secret) -> None:
        """Only the passphrase is tried, counted as for a signature; raises as `SigningService.open`."""
        with acting(Origin(actor=client_id, role="client")):
            self._signing.open(credential_id, passphrase)

    def sign_opened(self, task: SigningTask, key: OpenKey, redeem: Callable[[str], None]) -> SignedDocument:
        """As `SigningService.sign_opened`; a person's consent, whose entries name the person already."""
        return self._signing.sign_opened(task, key, redeem)


class OthersStatus(Protocol):
    """What the job `foreign-status` has kept of other issuers; nothing is fetched here."""

    def version(self) -> int:
        """Another number whenever something was kept; cheap."""

    def published(self) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """CRLs and OCSP answers, DER."""

    def authorities(self) -> tuple[x509.Certificate, ...]:
        """The CAs between officials and their anchors."""


class PublishedTrust:
    """`verifier.ports.TrustSource`: our root and the configured anchors, with the current CRLs of our CAs and what the
    job fetched of others."""

    def __init__(
        self,
        *,
        anchors: Iterable[TrustAnchorEntry],
        intermediates: Iterable[x509.Certificate],
        crls: CrlStore,
        issuer_ids: Iterable[str],
        others: OthersStatus,
    ) -> None:
        self._anchors = tuple(anchors)
        self._intermediates = tuple(intermediates)
        self._crls = crls
        self._issuer_ids = tuple(issuer_ids)
        self._others = others
        self._kept: tuple[tuple[str | int, ...], TrustSnapshot] | None = None

    def snapshot(self, at: datetime) -> TrustSnapshot:  # noqa: ARG002 - our hierarchy is the same at every time
        """The same object as long as no status changed."""
        current = [crl for each in self._issuer_ids if (crl := self._crls.current(each)) is not None]
        version = self._others.version()  # asked before what it is the version of
        key: tuple[str | int, ...] = (*(crl.sha256 for crl in current), version)
        if self._kept is None or self._kept[0] != key:
            crls, answers = self._others.published()
            snapshot = build_snapshot(
                self._anchors,
                intermediates=dict.fromkeys((*self._intermediates, *self._others.authorities())),
                crls=[*(crl.der for crl in current), *crls],
                ocsp_responses=answers,
            )
            self._kept = key, snapshot
        return self._kept[1]


def publish_all(publishers: Iterable[CrlPublisher]) -> int:
    """Publish each CRL that is due; returns how many were."""
    return sum(publisher.publish_if_due() is not None for publisher in publishers)


def der_of(certificates: Iterable[tuple[str, x509.Certificate]]) -> dict[str, bytes]:
    """Certificates by id, as they are served under `/pki/certificates/`."""
    return {label: certificate.public_bytes(Encoding.DER) for label, certificate in certificates}


def common_name(certificate: x509.Certificate) -> str:
    """The common name of one of our own certificates, which all have one."""
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
