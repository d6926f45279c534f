"""The parts of the service, each built once over the same ground."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.alarms import Watch
from api.archive import KeptProgress, build_archive
from api.audit.place import place_alarms
from api.batches.build import Batches, build_batches, build_seals
from api.bulk.build import bulk_jobs
from api.composition.ground import Ground
from api.composition.public import public_settings, public_verification
from api.consent.beside import beside
from api.consent.build import ConsentParts, build_consent
from api.esign.mail import reachable
from api.events.build import Webhooks, build_webhooks
from api.faces.public.settings import PublicSettings
from api.jobs import Job
from api.letters.build import build_flows
from api.office.build import People
from api.parts import build_credentials, build_office, build_outside_stamping, build_signing, build_timestamping
from api.public_verification import RegisteredVerification
from api.receipts.build import build_receipts
from api.receipts.office import ReceiptOffice
from api.reports_of_fakes import build_fake_reports, fakes_watch
from api.seams.audited_signing import AuditedSigning
from api.seams.pages_text import PagesText
from api.verification_counts import Face, VerificationTally
from api.watches import watches_of
from signer.archive import ArchiveService
from signer.credentials import CredentialService
from signer.fakes import FakeReports
from signer.seals import SealService
from signer.service import SigningService
from signer.timestamping import TimestampAuthorities
from signer.workflow import Flows
from store.verification_counts import SqlVerificationCounts

Start = Callable[[Callable[[], None]], None]
"""Begins work that goes on after its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What stands on the ground, before anybody asks for it over HTTP."""

    credentials: CredentialService
    seals: SealService
    people: People
    authorities: TimestampAuthorities
    service: SigningService
    signing: AuditedSigning
    """The same, with the client in every audit entry."""
    batches: Batches
    flows: Flows
    consent: ConsentParts
    archive: ArchiveService
    progress: KeptProgress
    webhooks: Webhooks
    tally: VerificationTally
    checked: dict[Face, RegisteredVerification]
    pages: PublicSettings
    receipts: ReceiptOffice
    fakes: FakeReports
    watches: tuple[Watch, ...]
    jobs: tuple[Job, ...]
    """Of imports, other issuers and the outside stamp; further parts bring theirs themselves."""


@contextmanager
def open_parts(ground: Ground) -> Iterator[Parts]:
    """What was counted is written, and what was begun is finished, when the block ends."""
    tally = VerificationTally(SqlVerificationCounts(ground.stores.database), now=ground.now)
    with tally.kept(), beside() as start:
        yield _built(ground, tally, start)


def _built(ground: Ground, tally: VerificationTally, start: Start) -> Parts:
    """1. Keys and people. 2. Time, and what outlives it. 3. Signing, alone and together. 4. Judging, and what is seen
    of it. 5. What is watched."""
    settings, stores, hsm, authority = ground.settings, ground.stores, ground.hsm, ground.authority
    now, random_bytes = ground.now, ground.random_bytes

    credentials = build_credentials(stores, hsm, authority, now=now, random_bytes=random_bytes)
    seals = build_seals(stores, hsm, authority, now=now, random_bytes=random_bytes)
    people = build_office(settings, stores, authority, credentials, seals, now=now, random_bytes=random_bytes)

    authorities = build_timestamping(settings, authority, now=now, random_bytes=random_bytes)
    archive = build_archive(settings, stores, authority, authorities, ground.verification, now=now)
    progress = KeptProgress(look=lambda at: stores.archive.progress(at=at), now=now)

    service = build_signing(
        settings,
        stores,
        hsm,
        authority,
        authorities,
        now=now,
        random_bytes=random_bytes,
        texts=PagesText(ground.verification.pool),
    )
    signing = AuditedSigning(service)
    batches = build_batches(settings, stores, hsm, service, seals, now=now, random_bytes=random_bytes)
    flows = build_flows(settings, stores.database, stores.vault, service, signing, now=now, random_bytes=random_bytes)
    webhooks = build_webhooks(settings, stores.database, hsm, now=now, random_bytes=random_bytes)

    pages = public_settings(settings, authority.hierarchy)
    fakes = build_fake_reports(stores.database, now=now)
    bulk, bulk_watches = bulk_jobs(settings, stores.database, stores.crls, authority.hierarchy, now=now)
    stamping, stamping_watches = build_outside_stamping(settings, stores, now=now, random_bytes=random_bytes)
    return Parts(
        credentials=credentials,
        seals=seals,
        people=people,
        authorities=authorities,
        service=service,
        signing=signing,
        batches=batches,
        flows=flows,
        consent=build_consent(
            settings,
            stores,
            hsm,
            signing=service,
            credentials=credentials,
            batches=batches.service,
            batch_items=batches.store,
            flows=flows,
            picture=lambda pdf, page: ground.verification.pool.preview(pdf, page=page),
            sheets=ground.verification.pool.page_sizes,
            beside=start,
            reachable=reachable(settings, stores.database),
            now=now,
            random_bytes=random_bytes,
        ),
        archive=archive,
        progress=progress,
        webhooks=webhooks,
        tally=tally,
        checked={face: public_verification(stores, ground.verification, tally.at(face)) for face in Face},
        pages=pages,
        receipts=build_receipts(
            settings,
            pages,
            trail=stores.audit,
            credentials=stores.credentials,
            seals=seals,
            acts=service.acts,
            now=now,
        ),
        fakes=fakes,
        watches=(
            *watches_of(settings, stores, authority, authorities, now),
            *bulk_watches,
            *stamping_watches,
            progress.watch(),
            fakes_watch(fakes),
            Watch(name="audit-place", look=lambda: place_alarms(settings)),
            batches.watch,
            webhooks.watch,
        ),
        jobs=(*bulk, *stamping),
    )
