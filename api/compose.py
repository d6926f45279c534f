"""The composition root: settings in, the running service out; every object of the process, in order, once."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException

from api.answers import PageHandler
from api.app import Pages, create_app
from api.explanation import Explainer
from api.faces.public.problems import ProblemPages
from api.faces.public.router import problem_pages, public_router
from api.faces.public.settings import PublicSettings
from api.faces.rest.browser import docs
from api.health import HealthCheck, certificates_in_date, crl_fresh
from api.hierarchy import PublishedHierarchy
from api.jobs import Job, running_jobs
from api.parts import (
    Authority,
    Hsm,
    Now,
    RandomBytes,
    Stores,
    Verification,
    build_authority,
    build_credentials,
    build_signing,
    open_hsm,
    open_stores,
    open_verification,
    require_schema,
)
from api.public_verification import Judges, RegisteredVerification
from api.seams import AuditedSigning, common_name, der_of, publish_all
from api.services import Services
from api.settings import Settings
from api.static.files import static_router
from ca.ceremony import ISSUING_CA_ID, ROOT_ID
from signer.credentials import CredentialService
from verifier.errors import VerifierError


def utc_now() -> datetime:
    """The clock of this process; the only place that reads it."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The whole service, composed: what answers, and what works by the clock."""

    app: Litestar
    services: Services
    jobs: tuple[Job, ...]
    stores: Stores
    authority: Authority
    credentials: CredentialService


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
        verification = closing.enter_context(open_verification(settings, stores, now))
        hsm = closing.enter_context(open_hsm(settings, random_bytes))
        authority = build_authority(settings, stores, hsm, now=now, random_bytes=random_bytes)
        public = public_verification(stores, verification)
        pages = public_settings(settings, authority.hierarchy)
        services = Services(
            settings=settings,
            now=now,
            random_bytes=random_bytes,
            signing=AuditedSigning(build_signing(settings, stores, hsm, authority, now=now, random_bytes=random_bytes)),
            signatures=stores.signatures,
            documents=stores.vault,
            verification=public,
            explain=Explainer(pages),
            clients=stores.clients,
            ocsp=authority.responder,
            tsa=authority.tsa,
            crls=stores.crls,
            certificates=der_of(
                (label, certificate)
                for label, certificate in authority.hierarchy.certificates.items()
                if label in (ROOT_ID, ISSUING_CA_ID)
            ),
            checks=_checks(stores, hsm, authority, now),
            gate_counters=lambda: asdict(hsm.gate.counters),
        )
        jobs = _jobs(settings, stores, authority, now)
        if settings.jobs.in_process:
            closing.enter_context(running_jobs(jobs))
        doors = Pages(
            handlers=[public_router(public, pages), docs, static_router()],
            problem=_page_problem(problem_pages(pages)),
        )
        yield Service(
            app=create_app(services, pages=doors),
            services=services,
            jobs=jobs,
            stores=stores,
            authority=authority,
            credentials=build_credentials(stores, hsm, authority, now=now, random_bytes=random_bytes),
        )


def public_settings(settings: Settings, hierarchy: PublishedHierarchy) -> PublicSettings:
    """What the citizen's pages say about this house."""
    root = common_name(hierarchy.root)
    return PublicSettings(
        office=settings.pki.organisation,
        domain=settings.server.public_url.split("//", 1)[1].split("/", 1)[0],
        max_document_size=settings.verification.max_document_bytes,
        own_issuers=frozenset({common_name(hierarchy.issuing_ca)}),
        test_anchors=frozenset({root} if settings.demonstration else ()),
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


def public_verification(stores: Stores, verification: Verification) -> RegisteredVerification:
    """Judging with the register's word beside it."""
    judges = Judges(
        by_upload=verification.service.by_upload,
        registered=lambda pdf, since: verification.service.registered(pdf, known_since=since),
        page_image=lambda pdf, page: verification.pool.preview(pdf, page=page),
    )
    return RegisteredVerification(judges=judges, log=stores.signatures, vault=stores.vault)


def _checks(stores: Stores, hsm: Hsm, authority: Authority, now: Now) -> tuple[HealthCheck, ...]:
    return (
        HealthCheck(name="database", ask=stores.database.ping),
        HealthCheck(name="vault", ask=stores.vault.ping),
        HealthCheck(name="hsm", ask=hsm.vault.canary),
        certificates_in_date(
            lambda: (
                authority.hierarchy.issuing_ca,
                authority.hierarchy.tsu,
                authority.responder.current().certificate,
            ),
            now=now,
        ),
        crl_fresh(stores.crls, ISSUING_CA_ID, now=now),
        crl_fresh(stores.crls, ROOT_ID, now=now),
    )


def _jobs(settings: Settings, stores: Stores, authority: Authority, now: Now) -> tuple[Job, ...]:
    patience = timedelta(seconds=settings.jobs.interrupted_after_seconds)

    def settle() -> int:
        """A signing that was reserved and never ended was interrupted; the log says so."""
        return stores.signatures.settle_abandoned(before=now() - patience, at=now())

    return (
        Job(name="crl", every=timedelta(minutes=1), run=lambda: publish_all(authority.publishers)),
        Job(name="responder", every=timedelta(hours=1), run=authority.responder.renew),
        Job(name="interrupted-signings", every=patience / 2, run=settle),
        Job(name="interrupted-issuing", every=timedelta(minutes=5), run=authority.issuance.reconcile),
        Job(name="expired-tokens", every=timedelta(hours=1), run=lambda: stores.clients.purge_expired_tokens(now())),
        Job(name="vault-drafts", every=timedelta(days=1), run=lambda: stores.vault.sweep(now())),
    )
