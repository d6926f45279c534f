"""The composition root: settings in, the running service out; every object of the process, in order, once."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from litestar import Litestar

from api.app import create_app
from api.authority import Authority
from api.composition.doors import doors_of
from api.composition.ground import open_ground
from api.composition.jobs import jobs_of
from api.composition.parts import open_parts
from api.composition.services import services_of
from api.composition.working import working
from api.consent.build import ConsentParts
from api.given import Now, RandomBytes, utc_now
from api.jobs import Job, running_jobs
from api.services import Services
from api.settings import Settings
from api.stores import Stores
from signer.credentials import CredentialService
from signer.seals import SealService
from store.job_engine import Work


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

    1. The ground: database, judging processes, token, CA.
    2. The parts: who signs, certifies, registers, asks for consent.
    3. What faces need of them, as one record; what works by the clock.
    4. The clock is watched in every process; the jobs run where the settings say so.
    5. The doors, and the application over all of it.

    Call it before the event loop starts, in the process that serves. Raises the configuration errors of each part.
    """
    with ExitStack() as closing:
        ground = closing.enter_context(open_ground(settings, now=now, random_bytes=random_bytes))
        parts = closing.enter_context(open_parts(ground))
        services, jobs = services_of(ground, parts), jobs_of(ground, parts)
        closing.enter_context(running_jobs([ground.authority.clock.job(), parts.tally.job()]))
        if settings.jobs.in_process:
            closing.enter_context(working(settings, ground.stores, parts.batches.works, now))
            closing.enter_context(running_jobs(jobs))
        yield Service(
            app=create_app(services, pages=doors_of(ground, parts, services)),
            services=services,
            jobs=jobs,
            works=parts.batches.works,
            stores=ground.stores,
            authority=ground.authority,
            credentials=parts.credentials,
            seals=parts.seals,
            consent=parts.consent,
        )
