"""One answer of another issuer: asked for, and kept only when it is genuine, in time, and no older than ours."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from signer.foreign.addresses import listed
from signer.foreign.model import ForeignRules, KeptStatus, StatusAddress
from signer.foreign.ports import ForeignStatusStore
from signer.foreign.status import CRL_BYTES, OCSP_BYTES, Fetch, FetchFailed
from signer.status import genuine_crl, genuine_responses

_SKEW: Final = timedelta(minutes=5)

Ended = Iterator[tuple[int, bool]]
"""Serial numbers that an issuer ended, and whether only held."""


class StatusFetcher:
    """Asks listed hosts, and nobody else."""

    def __init__(self, *, kept: ForeignStatusStore, fetch: Fetch, rules: ForeignRules) -> None:
        self._kept = kept
        self._fetch = fetch
        self._rules = rules

    def fetched(self, address: StatusAddress, at: datetime) -> tuple[KeptStatus, Ended]:
        """A genuine answer in time, no older than the one we have, and what it ends. Raises `FetchFailed`."""
        if not listed(address.url, self._rules.hosts):
            raise FetchFailed("host-not-listed")
        kept = self._kept.get(address.url, address.about)
        try:
            der, this_update, next_update, ended = self._answer(address)
        except ValueError:
            raise FetchFailed("not-der") from None
        if this_update - _SKEW > at or at >= next_update:
            raise FetchFailed("out-of-date")
        if kept is not None and this_update < kept.this_update:
            raise FetchFailed("older-than-kept")
        status = KeptStatus(
            url=address.url,
            about=address.about,
            der=der,
            this_update=this_update,
            next_update=next_update,
            fetched_at=at,
        )
        return status, ended

    def _answer(self, address: StatusAddress) -> tuple[bytes, datetime, datetime, Ended]:
        return self._ocsp_answer(address) if address.about else self._crl(address)

    def _crl(self, address: StatusAddress) -> tuple[bytes, datetime, datetime, Ended]:
        der = self._fetch(address.url, limit=CRL_BYTES)
        crl = genuine_crl(der, address.issuer)
        if crl is None or crl.next_update_utc is None:
            raise FetchFailed("not-genuine")
        ended = ((entry.serial_number, _reason(entry) is x509.ReasonFlags.certificate_hold) for entry in crl)
        return der, crl.last_update_utc, crl.next_update_utc, ended

    def _ocsp_answer(self, address: StatusAddress) -> tuple[bytes, datetime, datetime, Ended]:
        certificate, issuer = address.certificate, address.issuer
        asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256()).build()
        der = self._fetch(address.url, limit=OCSP_BYTES, body=asked.public_bytes(Encoding.DER))
        for single in genuine_responses(der, issuer):
            if single.serial_number == certificate.serial_number and single.next_update_utc is not None:
                revoked = single.certificate_status is ocsp.OCSPCertStatus.REVOKED
                held = single.revocation_reason is x509.ReasonFlags.certificate_hold
                ended = iter([(single.serial_number, held)] if revoked else [])
                return der, single.this_update_utc, single.next_update_utc, ended
        raise FetchFailed("not-genuine")


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return None
