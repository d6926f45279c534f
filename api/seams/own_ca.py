"""What signing needs of a CA, from our own: certificates, their status, the time."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from cryptography import x509

from api.current import CurrentUnit
from ca.errors import CaError
from ca.issuance import IssuanceService
from ca.model import Subject
from ca.ocsp import OcspResponder
from ca.ports import CrlStore
from ca.profiles import E_SEAL, OFFICIAL
from ca.revocation import RevocationService
from signer.errors import StatusUnavailable, TimestampUnavailable
from signer.model import CertificateRequest, Signatory, StampedToken, ValidationData

_ENROLMENT: Final = "enrolment"

OWN_UNIT: Final = "own"
"""Name of our own time-stamping unit among the authorities."""


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
