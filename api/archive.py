"""Raising levels and keeping documents valid, built once from the settings and the parts of the service."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from cryptography import x509

from api.alarms import Alarm, Severity, Watch
from api.authority import Authority
from api.bulk.foreign import foreign_rules, status_fetcher
from api.bulk.issuers import StatusByRoot
from api.given import Now, RandomBytes
from api.judging import WorkerJudge
from api.kept import Kept
from api.parts import own_status
from api.settings import Settings
from api.stores import Stores
from api.verification import Verification, policy_named, trust_of
from signer.archive import ArchiveProgress, ArchiveService, DocumentVersion, Raised
from signer.augmentation import AugmentationService
from signer.foreign.fetching import StatusFetcher
from signer.foreign.on_demand import StatusOnDemand
from signer.intake import IntakeLimits
from signer.model import SignatureLevel
from signer.timestamping import TimestampAuthorities
from store.audit import Origin, acting
from store.foreign import SqlForeignStatus
from store.foreign_addresses import SqlStatusAddresses


def build_archive(
    settings: Settings,
    stores: Stores,
    authority: Authority,
    authorities: TimestampAuthorities,
    verification: Verification,
    *,
    now: Now,
) -> ArchiveService:
    """Raises and renews with `authorities`' time; judged in the verifier's processes."""
    policy = policy_named(settings.verification.policy)
    judge = WorkerJudge(verification.pool, trust_of(settings, stores), policy=policy, now=now)
    kept = SqlForeignStatus(stores.database)
    fetcher = StatusFetcher(kept=kept, fetch=status_fetcher(settings), rules=foreign_rules(settings))
    augmentation = AugmentationService(
        judge=judge,
        authorities=authorities,
        status=StatusByRoot(
            root=authority.hierarchy.root,
            own=own_status(stores, authority, now),
            other=StatusOnDemand(kept=kept, fetcher=fetcher, now=now),
        ),
        now=now,
        limits=IntakeLimits(bytes=settings.largest_document_bytes),
        require_trail=authority.audit.guard.require,
    )
    return ArchiveService(
        augmentation=augmentation,
        archive=stores.archive,
        vault=stores.vault,
        judge=judge,
        policy=policy.id,
        margin=timedelta(days=settings.archive.renew_days),
        now=now,
    )


class AuditedArchive:
    """`api.services.Archive`: every audit entry names the client that asked."""

    def __init__(self, service: ArchiveService, versions: Callable[[str], tuple[DocumentVersion, ...]]) -> None:
        self._service = service
        self._versions = versions

    def raise_file(self, document: bytes, level: SignatureLevel, *, sha256: str, client_id: str) -> Raised:
        """As `ArchiveService.raise_file`."""
        with acting(Origin(actor=client_id, role="client")):
            return self._service.raise_file(document, level, sha256=sha256, client_id=client_id)

    def raise_registered(self, token: str, level: SignatureLevel, *, client_id: str) -> Raised:
        """As `ArchiveService.raise_registered`."""
        with acting(Origin(actor=client_id, role="client")):
            return self._service.raise_registered(token, level)

    def versions(self, token: str) -> tuple[DocumentVersion, ...]:
        """Every version of one signing, the signed one first."""
        return self._versions(token)


class KeptProgress(Kept[ArchiveProgress]):
    """Where the archive stands."""

    def watch(self) -> Watch:
        """Raises an alarm while a renewal is overdue."""
        return Watch(name="archive", look=lambda: archive_alarms(self()))


def archive_alarms(progress: ArchiveProgress) -> Iterator[Alarm]:
    """Documents whose proof ends while nothing happens."""
    if progress.overdue:
        yield Alarm(
            name="archive-overdue",
            severity=Severity.WARNING,
            text=f"{progress.overdue} archived documents should have been renewed: run `teken renewals`, see the log",
        )


class OutsideUnits:
    """Gets to know the units of outside authorities, and has their status fetched from then on."""

    def __init__(
        self,
        authorities: TimestampAuthorities,
        addresses: SqlStatusAddresses,
        *,
        own_root: x509.Certificate,
        now: Now,
        random_bytes: RandomBytes,
    ) -> None:
        self._authorities = authorities
        self._own_root = own_root
        self._addresses = addresses
        self._now = now
        self._random_bytes = random_bytes
        self._known: set[x509.Certificate] = set()

    def learn(self) -> int:
        """How many were new."""
        self._authorities.get_to_know(self._random_bytes(32))
        new = 0
        for chain in self._authorities.chains():
            if chain[-1] != self._own_root and chain[0] not in self._known:
                self._addresses.add_chain(chain, self._now())
                self._known.add(chain[0])
                new += 1
        return new
