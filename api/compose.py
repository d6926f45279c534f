"""The composition root: settings in, the running service out; every object of the process, in order, once."""

import secrets
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog
from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException

from api.alarms import Watch, raised_by, tell
from api.answers import PageHandler
from api.app import Pages, create_app
from api.archive import AuditedArchive, KeptProgress, OutsideUnits, build_archive
from api.audit.place import place_alarms, require_place
from api.authority import Authority, build_authority
from api.batches.build import build_batches, build_seals, heartbeat
from api.bulk.build import bulk_jobs, keeper_mail
from api.consent.beside import beside
from api.consent.build import ConsentParts, build_consent
from api.csc.build import build_csc
from api.custody import StoredCanaries, tidy_token
from api.endings import endings_of
from api.esign.build import Coding, Sealing, build_esign, esign_jobs
from api.esign.mail import reachable, signer_mail
from api.events.build import build_webhooks
from api.explanation import Explainer
from api.faces.console.router import console_router
from api.faces.desk.router import desk_router
from api.faces.public.enrolment import enrolment_router
from api.faces.public.problems import ProblemPages
from api.faces.public.router import problem_pages, public_router
from api.faces.public.settings import PublicSettings
from api.faces.rest.browser import docs
from api.generations import publish_all, renew_responders
from api.given import Now, RandomBytes
from api.health import HealthCheck, watched
from api.hierarchy import PublishedHierarchy, common_name, der_of
from api.hsm import Hsm, hsm_settings, open_hsm
from api.jobs import STATUS, Job, running_jobs
from api.letters.build import build_flows, build_letters, forget_old, note_kinds, quotas_of
from api.office.entrance import build_entrance, console_doors
from api.office.handovers import HandoverOffice
from api.office.health import HealthOffice
from api.office.identity_key import require_identity_key
from api.office.stamps import StampOffice
from api.parts import build_credentials, build_office, build_outside_stamping, build_signing, build_timestamping
from api.public_verification import Judges, RegisteredVerification
from api.receipts.build import build_receipts
from api.reports_of_fakes import build_fake_reports, fakes_watch
from api.seams.audited_signing import AuditedSigning
from api.seams.pages_text import PagesText
from api.services import Consent, Services
from api.settings import Settings
from api.static.files import static_router
from api.stores import Stores, open_stores, require_schema
from api.verification import Verification, open_verification
from api.verification_counts import Face, Note, VerificationTally
from api.watches import watches_of
from ca.ceremony import ROOT_ID
from hsm_config.gate import Gate
from signer.archive import ArchiveService
from signer.credentials import CredentialService
from signer.seals import SealService
from signer.timestamping import TimestampAuthorities
from store.archive_calendar import SqlArchiveCalendar
from store.events import SqlEvents
from store.foreign_addresses import SqlStatusAddresses
from store.job_engine import Work
from store.job_worker import running_worker
from store.letters import SqlLetters
from store.oauth import SqlOAuthRequests
from store.oauth_tokens import SqlOAuthTokens
from store.verification_counts import SqlVerificationCounts
from verifier.errors import VerifierError

_log = structlog.get_logger("teken.start")


def utc_now() -> datetime:
    """The clock of this process; the only place that reads it."""
    return datetime.now(UTC)


PORTION: Final = 100
"""Certificates whose OCSP answers one run of the job signs anew: about 0.3 s of the HSM, 36,000 in an hour."""


ENDED_KEPT: Final = timedelta(days=1)
"""How long tokens are known that have ended: whoever still brings one hears that it is over."""
ALARMS_EVERY: Final = timedelta(minutes=15)
"""How often alarms are written to the log; readiness and metrics tell them at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The whole service, composed: what answers, and what works by the clock."""

    app: Litestar
    services: Services
    jobs: tuple[Job, ...]
    works: tuple[Work, ...]
    """What a worker does."""
    stores: Stores
    authority: Authority
    credentials: CredentialService
    seals: SealService
    consent: ConsentParts


