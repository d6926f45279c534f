"""The status of certificates that another CA issued: fetched by a job from listed hosts, never while somebody signs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from signer.foreign.addresses import crl_addresses, listed, ocsp_addresses
from signer.foreign.model import ForeignRules, KeptStatus
from signer.foreign.ports import ForeignStatusStore
from signer.model import Credential, CredentialState, ValidationData
from signer.status import genuine_crl, genuine_responses

CRL_BYTES: Final = 20 * 1024 * 1024
OCSP_BYTES: Final = 64 * 1024
_SKEW: Final = timedelta(minutes=5)


class FetchFailed(Exception):
    """Nothing came, or not what was asked for; the text is a stable word."""


class Fetch(Protocol):
    """An HTTP client that goes to listed hosts only, within limits of time and size."""

    def __call__(self, url: str, *, limit: int, body: bytes | None = None) -> bytes:
        """GET, or POST of an OCSP request (RFC 6960, A.1). Raises `FetchFailed`."""
        ...


class ForeignStatus:
    """`signer.ports.StatusSource` from what the job has kept."""

    def __init__(self, kept: ForeignStatusStore) -> None:
        self._kept = kept

    def status_for(self, chain: tuple[x509.Certificate, ...]) -> ValidationData:
        """Everything kept for each certificate below the anchor; whether it is enough and fresh is judged later."""
        crls: list[bytes] = []
        answers: list[bytes] = []
        for certificate in chain[:-1]:
            about = certificate.fingerprint(hashes.SHA256()).hex()
            crls += [kept.der for url in crl_addresses(certificate) if (kept := self._kept.get(url))]
            answers += [kept.der for url in ocsp_addresses(certificate) if (kept := self._kept.get(url, about))]
        responders = (each for der in answers for each in ocsp.load_der_ocsp_response(der).certificates)
        return ValidationData(
            certificates=tuple(dict.fromkeys((*chain, *responders))),
            ocsp_responses=tuple(dict.fromkeys(answers)),
            crls=tuple(dict.fromkeys(crls)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What fresh status says of one certificate."""

    certificate: x509.Certificate
    revoked: bool
    held: bool


class StatusRefresh:
    """Fetches what is due, keeps what is genuine and younger, and acts on what it learns of our officials."""

    def __init__(
        self,
        *,
        credentials: Callable[[], Iterable[Credential]],
        kept: ForeignStatusStore,
        fetch: Fetch,
        rules: ForeignRules,
        stop: Callable[[Credential, CredentialState], None],
        alarm: Callable[[str, str], None],
        now: Callable[[], datetime],
    ) -> None:
        """`credentials`: those with a foreign chain that have not ended; `stop(credential, state)` suspends or revokes
        one; `alarm(address, word)` hears of each address that gave nothing good."""
        self._credentials = credentials
        self._kept = kept
        self._fetch = fetch
        self._rules = rules
        self._stop = stop
        self._alarm = alarm
        self._now = now

    def refresh(self) -> int:
        """One round; how many answers were renewed. An address that fails stops nobody else's."""
        tried: set[tuple[str, str]] = set()
        renewed = 0
        for credential in self._credentials():
            for certificate, issuer in pairwise(credential.chain):
                renewed += self._renew_crls(certificate, issuer, tried)
                renewed += self._renew_ocsp(certificate, issuer, tried)
            self._act(credential)
        return renewed

    def _renew_crls(self, certificate: x509.Certificate, issuer: x509.Certificate, tried: set[tuple[str, str]]) -> int:
        def read(der: bytes) -> tuple[datetime, datetime]:
            crl = genuine_crl(der, issuer)
            if crl is None or crl.next_update_utc is None:
                raise FetchFailed("not-genuine")
            return crl.last_update_utc, crl.next_update_utc

        return sum(self._renew(url, "", tried, read, limit=CRL_BYTES, body=None) for url in crl_addresses(certificate))

    def _renew_ocsp(self, certificate: x509.Certificate, issuer: x509.Certificate, tried: set[tuple[str, str]]) -> int:
        def read(der: bytes) -> tuple[datetime, datetime]:
            for single in genuine_responses(der, issuer):
                if single.serial_number == certificate.serial_number and single.next_update_utc is not None:
                    return single.this_update_utc, single.next_update_utc
            raise FetchFailed("not-genuine")

        asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256()).build()
        about = certificate.fingerprint(hashes.SHA256()).hex()
        body = asked.public_bytes(Encoding.DER)
        return sum(
            self._renew(url, about, tried, read, limit=OCSP_BYTES, body=body) for url in ocsp_addresses(certificate)
        )

    def _renew(
        self,
        url: str,
        about: str,
        tried: set[tuple[str, str]],
        read: Callable[[bytes], tuple[datetime, datetime]],
        *,
        limit: int,
        body: bytes | None,
    ) -> bool:
        """Fetch one answer when it is due; keep it when it is genuine, in time, and no older than the one we have."""
        kept, at = self._kept.get(url, about), self._now()
        if (url, about) in tried or not listed(url, self._rules.hosts) or (kept is not None and not kept.due(at)):
            return False
        tried.add((url, about))
        try:
            der = self._fetch(url, limit=limit, body=body)
            this_update, next_update = _parsed(read, der)
            if this_update - _SKEW > at or at >= next_update:
                raise FetchFailed("out-of-date")
            if kept is not None and this_update < kept.this_update:
                raise FetchFailed("older-than-kept")
        except FetchFailed as error:
            self._alarm(url, str(error))
            return False
        status = KeptStatus(
            url=url, about=about, der=der, this_update=this_update, next_update=next_update, fetched_at=at
        )
        self._kept.put(status)
        return True

    def _act(self, credential: Credential) -> None:
        """Revoked there is revoked here, on hold there is suspended here."""
        for standing in self._standings(credential.chain):
            if standing.held and credential.state is CredentialState.ACTIVE:
                self._stop(credential, CredentialState.SUSPENDED)
                return
            if standing.revoked:
                self._stop(credential, CredentialState.REVOKED)
                return

    def _standings(self, chain: tuple[x509.Certificate, ...]) -> Iterator[Standing]:
        """What is kept about the official's certificate."""
        leaf, issuer = chain[0], chain[1]
        about = leaf.fingerprint(hashes.SHA256()).hex()
        for url in crl_addresses(leaf):
            crl = (kept := self._kept.get(url)) and genuine_crl(kept.der, issuer)
            entry = crl.get_revoked_certificate_by_serial_number(leaf.serial_number) if crl else None
            if entry is not None:
                held = _reason(entry) is x509.ReasonFlags.certificate_hold
                yield Standing(certificate=leaf, revoked=not held, held=held)
        for url in ocsp_addresses(leaf):
            for single in genuine_responses(kept.der, issuer) if (kept := self._kept.get(url, about)) else ():
                about_it = single.serial_number == leaf.serial_number
                if about_it and single.certificate_status is ocsp.OCSPCertStatus.REVOKED:
                    held = single.revocation_reason is x509.ReasonFlags.certificate_hold
                    yield Standing(certificate=leaf, revoked=not held, held=held)


def _parsed(read: Callable[[bytes], tuple[datetime, datetime]], der: bytes) -> tuple[datetime, datetime]:
    try:
        return read(der)
    except ValueError:
        raise FetchFailed("not-der") from None


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return None
