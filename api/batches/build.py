"""Batches, built once from the settings: what doors ask, what jobs do, and what runs by the clock."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from api.alarms import Alarm, Severity, Watch
from api.authority import Authority
from api.hsm import Hsm
from api.jobs import Job
from api.letters.build import quotas_of
from api.letters.once import HEADER
from api.problems import KEY_REUSED, RequestRefused
from api.seams.officials_keys import OfficialsKeys
from api.seams.own_ca import OwnSealIssuer
from api.settings import MIB, Settings
from api.stores import Stores
from signer.batch import BatchService
from signer.batch_model import FINISH, PREPARE, SEAL, Batch, BatchItem, BatchLimits, SealedUnder
from signer.batch_signing import ChunkSigning
from signer.batch_work import BatchWork
from signer.errors import BatchRefused
from signer.model import LetterMetadata, Secret, SigningTerms
from signer.seal_pins import SealPins
from signer.seals import SealService
from signer.service import SigningService
from store.audit import Origin, acting
from store.batches import SqlBatchStore
from store.credentials import SqlCredentialStore
from store.job_engine import Work
from store.job_queues import QUEUES
from store.job_watchdog import HEARTBEAT, SqlWatchdog
from store.jobs import SqlJobs
from store.seal_pins import SqlSealPins
from store.seals import SqlSeals

SEAL_STAMP: Final = "segel"
"""The stamp template of seals."""

_LANE: Final = "workers"


class ClientBatches:
    """What a client asks of batches. Every audit entry names the client."""

    def __init__(
        self,
        batches: BatchService,
        store: SqlBatchStore,
        signing: SigningService,
        seals: SealService,
        credentials: SqlCredentialStore,
    ) -> None:
        self._batches = batches
        self._seals = seals
        self._credentials = credentials
        self._signing = signing
        self.counts = store.counts
        """Documents by state, of a batch that the caller may see."""
        self.items = store.items
        """The same, one after the other."""

    def open(self, terms: SigningTerms, address: str | None, *, name: str | None = None) -> Batch:
        """A new, empty batch; of a seal only from an `address` and under a permission that stands. `name`: its id, by
        which one that was opened before a crash is found again; `RequestRefused` where that is another one."""
        with _as(terms.client_id):
            before = self._batches.find(name) if name is not None else None
            if before is not None:
                return _same(before, terms)
            credential = self._credentials.get(terms.credential_id)
            if credential is None or not credential.is_seal:
                return self._batches.open(terms, id=name)
            return self._batches.open(sealing(terms), seal=self._sealed_under(terms, address), id=name)

    def get(self, batch_id: str, client_id: str) -> Batch:
        """A batch of this client."""
        return self._batches.get(batch_id, client_id)

    def item(self, batch_id: str, client_id: str, position: int) -> BatchItem:
        """One document of a batch of this client."""
        return self._batches.item(batch_id, client_id, position)

    def receive(self, batch_id: str, client_id: str, document: bytes, letter: LetterMetadata) -> BatchItem:
        """One more document."""
        with _as(client_id):
            return self._batches.receive(batch_id, client_id, document, letter)

    def close(self, batch_id: str, client_id: str, address: str | None) -> Batch:
        """No more documents; from now on a seal's batch is sealed, under the permission that stands now."""
        with _as(client_id):
            return self._batches.close(batch_id, client_id, seal=self._again(batch_id, client_id, address))

    def consent(self, batch_id: str, client_id: str, passphrase: Secret, digests: frozenset[str] | None = None) -> int:
        """The signatory's consent, given with the passphrase; how many documents are signed by it."""
        with _as(client_id):
            batch = self._batches.get(batch_id, client_id)
            self._batches.count(batch_id, client_id, digests)  # a full quota costs nobody an attempt
            key = self._signing.open(batch.terms.credential_id, passphrase)
            return self._batches.consent(batch_id, key, client_id, digests)

    def retry(self, batch_id: str, client_id: str, address: str | None) -> Batch:
        """What failed begins anew; of a seal under the permission that stands now."""
        with _as(client_id):
            return self._batches.retry(batch_id, client_id, seal=self._again(batch_id, client_id, address))

    def cancel(self, batch_id: str, client_id: str) -> Batch:
        """What has no signature never gets one."""
        with _as(client_id):
            return self._batches.cancel(batch_id, client_id)

    def _again(self, batch_id: str, client_id: str, address: str | None) -> SealedUnder | None:
        batch = self._batches.get(batch_id, client_id)
        return None if batch.seal is None else self._sealed_under(batch.terms, address)

    def _sealed_under(self, terms: SigningTerms, address: str | None) -> SealedUnder:
        permission = self._seals.permission_for(terms.credential_id, terms.client_id, address)
        return SealedUnder(permission_id=permission.id, address=address or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """Batches in this process."""

    clients: ClientBatches
    service: BatchService
    store: SqlBatchStore
    works: tuple[Work, ...]
    """For the worker, where one runs here."""
    timed: tuple[Job, ...]
    """By the clock, in every process that runs the timed jobs."""
    watch: Watch
    """What became of jobs over which workers kept dying."""


def build_batches(
    settings: Settings,
    stores: Stores,
    hsm: Hsm,
    signing: SigningService,
    seals: SealService,
    *,
    now: Callable[[], datetime],
    random_bytes: Callable[[int], bytes],
) -> Batches:
    """Over the same acts as single documents."""
    jobs, watchdog = SqlJobs(stores.database), SqlWatchdog(stores.database)
    store = SqlBatchStore(stores.database, jobs)
    keys = OfficialsKeys(hsm.vault)
    chunks = ChunkSigning(acts=signing.acts, batches=store, credentials=stores.credentials, keys=keys, now=now)
    service = BatchService(
        acts=signing.acts,
        batches=store,
        activations=stores.activations,
        signing=chunks,
        limits=BatchLimits(documents=settings.signing.batch_documents, bytes=settings.signing.batch_mebibytes * MIB),
        now=now,
        random_bytes=random_bytes,
        quotas=quotas_of(settings, stores.database, now=now),
    )
    work = BatchWork(
        acts=signing.acts,
        batches=store,
        credentials=stores.credentials,
        signing=chunks,
        open_seal=seals.open,
        now=now,
        sleep=time.sleep,
    )
    return Batches(
        clients=ClientBatches(service, store, signing, seals, stores.credentials),
        service=service,
        store=store,
        works=tuple(
            Work(name=name, queue=QUEUES[name], run=run)
            for name, run in ((PREPARE, work.prepare), (FINISH, work.finish), (SEAL, work.seal))
        ),
        timed=(
            Job(name="rescue", every=3 * HEARTBEAT, run=lambda: watchdog.rescue(at=now()), lane=_LANE),
            *_timed(settings, service, store, jobs, now),
            Job(name="seals-to-newest-kek", every=timedelta(hours=1), run=seals.move_to_newest),
        ),
        watch=Watch(name="jobs", look=lambda: _given_up(watchdog)),
    )


def _timed(
    settings: Settings, service: BatchService, store: SqlBatchStore, jobs: SqlJobs, now: Callable[[], datetime]
) -> tuple[Job, ...]:
    def end_abandoned() -> int:
        left = store.abandoned(before=now() - timedelta(days=settings.jobs.batch_days))
        return _cancelled(service, left)

    def forget() -> int:
        return jobs.forget_ended(before=now() - timedelta(days=settings.jobs.keep_days))

    return (
        Job(name="abandoned-batches", every=timedelta(hours=1), run=end_abandoned),
        Job(name="ended-jobs", every=timedelta(days=1), run=forget),
    )


def _given_up(watchdog: SqlWatchdog) -> tuple[Alarm, ...]:
    count = watchdog.given_up()
    if not count:
        return ()
    text = f"{count} jobs were cancelled because three workers fell silent over each: look for the batch, and retry it"
    return (Alarm(name="jobs-given-up", severity=Severity.WARNING, text=text),)


def _cancelled(service: BatchService, batches: Sequence[Batch]) -> int:
    """How many were ended; one that somebody else ended meanwhile is ended as well."""
    done = 0
    for batch in batches:
        try:
            service.cancel(batch.id, batch.terms.client_id)
        except BatchRefused:
            continue
        done += 1
    return done


def build_seals(
    stores: Stores,
    hsm: Hsm,
    authority: Authority,
    *,
    now: Callable[[], datetime],
    random_bytes: Callable[[int], bytes],
) -> SealService:
    """Seals with keys of our HSM and certificates of our CA."""
    own = OwnSealIssuer(
        issuer_id_of=lambda certificate: authority.hierarchy.issuer_of(certificate).id,
        issuance=authority.issuance,
        revocation=authority.revocation,
        issuers=(authority.hierarchy.issuing_ca, authority.hierarchy.root),
    )
    return SealService(
        seals=SqlSeals(stores.database),
        credentials=stores.credentials,
        keys=OfficialsKeys(hsm.vault),
        issuer=own,
        pins=SealPins(SqlSealPins(stores.database), now=now, random_bytes=random_bytes),
        now=now,
        random_bytes=random_bytes,
    )


def sealing(terms: SigningTerms) -> SigningTerms:
    """The stamp of a seal says that it is one, unless another one is asked for."""
    stamp = terms.stamp
    if stamp is None or stamp.template is not None:
        return terms
    return replace(terms, stamp=replace(stamp, template=SEAL_STAMP))


def _same(before: Batch, terms: SigningTerms) -> Batch:
    if before.terms not in (terms, sealing(terms)):
        raise RequestRefused(KEY_REUSED, "This key opened another batch.", field=HEADER, reason="reused")
    return before


def _as(client_id: str) -> AbstractContextManager[None]:
    return acting(Origin(actor=client_id, role="client"))