@contextmanager
def compose(
    settings: Settings, *, now: Now = utc_now, random_bytes: RandomBytes = secrets.token_bytes
) -> Iterator[Service]:
    """Build the service from its settings; everything it opened is closed when the block ends.

    Call it before the event loop starts, in the process that serves. Raises the configuration errors of each part.
    """
    with ExitStack() as closing:
        stores = closing.enter_context(open_stores(settings))
        require_schema(stores)
        require_place(settings)
        require_identity_key(settings.people.identity_key_file, stores.database)
        note_kinds(settings, stores.database, now=now)
        verification = closing.enter_context(open_verification(settings, stores, now))
        tidy = partial(_tidy, settings, stores, now)
        hsm = closing.enter_context(open_hsm(settings, random_bytes, tidy=tidy))
        canaries = StoredCanaries(stores.custody, hsm.vault, now=now)
        canaries.store_missing()
        authority = build_authority(settings, stores, hsm, now=now, random_bytes=random_bytes)
        credentials = build_credentials(stores, hsm, authority, now=now, random_bytes=random_bytes)
        seals = build_seals(stores, hsm, authority, now=now, random_bytes=random_bytes)
        people = build_office(settings, stores, authority, credentials, seals, now=now, random_bytes=random_bytes)
        letters = build_letters(settings, stores.database, now=now)
        tally = VerificationTally(SqlVerificationCounts(stores.database), now=now)
        closing.enter_context(tally.kept())
        checked = {face: public_verification(stores, verification, tally.at(face)) for face in Face}
        pages = public_settings(settings, authority.hierarchy)
        bulk, bulk_watches = bulk_jobs(
            settings,
            stores.database,
            stores.crls,
            authority.hierarchy,
            now=now,
        )
        stamping, stamping_watches = build_outside_stamping(settings, stores, now=now, random_bytes=random_bytes)
        authorities = build_timestamping(settings, authority, now=now, random_bytes=random_bytes)
        place = Watch(name="audit-place", look=lambda: place_alarms(settings))
        archive = build_archive(settings, stores, authority, authorities, verification, now=now)
        progress = KeptProgress(look=lambda at: stores.archive.progress(at=at), now=now)
        fakes = build_fake_reports(stores.database, now=now)
        watches = (
            *watches_of(settings, stores, authority, authorities, now),
            *bulk_watches,
            *stamping_watches,
            progress.watch(),
            fakes_watch(fakes),
            place,
        )
        service = build_signing(
            settings,
            stores,
            hsm,
            authority,
            authorities,
            now=now,
            random_bytes=random_bytes,
            texts=PagesText(verification.pool),
        )
        batches = build_batches(settings, stores, hsm, service, seals, now=now, random_bytes=random_bytes)
        webhooks = build_webhooks(settings, stores.database, hsm, now=now, random_bytes=random_bytes)
        watches = (*watches, batches.watch, webhooks.watch)
        signing = AuditedSigning(service)
        flows = build_flows(
            settings, stores.database, stores.vault, service, signing, now=now, random_bytes=random_bytes
        )
        consent = build_consent(
            settings,
            stores,
            hsm,
            signing=service,
            credentials=credentials,
            batches=batches.service,
            batch_items=batches.store,
            flows=flows,
            picture=lambda pdf, page: verification.pool.preview(pdf, page=page),
            sheets=verification.pool.page_sizes,
            beside=closing.enter_context(beside()),
            reachable=reachable(settings, stores.database),
            now=now,
            random_bytes=random_bytes,
        )
        receipts = build_receipts(
            settings,
            pages,
            trail=stores.audit,
            credentials=stores.credentials,
            seals=seals,
            acts=service.acts,
            now=now,
        )
        checks = (*_checks(stores, hsm, authority, watches), HealthCheck(name="canary", ask=canaries.sing))
        services = Services(
            settings=settings,
            now=now,
            random_bytes=random_bytes,
            batches=batches.clients,
            consent=Consent(requests=consent.requests, page_of=consent.page_of(settings.server.public_url)),
            signing=signing,
            flows=flows,
            signatures=stores.signatures,
            documents=stores.vault,
            archive=AuditedArchive(archive, stores.archive.versions),
            archive_progress=progress,
            verification=checked[Face.API],
            gateway_verification=checked[Face.GATEWAY],
            explain=Explainer(pages),
            receipt=receipts.receipt,
            clients=stores.clients,
            oauth=consent.oauth,
            ocsp=authority.answers,
            tsa=authority.tsa,
            crls=stores.crls,
            letters=letters,
            events=SqlEvents(stores.database),
            webhooks=webhooks.service,
            webhook_health=webhooks.health,
            certificates=der_of(
                (label, certificate)
                for label, certificate in authority.hierarchy.certificates.items()
                if label in {ROOT_ID, *(each.id for each in authority.generations)}
            ),
            checks=checks,
            alarms=lambda: raised_by(watches),
            timestamping=authorities.counts,
            gate_counters=lambda: asdict(hsm.gate.counters),
            health=HealthOffice(
                desk=people.accounts.desk,
                checks=checks,
                alarms=lambda: raised_by(watches),
                endings=endings_of(stores, authority),
                timestamping=authorities.counts,
                gate=lambda: asdict(hsm.gate.counters),
                calendar=SqlArchiveCalendar(stores.database),
                progress=progress,
                now=now,
            ),
            stamps=StampOffice(
                desk=people.accounts.desk,
                catalogue=service.acts.stamps,
                picture=verification.pool.preview,
                public_url=settings.server.public_url,
                issuer=common_name(authority.hierarchy.issuing_ca),
                now=now,
            ),
            csc=build_csc(
                settings,
                stores,
                hsm,
                authority,
                authorities=authorities,
                signing=service,
                seals=seals,
                oauth=consent.oauth,
                now=now,
                random_bytes=random_bytes,
            ),
            people=people,
            handovers=HandoverOffice(
                desk=people.accounts.desk, approvals=people.approvals, handing_over=consent.handing_over
            ),
            esign=build_esign(
                settings,
                stores.database,
                records=stores.signatures,
                vault=stores.vault,
                prove=signing.prove,
                examine=service.acts.examine,
                numbers=people.numbers,
                now=now,
                random_bytes=random_bytes,
                sealing=Sealing(
                    seals=seals,
                    credentials=stores.credentials,
                    sign=service.sign_opened,
                    quotas=quotas_of(settings, stores.database, now=now),
                    mail=keeper_mail(settings, stores.database),
                ),
                coding=Coding(
                    sessions=consent.code_sessions,
                    redeeming=consent.redeeming,
                    credentials=stores.credentials,
                    sign=service.sign_opened,
                    quotas=quotas_of(settings, stores.database, now=now),
                    mail=signer_mail(settings, stores.database),
                ),
            ),
        )
        jobs = (
            Job(name="canary", every=timedelta(minutes=1), run=canaries.sing),
            *_jobs(settings, stores, authority, now),
            *bulk,
            *stamping,
            *_archive_jobs(settings, stores, authority, authorities, archive, now=now, random_bytes=random_bytes),
            *batches.timed,
            *webhooks.jobs,
            *consent.jobs,
            *esign_jobs(settings, stores.database, now=now),
            Job(name="alarms", every=ALARMS_EVERY, run=lambda: tell(watches)),
        )
        closing.enter_context(running_jobs([authority.clock.job(), tally.job()]))  # in every process, also without jobs
        if settings.jobs.in_process:
            closing.enter_context(working(settings, stores, batches.works, now))
            closing.enter_context(running_jobs(jobs))
        problem = _page_problem(problem_pages(pages))
        entrance = build_entrance(settings, stores.database, hsm, now=now, random_bytes=random_bytes)
        doors = Pages(
            handlers=[
                desk_router(consent.doors, problem),
                public_router(checked[Face.PAGE], pages, receipts.receipt, fakes),
                console_router(console_doors(settings, services, people, entrance, now=now)),
                enrolment_router(people.registrations, pages, add_factors=consent.first_factors),
                docs,
                static_router(),
            ],
            problem=problem,
        )
        yield Service(
            app=create_app(services, pages=doors),
            services=services,
            jobs=jobs,
            works=batches.works,
            stores=stores,
            authority=authority,
            credentials=credentials,
            seals=seals,
            consent=consent,
        )


