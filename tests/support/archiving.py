"""A house that keeps documents valid over decades, in memory: its clock is moved by hand, its PKI grows old with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.ocsp import OCSPCertStatus

from api.judging import WorkerJudge
from signer.augmentation import AugmentationService
from signer.errors import StatusUnavailable, TimestampUnavailable
from signer.model import SignatureLevel, StampedToken, ValidationData
from signer.timestamping import TimestampAuthorities
from tests.support.letters import letter
from tests.support.pki import Holder, Pki, make_pki, new_unit
from tests.support.signing import Desk, request
from verifier.model import TrustSnapshot, ValidationReport
from verifier.policy import ValidationPolicy, load_policy
from verifier.trust import anchor_from, build_snapshot
from verifier.validation import validate

POLICY = load_policy("teken-1")
OCSP_DAYS = timedelta(days=20)
"""Then the responder ends."""


@dataclass
class LivingStatus:
    """OCSP, later CRLs of this moment; a certificate that has ended is answered for no more."""

    house: "House"
    revoked: dict[int, datetime] = field(default_factory=dict)
    silent: bool = False

    def status_for(self, chain: tuple[x509.Certificate, ...]) -> ValidationData:
        pki, at = self.house.pki, self.house.clock
        if self.silent or chain[-1] != pki.root.certificate or chain[0].not_valid_after_utc <= at:
            raise StatusUnavailable("nobody answers")
        root_crl, leaf = pki.crl(pki.root, {}, at), chain[0]
        if at > pki.at + OCSP_DAYS:
            return ValidationData(
                certificates=chain, ocsp_responses=(), crls=(pki.crl(pki.issuing, self.revoked, at), root_crl)
            )
        when = self.revoked.get(leaf.serial_number)
        word = OCSPCertStatus.GOOD if when is None else OCSPCertStatus.REVOKED
        return ValidationData(
            certificates=(*chain, pki.responder.certificate),
            ocsp_responses=(pki.ocsp(leaf, word, at, revoked_at=when),),
            crls=(root_crl,),
        )


@dataclass
class LivingUnit:
    """The time-stamping unit of this moment, followed by the next one a year before its end."""

    house: "House"
    name: str = "own"
    asked: int = 0
    broken: bool = False

    @property
    def unit(self) -> Holder:
        """The one in use."""
        known = self.house.units
        if known[-1].certificate.not_valid_after_utc - self.house.clock < timedelta(days=365):
            known.append(new_unit(self.house.pki.issuing, self.house.clock))
        return known[-1]

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        return self.unit.chain

    def timestamp(self, digest: bytes, algorithm: str) -> StampedToken:
        self.asked += 1
        if self.broken:
            raise TimestampUnavailable("no answer")
        unit, pki = self.unit, self.house.pki
        return StampedToken(token=pki.token(digest, algorithm, self.house.clock, unit=unit), chain=unit.chain)


class InProcess:
    """`verifier.worker.WorkerPool.validate`, here and at once."""

    def validate(
        self, pdf: bytes, policy: ValidationPolicy, trust: TrustSnapshot, at: datetime, **more: datetime
    ) -> ValidationReport:
        return validate(pdf, policy, trust, at, **more)


@dataclass(kw_only=True)
class House:
    """Everything that augmentation needs, around one clock."""

    pki: Pki = field(default_factory=make_pki)

    def __post_init__(self) -> None:
        self.clock = self.pki.at
        self.units = [self.pki.tsu]
        self.status = LivingStatus(self)
        self.unit = LivingUnit(self)
        self.authorities = TimestampAuthorities([self.unit], now=lambda: self.clock)
        self.judge = WorkerJudge(InProcess(), self, policy=POLICY, now=lambda: self.clock)  # type: ignore[arg-type]
        self.augmentation = AugmentationService(
            judge=self.judge, authorities=self.authorities, status=self.status, now=lambda: self.clock
        )

    def snapshot(self, at: datetime) -> TrustSnapshot:
        """`verifier.ports.TrustSource`: our root, and the CRLs of this moment."""
        pki = self.pki
        return build_snapshot(
            [anchor_from(pki.root.certificate, name="Contoh", certified=False)],
            intermediates=[pki.issuing.certificate],
            crls=[pki.crl(pki.root, {}, at), pki.crl(pki.issuing, self.status.revoked, at)],
        )

    def signed(self, level: SignatureLevel, *, document: bytes | None = None, holder: Holder | None = None) -> bytes:
        """A letter signed now, by the official of the PKI."""
        pki = self.pki if holder is None else replace(self.pki, official=holder)
        desk = Desk(pki=pki, now=self.clock, status=self.status, timestampers=[self.unit])
        return desk.service.sign(request(document=document or letter(), level=level)).pdf

    def report(self, pdf: bytes, *, alone: bool = False) -> ValidationReport:
        """What the verifier says now; `alone`: with the anchors, and nothing but what the file carries."""
        trust = self.snapshot(self.clock)
        if alone:
            trust = TrustSnapshot(anchors=trust.anchors, intermediates=(), crls=())
        return validate(pdf, POLICY, trust, self.clock)

    def levels(self, pdf: bytes, *, alone: bool = False) -> Sequence[str | None]:
        """The level of each signature that passes now."""
        return [each.level for each in self.report(pdf, alone=alone).signatures if each.passed and each.level]
