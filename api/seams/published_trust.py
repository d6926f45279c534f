"""What verifying needs of CAs: their certificates and their status, as published."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from cryptography import x509

from ca.ports import CrlStore
from verifier.model import TrustAnchorEntry, TrustSnapshot
from verifier.trust import build_snapshot


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