def _archive_jobs(
    settings: Settings,
    stores: Stores,
    authority: Authority,
    authorities: TimestampAuthorities,
    archive: ArchiveService,
    *,
    now: Now,
    random_bytes: RandomBytes,
) -> tuple[Job, ...]:
    units = OutsideUnits(
        authorities,
        SqlStatusAddresses(stores.database),
        own_root=authority.hierarchy.root,
        now=now,
        random_bytes=random_bytes,
    )
    portion = settings.archive.each_run
    return (
        Job(name="outside-units", every=timedelta(minutes=10), run=units.learn),
        Job(name="renewals", every=timedelta(hours=1), run=lambda: archive.renew_due(portion), lane="archive"),
    )


@contextmanager
def working(settings: Settings, stores: Stores, works: Sequence[Work], now: Now) -> Iterator[None]:
    """A worker in this process, until the block ends; not to be entered while an event loop runs in this thread."""
    name = settings.jobs.worker or socket.gethostname()
    at_once = settings.jobs.at_once
    with (
        running_worker(stores.database, works, name=name, at_once=at_once, now=now) as watchdog,
        running_jobs([heartbeat(watchdog, name, now)]),
    ):
        yield


def _tidy(settings: Settings, stores: Stores, now: Now, gate: Gate) -> None:
    """At start: what killed writers left on the token goes, and the log says what else is odd there."""
    for line in tidy_token(hsm_settings(settings), settings.pki.certificates, stores, gate, now=now):
        _log.warning("token", said=line)


