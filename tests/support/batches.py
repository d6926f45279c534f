"""Batches over real stores and software keys; the jobs are run by hand, so that a test decides when, and how often."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from signer.batch import BatchService
from signer.batch_model import CHUNK, Batch, BatchLimits, ItemState
from signer.batch_signing import ChunkSigning
from signer.batch_work import BatchWork
from signer.model import LetterMetadata, OpenKey, Secret, SigningTerms
from signer.quotas import Limits, Quotas
from signer.seal_pins import SealPins
from signer.seals import SealService
from signer.service import SigningService
from signer.timestamping import TimestampAuthorities
from store.activations import SqlActivationStore
from store.audit import AuditTrail
from store.batches import SqlBatchStore
from store.credentials import SqlCredentialStore
from store.database import Database
from store.documents import FileVault, open_vault
from store.jobs import SqlJobs
from store.quotas import SqlQuotas
from store.seal_pins import SqlSealPins
from store.seals import SqlSeals
from store.signatures import SqlSignatureLog
from tests.support.letters import letter
from tests.support.signer_memory import MemorySealKeys, PkiIssuer, PkiStatusSource, PkiTimestamper
from tests.support.signing import CREDENTIAL, PASSPHRASE, Desk, counted_bytes

CLIENT = "e-office"


def letters(count: int) -> list[bytes]:
    """So many different documents."""
    return [letter() + f"\n% {number}\n".encode() for number in range(count)]


@dataclass
class BatchOffice:
    """Everything around batches, with a database of its own."""

    database: Database
    folder: Path
    limits: BatchLimits = field(default_factory=BatchLimits)
    most: Limits = field(default_factory=Limits)
    """What the client may sign."""

    def __post_init__(self) -> None:
        self.desk = Desk()
        self.credentials = SqlCredentialStore(self.database)
        known = self.desk.credentials.get(CREDENTIAL)
        assert known is not None
        self.credentials.add(known, actor="registrar", at=self.desk.clock)
        self.vault: FileVault = open_vault(self.folder / "vault")  # type: ignore[assignment] - a folder
        self.log = SqlSignatureLog(self.database)
        self.trail = AuditTrail(self.database)
        self.jobs = SqlJobs(self.database)
        self.store = SqlBatchStore(self.database, self.jobs)
        self.timestamper = PkiTimestamper(pki=self.desk.pki)
        activations = SqlActivationStore(self.database)
        self.signing = SigningService(
            credentials=self.credentials,
            keys=self.desk.software,
            activations=activations,
            log=self.log,
            vault=self.vault,
            authorities=TimestampAuthorities([self.timestamper], now=self.now),
            status=PkiStatusSource(pki=self.desk.pki),
            verify_url=lambda code: f"https://tte.contoh.go.id/v/{code.token}",
            now=self.now,
            random_bytes=counted_bytes(),
        )
        self.seals = SealService(
            seals=SqlSeals(self.database),
            credentials=self.credentials,
            keys=MemorySealKeys(self.desk.software),
            issuer=PkiIssuer(pki=self.desk.pki),
            pins=SealPins(SqlSealPins(self.database), now=self.now, random_bytes=counted_bytes()),
            now=self.now,
            random_bytes=counted_bytes(),
        )
        acts = self.signing.acts
        chunks = ChunkSigning(
            acts=acts, batches=self.store, credentials=self.credentials, keys=self.desk.software, now=self.now
        )
        self.service = BatchService(
            acts=acts,
            batches=self.store,
            activations=activations,
            signing=chunks,
            limits=self.limits,
            now=self.now,
            random_bytes=counted_bytes(),
            quotas=Quotas(SqlQuotas(self.database), client=self.most, credential=Limits(), now=self.now),
        )
        self.work = BatchWork(
            acts=acts,
            batches=self.store,
            credentials=self.credentials,
            signing=chunks,
            open_seal=self.seals.open,
            now=self.now,
            sleep=lambda _: None,
        )

    def now(self) -> datetime:
        return self.desk.clock

    def filled(self, documents: list[bytes], **terms: object) -> Batch:
        """A closed batch of these documents."""
        wanted = SigningTerms(**{"credential_id": CREDENTIAL, "client_id": CLIENT} | terms)  # type: ignore[arg-type]
        batch = self.service.open(wanted)
        for document in documents:
            self.service.receive(batch.id, CLIENT, document, LetterMetadata())
        return self.service.close(batch.id, CLIENT)

    def prepare(self, batch: Batch) -> None:
        """What the jobs of preparing do."""
        for chunk in self.chunks(batch):
            self.work.prepare(batch.id, chunk)

    def finish(self, batch: Batch) -> None:
        """What the jobs of finishing do."""
        for chunk in self.chunks(batch):
            self.work.finish(batch.id, chunk)

    def key(self, passphrase: str = PASSPHRASE) -> OpenKey:
        """The signatory's key, opened."""
        return self.signing.open(CREDENTIAL, Secret(passphrase))

    def consent(self, batch: Batch, digests: frozenset[str] | None = None) -> int:
        """The signatory's consent, as the door takes it."""
        self.service.count(batch.id, CLIENT, digests)
        return self.service.consent(batch.id, self.key(), CLIENT, digests)

    def seal(self, batch: Batch) -> None:
        """What the jobs of sealing do."""
        for chunk in self.chunks(batch):
            self.work.seal(batch.id, chunk)

    def counts(self, batch: Batch) -> dict[str, int]:
        """Documents by the word of their state."""
        return {state.value: number for state, number in self.store.counts(batch.id).items()}

    def items(self, batch: Batch) -> list[tuple[int, ItemState, str | None]]:
        """Position, state and failure of each document."""
        return [
            (item.position, item.state, item.failure)
            for item in self.store.items(batch.id, state=None, after=-1, limit=1000)
        ]

    def chunks(self, batch: Batch) -> range:
        return range((batch.documents + CHUNK - 1) // CHUNK)
