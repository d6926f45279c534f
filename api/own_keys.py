"""The OCSP responder and the time-stamping unit, with their successions, built from the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from cryptography import x509

from api.current import Current
from api.hierarchy import Generation, PublishedHierarchy, read_hierarchy, write_certificate
from api.retired_keys import destroy_retired
from api.settings import Settings
from ca.errors import Misconfigured, RequestRefused
from ca.issuance import IssuanceService
from ca.model import StatusPeriods
from ca.ocsp import OcspResponder
from ca.patient_key import PatientKey
from ca.ports import CertificateLog, TimestampLog
from ca.responder_renewal import OwnCertificate, new_responder, renew_responder_if_due, responder_names
from ca.timestamp import TimestampAuthority, usage_period
from ca.tsu_renewal import new_unit, renew_unit_if_due
from hsm_config.gate import Gate
from hsm_config.private_keys import token_key
from hsm_config.retirement import destroy_signing_key
from hsm_config.token_objects import list_labels, make_ec_key
from store.audit import AuditTrail

_ACTOR = "renewal"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponderKeys:
    """What the responders of one generation of the issuing CA need of the rest of the house."""

    settings: Settings
    gate: Gate
    generation_id: str
    issuance: IssuanceService | None
    """Issues the next ones; `None` where the generation's certificate has ended."""
    has_ended: Callable[[], bool]
    """Whether the generation's last CRL was published: nothing is issued after it."""
    periods: StatusPeriods
    now: Callable[[], datetime]

    def responder(self, log: CertificateLog) -> Current[OcspResponder]:
        """The responder in use; its successor is made ten days before its end."""

        def newest() -> tuple[str, x509.Certificate]:
            published = self._generation()
            return published.responder_label, published.responder

        def build(label: str, certificate: x509.Certificate) -> OcspResponder:
            return OcspResponder(
                log=log,
                issuer_id=self.generation_id,
                issuer=self._generation().certificate,
                certificate=certificate,
                key=PatientKey(token_key(self.gate, label)),
                periods=self.periods,
                now=self.now,
            )

        def new_if_due(current: x509.Certificate) -> OwnCertificate | None:
            if self.issuance is None or self.has_ended():
                return None
            return renew_responder_if_due(
                current=current,
                make_key=partial(make_ec_key, self.gate),
                issuance=self.issuance,
                names=self.settings.pki.names,
                periods=self.periods,
                now=self.now,
                actor=_ACTOR,
                ca_ends=self._generation().certificate.not_valid_after_utc,
                generation=self._generation().number,
            )

        return Current(newest=newest, build=build, new_if_due=new_if_due, publish=self._publish, now=self.now)

    def next_responder(self, actor: str) -> str:
        """Make the next OCSP responder now; its label. Raises `RequestRefused` where today has one already."""
        self.require_responder_possible()
        if self.issuance is None:
            raise Misconfigured(f"{self.generation_id} has ended: set up its successor")
        made = new_responder(
            make_key=partial(make_ec_key, self.gate),
            issuance=self.issuance,
            names=self.settings.pki.names,
            at=self.now(),
            actor=actor,
            generation=self._generation().number,
        )
        self._publish(made.label, made.certificate)
        return made.label

    def require_responder_possible(self) -> None:
        """Nothing, or `RequestRefused` where today has a responder already."""
        label, _ = responder_names(self.now(), self._generation().number)
        if label in read_hierarchy(self.settings.pki.certificates).certificates:
            raise RequestRefused(
                f"{label} exists: a responder is named by its day, so the next one can be made tomorrow",
                field="operation",
                reason="made-today",
            )

    def _generation(self) -> Generation:
        return read_hierarchy(self.settings.pki.certificates).generation(self.generation_id)

    def _publish(self, label: str, certificate: x509.Certificate) -> None:
        write_certificate(self.settings.pki.certificates, label, certificate)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKeys:
    """The time-stamping units, and the end of old keys."""

    settings: Settings
    gate: Gate
    issuance: IssuanceService
    """Of the generation that issues."""
    now: Callable[[], datetime]

    def hierarchy(self) -> PublishedHierarchy:
        """Our certificates as the folder has them now."""
        return read_hierarchy(self.settings.pki.certificates)

    def unit(
        self,
        log: TimestampLog,
        *,
        clock: Callable[[], datetime],
        policy_oid: str,
        random_bytes: Callable[[int], bytes],
    ) -> Current[TimestampAuthority]:
        """The time-stamping unit in use; its successor is made thirty days before its key's end."""

        def newest() -> tuple[str, x509.Certificate]:
            now_published = self.hierarchy()
            return now_published.tsu_label, now_published.tsu

        def build(label: str, certificate: x509.Certificate) -> TimestampAuthority:
            published = self.hierarchy()
            return TimestampAuthority(
                certificate=certificate,
                chain=published.above(certificate),
                key=self._key(label),
                policy_oid=policy_oid,
                log=log,
                clock=clock,
                random_bytes=random_bytes,
                minimum_life=self._minimum_life(),
                most_tokens=self.settings.tsa.most_tokens,
            )

        def new_if_due(current: x509.Certificate) -> OwnCertificate | None:
            return renew_unit_if_due(
                current=current,
                used=self.hierarchy().certificates,
                make_key=partial(make_ec_key, self.gate),
                issuance=self.issuance,
                names=self.settings.pki.names,
                now=self.now,
                actor=_ACTOR,
                minimum_life=self._minimum_life(),
                prepare_before=timedelta(days=self.settings.tsa.prepare_days),
            )

        return Current(newest=newest, build=build, new_if_due=new_if_due, publish=self._publish, now=self.now)

    def next_unit(self, actor: str) -> str:
        """Make the next time-stamping unit now; its label. Every process takes over within a minute."""
        made = new_unit(
            used=self.hierarchy().certificates,
            make_key=partial(make_ec_key, self.gate),
            issuance=self.issuance,
            names=self.settings.pki.names,
            at=self.now(),
            actor=actor,
        )
        self._publish(made.label, made.certificate)
        return made.label

    def unit_ends(self, certificate: x509.Certificate) -> datetime:
        """Until when a unit's key may stamp."""
        return usage_period(certificate, self._minimum_life())[1]

    def destroy_retired(self, trail: AuditTrail) -> int:
        """Destroy the keys that have successors in use everywhere; how many."""
        return destroy_retired(
            hierarchy=self.hierarchy(),
            on_token=list_labels(self.gate),
            destroy=partial(destroy_signing_key, self.gate),
            trail=trail,
            at=self.now(),
        )

    def _key(self, label: str) -> PatientKey:
        return PatientKey(token_key(self.gate, label))

    def _minimum_life(self) -> timedelta:
        return timedelta(days=self.settings.tsa.minimum_life_days)

    def _publish(self, label: str, certificate: x509.Certificate) -> None:
        write_certificate(self.settings.pki.certificates, label, certificate)