def public_settings(settings: Settings, hierarchy: PublishedHierarchy) -> PublicSettings:
    """What the citizen's pages say about this house."""
    root = common_name(hierarchy.root)
    return PublicSettings(
        office=settings.pki.organisation,
        domain=settings.server.public_url.split("//", 1)[1].split("/", 1)[0],
        max_document_size=settings.verification.max_document_bytes,
        own_issuers=frozenset(map(common_name, hierarchy.authorities)),
        test_anchors=frozenset({root} if settings.demonstration else ()),
        report_url=settings.server.report_url,
    )


def _page_problem(pages: ProblemPages) -> PageHandler:
    """What people read where no page is, or where something failed."""

    def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        if isinstance(error, HTTPException):
            return pages.http(request, error)
        if isinstance(error, VerifierError):
            return pages.verification(request, error)
        return pages.unexpected(request, error)

    return answer


def public_verification(
    stores: Stores, verification: Verification, note: Note = lambda _: None
) -> RegisteredVerification:
    """Judging with the register's word beside it; `note` is told how each check ended."""
    judges = Judges(
        by_upload=verification.service.by_upload,
        registered=lambda pdf, since: verification.service.registered(pdf, known_since=since),
        page_image=lambda pdf, page: verification.pool.preview(pdf, page=page),
        compare=lambda pdf, revision: verification.pool.compare(pdf, end=revision.end, first=revision.pages),
    )
    return RegisteredVerification(
        judges=judges,
        log=stores.signatures,
        vault=stores.vault,
        versions=stores.archive.versions,
        standing=SqlLetters(stores.database).standing,
        code_of=lambda sha256: stores.register.relation(sha256=sha256, prefix_sha256s=())[1],
        note=note,
    )


def _checks(stores: Stores, hsm: Hsm, authority: Authority, watches: Sequence[Watch]) -> tuple[HealthCheck, ...]:
    return (
        HealthCheck(name="database", ask=stores.database.ping),
        HealthCheck(name="vault", ask=stores.vault.ping),
        HealthCheck(name="hsm", ask=hsm.vault.canary),
        *authority.audit.checks(),
        *(watched(watch) for watch in watches),
    )


def _jobs(settings: Settings, stores: Stores, authority: Authority, now: Now) -> tuple[Job, ...]:
    patience = timedelta(seconds=settings.jobs.interrupted_after_seconds)

    def settle() -> int:
        """A signing that was reserved and never ended was interrupted; the log says so."""
        return stores.signatures.settle_abandoned(before=now() - patience, at=now())

    return (
        *authority.audit.jobs(),
        Job(
            name="crl",
            every=timedelta(seconds=10),
            run=lambda: publish_all(authority.publishers),
            lane=STATUS,
            wake=authority.crl_wanted,
        ),
        Job(name="ocsp-answers", every=timedelta(seconds=10), run=lambda: authority.answers.renew_due(PORTION)),
        Job(name="responder", every=timedelta(hours=1), run=lambda: renew_responders(authority.generations)),
        Job(name="tsu", every=timedelta(hours=1), run=authority.units.renew),
        Job(name="retired-keys", every=timedelta(hours=1), run=lambda: authority.own.destroy_retired(stores.audit)),
        Job(name="interrupted-signings", every=patience / 2, run=settle),
        Job(name="interrupted-issuing", every=timedelta(minutes=5), run=authority.issuance.reconcile),
        Job(name="expired-requests", every=timedelta(hours=1), run=lambda: forget_old(stores.database, now())),
        Job(name="expired-tokens", every=timedelta(hours=1), run=lambda: _forget_tokens(stores, now() - ENDED_KEPT)),
        Job(name="vault-drafts", every=timedelta(days=1), run=lambda: stores.vault.sweep(now())),
    )


def _forget_tokens(stores: Stores, before: datetime) -> int:
    """What ended before then, of tokens and of requests for them."""
    requests, tokens = SqlOAuthRequests(stores.database), SqlOAuthTokens(stores.database)
    return stores.clients.purge_expired_tokens(before) + requests.purge(before=before) + tokens.purge(before=before)
