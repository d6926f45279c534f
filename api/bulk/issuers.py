"""Our own CA beside another one: who certifies whom, and whose status is asked."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from signer.model import CertificateRequest, ValidationData
from signer.ports import CertificateIssuer, StatusSource
from store.database import Database
from store.foreign import SqlForeignStatus
from store.foreign_addresses import SqlStatusAddresses

OCSP_ANSWERS: Final = 2000
"""About 4 MB. Where more officials have certificates of others, their CA's CRL speaks for the rest."""


class ChosenIssuer:
    """`signer.ports.CertificateIssuer`: new certificates from the one chosen, revocations to whoever issued."""

    def __init__(
        self,
        *,
        own: CertificateIssuer,
        other: CertificateIssuer,
        is_own: Callable[[x509.Certificate], bool],
        use_other: bool,
    ) -> None:
        """`is_own` tells whether a generation of our CA issued a certificate."""
        self._own = own
        self._other = other
        self._is_own = is_own
        self._chosen = other if use_other else own

    def issue(self, request: CertificateRequest) -> tuple[x509.Certificate, ...]:
        """The chain; empty where it comes later."""
        return self._chosen.issue(request)

    def revoke(
        self,
        certificate: x509.Certificate,
        *,
        reason: x509.ReasonFlags,
        actor: str,
        invalid_since: datetime | None = None,
    ) -> None:
        """Revoke it, or ask its issuer to."""
        issuer = self._own if self._is_own(certificate) else self._other
        issuer.revoke(certificate, reason=reason, actor=actor, invalid_since=invalid_since)


class StatusByRoot:
    """`signer.ports.StatusSource`: our own services for our hierarchy, what a job fetched for every other."""

    def __init__(self, *, root: x509.Certificate, own: StatusSource, other: StatusSource) -> None:
        self._root = root
        self._own = own
        self._other = other

    def status_for(self, chain: tuple[x509.Certificate, ...]) -> ValidationData:
        """Status of each certificate of `chain`; raises `StatusUnavailable`."""
        return (self._own if chain[-1] == self._root else self._other).status_for(chain)


class KeptStatusOfOthers:
    """`api.seams.published_trust.OthersStatus`: for the verifier, which fetches nothing."""

    def __init__(self, database: Database) -> None:
        self._status = SqlForeignStatus(database)
        self._addresses = SqlStatusAddresses(database)

    def version(self) -> int:
        """Another number whenever something was kept."""
        return self._status.version()

    def published(self) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """Every CRL, and the newest `OCSP_ANSWERS` answers: the whole crosses into each worker process."""
        return self._status.published(answers=OCSP_ANSWERS)

    def authorities(self) -> tuple[x509.Certificate, ...]:
        """The CAs between officials and their anchors."""
        return self._addresses.authorities()


def fingerprints(certificates: Iterable[x509.Certificate]) -> frozenset[bytes]:
    """SHA-256 of each."""
    return frozenset(each.fingerprint(hashes.SHA256()) for each in certificates)
