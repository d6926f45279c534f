"""What the faces need, filled with the parts."""

from dataclasses import asdict

from api.alarms import raised_by
from api.archive import AuditedArchive
from api.composition.ground import Ground
from api.composition.parts import Parts
from api.csc.build import build_csc
from api.endings import endings_of
from api.esign.build import Coding, Esign, Sealing, build_esign
from api.esign.mail import signer_mail
from api.explanation import Explainer
from api.health import HealthCheck, watched
from api.hierarchy import common_name, der_of
from api.letters.build import build_letters, quotas_of
from api.notices.build import keeper_mail
from api.office.handovers import HandoverOffice
from api.office.health import HealthOffice
from api.office.stamps import StampOffice
from api.services import Consent, Services
from api.verification_counts import Face
from ca.ceremony import ROOT_ID
from store.archive_calendar import SqlArchiveCalendar
from store.events import SqlEvents


def services_of(ground: Ground, parts: Parts) -> Services:
    """Everything that stands behind the doors."""
    settings, stores, authority = ground.settings, ground.stores, ground.authority
    people, consent, checks = parts.people, parts.consent, _checks(ground, parts)
    return Services(
        settings=settings,
        now=ground.now,
        random_bytes=ground.random_bytes,
        batches=parts.batches.clients,
        consent=Consent(requests=consent.requests, page_of=consent.page_of(settings.server.public_url)),
        signing=parts.signing,
        flows=parts.flows,
        signatures=stores.signatures,
        documents=stores.vault,
        archive=AuditedArchive(parts.archive, stores.archive.versions),
        archive_progress=parts.progress,
        verification=parts.checked[Face.API],
        gateway_verification=parts.checked[Face.GATEWAY],
        explain=Explainer(parts.pages),
        receipt=parts.receipts.receipt,
        clients=stores.clients,
        oauth=consent.oauth,
        ocsp=authority.answers,
        tsa=authority.tsa,
        crls=stores.crls,
        letters=build_letters(settings, stores.database, now=ground.now),
        events=SqlEvents(stores.database),
        webhooks=parts.webhooks.service,
        webhook_health=parts.webhooks.health,
        certificates=der_of(
            (label, certificate)
            for label, certificate in authority.hierarchy.certificates.items()
            if label in {ROOT_ID, *(each.id for each in authority.generations)}
        ),
        checks=checks,
        alarms=lambda: raised_by(parts.watches),
        timestamping=parts.authorities.counts,
        gate_counters=lambda: asdict(ground.hsm.gate.counters),
        health=_health(ground, parts, checks),
        stamps=StampOffice(
            desk=people.accounts.desk,
            catalogue=parts.service.acts.stamps,
            picture=ground.verification.pool.preview,
            public_url=settings.server.public_url,
            issuer=common_name(authority.hierarchy.issuing_ca),
            now=ground.now,
        ),
        csc=build_csc(
            settings,
            stores,
            ground.hsm,
            authority,
            authorities=parts.authorities,
            signing=parts.service,
            seals=parts.seals,
            oauth=consent.oauth,
            now=ground.now,
            random_bytes=ground.random_bytes,
        ),
        people=people,
        handovers=HandoverOffice(
            desk=people.accounts.desk, approvals=people.approvals, handing_over=consent.handing_over
        ),
        esign=_gateway(ground, parts),
    )


def _checks(ground: Ground, parts: Parts) -> tuple[HealthCheck, ...]:
    return (
        HealthCheck(name="database", ask=ground.stores.database.ping),
        HealthCheck(name="vault", ask=ground.stores.vault.ping),
        HealthCheck(name="hsm", ask=ground.hsm.vault.canary),
        *ground.authority.audit.checks(),
        *(watched(watch) for watch in parts.watches),
        HealthCheck(name="canary", ask=ground.canaries.sing),
    )


def _health(ground: Ground, parts: Parts, checks: tuple[HealthCheck, ...]) -> HealthOffice:
    return HealthOffice(
        desk=parts.people.accounts.desk,
        checks=checks,
        alarms=lambda: raised_by(parts.watches),
        endings=endings_of(ground.stores, ground.authority),
        timestamping=parts.authorities.counts,
        gate=lambda: asdict(ground.hsm.gate.counters),
        calendar=SqlArchiveCalendar(ground.stores.database),
        progress=parts.progress,
        now=ground.now,
    )


def _gateway(ground: Ground, parts: Parts) -> Esign:
    """For e-offices that speak the gateway's contract: with passphrases, seals and codes."""
    settings, stores, now = ground.settings, ground.stores, ground.now
    return build_esign(
        settings,
        stores.database,
        records=stores.signatures,
        vault=stores.vault,
        prove=parts.signing.prove,
        examine=parts.service.acts.examine,
        numbers=parts.people.numbers,
        now=now,
        random_bytes=ground.random_bytes,
        sealing=Sealing(
            seals=parts.seals,
            credentials=stores.credentials,
            sign=parts.service.sign_opened,
            quotas=quotas_of(settings, stores.database, now=now),
            mail=keeper_mail(settings, stores.database),
        ),
        coding=Coding(
            sessions=parts.consent.code_sessions,
            redeeming=parts.consent.redeeming,
            credentials=stores.credentials,
            sign=parts.service.sign_opened,
            quotas=quotas_of(settings, stores.database, now=now),
            mail=signer_mail(settings, stores.database),
        ),
    )
