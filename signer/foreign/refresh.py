"""The job that fetches the status of certificates of other issuers: what is due, from listed hosts, and never twice."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from signer.foreign.addresses import listed
from signer.foreign.model import ForeignRules, KeptStatus, StatusAddress
from signer.foreign.ports import ForeignStatusStore, StatusAddresses
from signer.foreign.status import CRL_BYTES, OCSP_BYTES, Fetch, FetchFailed
from signer.status import genuine_crl, genuine_responses

PER_ROUND: Final = 500
"""Addresses of one round; whatever is left is the first of the next one."""
_AGAIN: Final = timedelta(minutes=9)
"""When an address that gave nothing good is asked again: in the next round."""
_SKEW: Final = timedelta(minutes=5)

Ended = Iterator[tuple[int, bool]]
"""Serial numbers that an issuer ended, and whether only held."""


class StatusRefresh:
    """Fetches what is due, keeps what is genuine and younger, and acts on what it learns of our officials."""

    def __init__(
        self,
        *,
        addresses: StatusAddresses,
        kept: ForeignStatusStore,
        fetch: Fetch,
        rules: ForeignRules,
        stop: Callable[[str, bool], None],
        alarm: Callable[[str, str], None],
        now: Callable[[], datetime],
    ) -> None:
        """`stop(credential_id, held)` suspends or revokes one; `alarm(address, word)` hears of each address that gave
        nothing good. Both hear the same again in the next round."""
        self._addresses = addresses
        self._kept = kept
        self._fetch = fetch
        self._rules = rules
        self._stop = stop
        self._alarm = alarm
        self._now = now

    def refresh(self) -> int:
        """One round; how many answers were renewed. An address that fails stops nobody else's."""
        self._addresses.learn(self._now())
        return sum(self._renew(each) for each in self._addresses.due(self._now(), limit=PER_ROUND))

    def _renew(self, address: StatusAddress) -> bool:
        """1. Fetch, 2. check, 3. act on what it says, 4. keep it. Dying before 4 repeats it all in the next round."""
        at = self._now()
        try:
            status, ended = self._fetched(address, at)
        except FetchFailed as error:
            self._alarm(address.url, str(error))
            self._addresses.settle(address, due_at=at + _AGAIN, failure=str(error))
            return False
        ours = self._addresses.credentials_of(address.issuer)
        for serial, held in ended:
            if serial in ours:
                self._stop(ours[serial], held)
        known = self._kept.get(address.url, address.about)
        if known is None or known.der != status.der:
            self._kept.put(status)
        self._addresses.settle(address, due_at=status.due_at, failure=None)
        return True

    def _fetched(self, address: StatusAddress, at: datetime) -> tuple[KeptStatus, Ended]:
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
