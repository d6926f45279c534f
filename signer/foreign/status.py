"""The status of certificates that another CA issued: fetched by a job from listed hosts, never while somebody signs."""

from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp

from signer.foreign.addresses import crl_addresses, ocsp_addresses
from signer.foreign.ports import ForeignStatusStore
from signer.model import ValidationData

CRL_BYTES: Final = 20 * 1024 * 1024
OCSP_BYTES: Final = 64 * 1024


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
