"""The CA at work: every generation with its keys, its status, and the units that it certified."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from cryptography import x509

from api.audit.guard import GuardedCertificateLog
from api.audit.office import AuditOffice, audit_guard, audit_office
from api.current import Current, CurrentUnit
from api.generations import AnswersOfAll, GenerationAtWork
from api.given import Now, RandomBytes
from api.hierarchy import Generation, PublishedHierarchy, read_hierarchy
from api.hsm import Hsm
from api.jobs import Wake
from api.office.profiles import ProfilesInForce
from api.own_keys import OwnKeys, ResponderKeys
from api.settings import Settings
from api.stores import Stores
from api.timekeeping import Timekeeper, timekeeper
from ca.ceremony import ROOT_ID
from ca.crl import CrlPublisher, is_final
from ca.errors import LogRefused, Misconfigured
from ca.issuance import IssuanceService
from ca.issuer import MINIMUM_LIFE, Issuer
from ca.lints import CERTIFICATE_LINTS
from ca.patient_key import PatientKey
from ca.presigned import PresignedAnswers
from ca.revocation import RevocationService
from ca.timestamp import TimestampAuthority
from hsm_config.private_keys import token_key
from hsm_config.token_objects import list_labels
from store.profiles import SqlProfileChoices

TIMESTAMP_POLICY: Final = (2, 1)
"""Arc of the time-stamping policy under our own OID."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The CA at work: issues, revokes, publishes status, stamps time."""

    hierarchy: PublishedHierarchy
    generations: tuple[GenerationAtWork, ...]
    """Of the issuing CA, the oldest first."""
    issuance: IssuanceService
    """Of the newest generation: everything new."""
    revocation: RevocationService
    answers: AnswersOfAll
    """The OCSP door."""
    crl_wanted: Wake
    """Wakes the job that publishes CRLs."""
    publishers: tuple[CrlPublisher, ...]
    """The generations' first, in their order; the root's where its key is here."""
    units: Current[TimestampAuthority]
    tsa: CurrentUnit
    """The door of the time-stamping unit in use."""
    clock: Timekeeper
    own: OwnKeys
    audit: AuditOffice
    officials_elsewhere: bool
    """Whether another CA certifies new officials."""


def build_authority(settings: Settings, stores: Stores, hsm: Hsm, *, now: Now, random_bytes: RandomBytes) -> Authority:
    """Everything whose keys lie on the token. The root's key is there in a demonstration only."""
    names, periods = settings.pki.names, settings.status.periods
    hierarchy = read_hierarchy(settings.pki.certificates)
    guard = audit_guard(settings, stores.checkpoints, now=now)

    def require_act(issuer_id: str) -> None:
        """The trail is proven, and that CA has not said its last word."""
        guard.require()
        if is_final(stores.crls.current(issuer_id)):
            raise LogRefused("the last CRL of this CA was published: it issues and revokes nothing any more")

    log = GuardedCertificateLog(stores.database, require_act)
    generations = tuple(
        _at_work(settings, stores, hsm, each, hierarchy.root, log=log, now=now, random_bytes=random_bytes)
        for each in hierarchy.generations
    )
    issuance = generations[-1].issuance
    if issuance is None:
        raise Misconfigured(f"{generations[-1].id} ends within {MINIMUM_LIFE.days} days: set up its successor")
    publishers = [each.publisher for each in generations]
    if ROOT_ID in list_labels(hsm.gate):
        root_key = PatientKey(token_key(hsm.gate, ROOT_ID))
        publishers.append(
            CrlPublisher(
                issuer_id=ROOT_ID,
                certificate=hierarchy.root,
                key=root_key,
                log=stores.certificates,
                crl_store=stores.crls,
                periods=periods,
                now=now,
            )
        )
    own = OwnKeys(settings=settings, gate=hsm.gate, issuance=issuance, now=now)
    answers = AnswersOfAll([each.answers for each in generations])
    crl_wanted = Wake()
    clock = timekeeper(settings.tsa, stores.audit, now=now)
    units = own.unit(
        stores.timestamps, clock=clock.time, policy_oid=names.oid(*TIMESTAMP_POLICY), random_bytes=random_bytes
    )
    tsa = CurrentUnit(units)
    return Authority(
        hierarchy=hierarchy,
        generations=generations,
        issuance=issuance,
        revocation=RevocationService(
            log=log,
            ask_for_crl=lambda _: crl_wanted(),
            renew_status=answers.renew,
            allow_hold=settings.pki.allow_hold,
            now=now,
        ),
        answers=answers,
        crl_wanted=crl_wanted,
        publishers=tuple(publishers),
        units=units,
        tsa=tsa,
        clock=clock,
        own=own,
        audit=audit_office(
            settings,
            stores.audit,
            stores.checkpoints,
            guard=guard,
            key_of=partial(token_key, hsm.gate),
            timestamp=tsa.timestamp,
            now=now,
        ),
        officials_elsewhere=settings.foreign.officials,
    )


def _at_work(
    settings: Settings,
    stores: Stores,
    hsm: Hsm,
    generation: Generation,
    root: x509.Certificate,
    *,
    log: GuardedCertificateLog,
    now: Now,
    random_bytes: RandomBytes,
) -> GenerationAtWork:
    """One generation with its keys; near its end it issues nothing any more, and serves what it issued."""
    id, certificate, periods = generation.id, generation.certificate, settings.status.periods
    left = certificate.not_valid_after_utc - now()
    responders_only = None
    if left > timedelta(0):
        responders_only = IssuanceService(
            log=log,
            issuer=Issuer(
                id=id,
                certificate=certificate,
                key=PatientKey(token_key(hsm.gate, id, retry=False)),  # an unknown outcome is never signed again
                chain=(root,),
                names=settings.pki.names,
                now=now,
                minimum_life=timedelta(0),
            ),
            lints=CERTIFICATE_LINTS,
            now=now,
            random_bytes=random_bytes,
            publish_status=lambda serial: answers.renew(id, serial),
            in_force=ProfilesInForce(SqlProfileChoices(stores.database)),
        )
    keys = ResponderKeys(
        settings=settings,
        gate=hsm.gate,
        generation_id=id,
        issuance=responders_only,
        has_ended=lambda: is_final(stores.crls.current(id)),
        periods=periods,
        now=now,
    )
    responder = keys.responder(stores.certificates)
    answers = PresignedAnswers(
        issuer_id=id, responder=responder.current, store=stores.answers, periods=periods, now=now
    )
    return GenerationAtWork(
        published=generation,
        issuance=responders_only if left >= MINIMUM_LIFE else None,
        publisher=CrlPublisher(
            issuer_id=id,
            certificate=certificate,
            key=PatientKey(token_key(hsm.gate, id)),
            log=stores.certificates,
            crl_store=stores.crls,
            periods=periods,
            now=now,
        ),
        keys=keys,
        responder=responder,
        answers=answers,
        crls=stores.crls,
        now=now,
    )
