"""A whole hierarchy from a real ceremony, with in-memory keys and logs, and a clock that stands until it is moved.

world = new_world()
certificate = world.official()                    # issued by all the steps
world.clock.advance(hours=6)
world.publisher().publish()
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from ca.ceremony import ISSUING_CA_ID, ROOT_ID, Ceremony, Hierarchy, run_ceremony
from ca.crl import CrlPublisher
from ca.csr import request_for
from ca.issuance import IssuanceService
from ca.issuer import Issuer
from ca.lints import CERTIFICATE_LINTS, CertificateLint
from ca.model import PkiNames, StatusPeriods, Subject
from ca.ocsp import OcspResponder
from ca.presigned import PresignedAnswers
from ca.profiles import OFFICIAL, Profile
from ca.revocation import RevocationService
from ca.timestamp import TimestampAuthority
from ca.transcript import Transcript
from tests.support.ca_memory import MemoryCertificateLog, MemoryCrlStore, MemoryOcspAnswers, MemoryTimestampLog

NOON: Final = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # noon in Bali

NAMES: Final = PkiNames(
    country="ID",
    organisation="Pemerintah Provinsi Contoh",
    organisation_identifier="VATID-001234567890000",
    pen=32473,
    base_url="http://pki.example.org",
    cps_uri="http://pki.example.org/cps",
    name_authority_uri="http://pki.example.org/registration",
)

PERSON: Final = Subject(
    common_name="I Wayan Contoh",
    given_name="I Wayan Contoh",
    organisation=NAMES.organisation,
    organisation_identifier=NAMES.organisation_identifier,
    opaque_id="MFRGGZDFMZTWQ2LK",
)


@dataclass
class Clock:
    """Stands still until it is moved."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class World:
    """Everything one test needs; no two tests share one."""

    hierarchy: Hierarchy
    keys: dict[str, ec.EllipticCurvePrivateKey]
    transcript: Transcript
    log: MemoryCertificateLog
    crl_store: MemoryCrlStore
    stamps: MemoryTimestampLog = field(default_factory=MemoryTimestampLog)
    clock: Clock = field(default_factory=Clock)
    periods: StatusPeriods = field(default_factory=StatusPeriods)

    @cached_property
    def kept(self) -> MemoryOcspAnswers:
        return MemoryOcspAnswers(self.log)

    @property
    def root(self) -> x509.Certificate:
        return self.hierarchy.root

    @property
    def issuing_ca(self) -> x509.Certificate:
        return self.hierarchy.issuing_ca

    def issuer(self, key: ec.EllipticCurvePrivateKey | None = None, *, names: PkiNames = NAMES) -> Issuer:
        """The issuing CA, with its own key or with another one that stands for it."""
        return Issuer(
            id=ISSUING_CA_ID,
            certificate=self.issuing_ca,
            key=key or self.keys[ISSUING_CA_ID],
            chain=(self.root,),
            names=names,
            now=self.clock,
        )

    def issuance(
        self,
        *,
        issuer: Issuer | None = None,
        lints: Sequence[CertificateLint] = CERTIFICATE_LINTS,
        in_force: Callable[[Profile], Profile] = lambda profile: profile,
    ) -> IssuanceService:
        return IssuanceService(
            log=self.log,
            issuer=issuer or self.issuer(),
            lints=lints,
            now=self.clock,
            random_bytes=secrets.token_bytes,
            publish_status=lambda serial: self.answers().renew(ISSUING_CA_ID, serial),
            in_force=in_force,
        )

    def certificate(
        self, subject: Subject, profile: Profile, key: ec.EllipticCurvePrivateKey | None = None
    ) -> x509.Certificate:
        key = key or ec.generate_private_key(ec.SECP256R1())
        return self.issuance().issue(request_for(key, subject.common_name), subject, profile, "officer-1")

    def official(self, **changes: str | None) -> x509.Certificate:
        """A certificate of an official; `changes` are fields of the subject."""
        return self.certificate(replace(PERSON, **changes), OFFICIAL)

    def publisher(self, issuer_id: str = ISSUING_CA_ID) -> CrlPublisher:
        return CrlPublisher(
            issuer_id=issuer_id,
            certificate=self.hierarchy.certificates[issuer_id],
            key=self.keys[issuer_id],
            log=self.log,
            crl_store=self.crl_store,
            periods=self.periods,
            now=self.clock,
        )

    def answers(self) -> PresignedAnswers:
        return PresignedAnswers(
            issuer_id=ISSUING_CA_ID,
            responder=self.responder,
            store=self.kept,
            periods=self.periods,
            now=self.clock,
        )

    def revocations(self, *, allow_hold: bool = True) -> RevocationService:
        return RevocationService(
            log=self.log,
            ask_for_crl=lambda issuer_id: self.publisher(issuer_id).publish(),
            renew_status=self.answers().renew,
            allow_hold=allow_hold,
            now=self.clock,
        )

    def revoke(
        self, certificate: x509.Certificate, reason: x509.ReasonFlags | None = x509.ReasonFlags.superseded
    ) -> None:
        self.revocations().revoke(
            serial=certificate.serial_number, issuer_id=ISSUING_CA_ID, reason=reason, actor="officer-1"
        )

    def responder(self) -> OcspResponder:
        return OcspResponder(
            log=self.log,
            issuer_id=ISSUING_CA_ID,
            issuer=self.issuing_ca,
            certificate=self.hierarchy.responder,
            key=self.keys[self.hierarchy.responder_id],
            periods=self.periods,
            now=self.clock,
        )

    def tsa(self) -> TimestampAuthority:
        return TimestampAuthority(
            certificate=self.hierarchy.tsu,
            chain=(self.issuing_ca, self.root),
            key=self.keys[self.hierarchy.tsu_id],
            policy_oid=NAMES.oid(2, 1),
            log=self.stamps,
            clock=self.clock,
            random_bytes=secrets.token_bytes,
        )


def new_world(*, at: datetime | None = None) -> World:
    """A world just after its ceremony, which took place at `at` (noon, unless said)."""
    made = _ceremony(at or NOON)
    log = MemoryCertificateLog(
        rows=dict(made.log.rows),
        reserved_at=dict(made.log.reserved_at),
        intents=dict(made.log.intents),
        audit=list(made.log.audit),
    )
    store = MemoryCrlStore(published=list(made.crl_store.published), numbers=made.crl_store.numbers.copy())
    return replace(made, log=log, crl_store=store, stamps=MemoryTimestampLog(), clock=Clock(at or NOON))


@cache
def _ceremony(at: datetime) -> World:
    keys: dict[str, ec.EllipticCurvePrivateKey] = {}
    log, store, clock = MemoryCertificateLog(), MemoryCrlStore(), Clock(at)
    transcript = Transcript(clock)

    def make_key(label: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        keys[label] = ec.generate_private_key(curve)
        return keys[label]

    it = Ceremony(
        names=NAMES,
        make_key=make_key,
        log=log,
        crl_store=store,
        periods=StatusPeriods(),
        now=clock,
        random_bytes=secrets.token_bytes,
        confirm=lambda _: None,
        transcript=transcript,
        actor="custodians",
    )
    hierarchy = run_ceremony(it)
    assert set(hierarchy.certificates) == {ROOT_ID, ISSUING_CA_ID, hierarchy.tsu_id, hierarchy.responder_id}
    return World(hierarchy=hierarchy, keys=keys, transcript=transcript, log=log, crl_store=store)
