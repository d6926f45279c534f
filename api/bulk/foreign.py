"""Other CAs, built from the settings: what their answers have to keep, the exchange with them, their status."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import structlog
from cryptography import x509

from api.alarms import Alarm, Severity, Watch
from api.anchors import known_anchors
from api.audit.guard import GuardedCertificateLog
from api.audit.office import audit_guard
from api.bulk.anchor_crls import AnchorCrls, AnchorLists
from api.bulk.outside_root import OutsideRootCrl
from api.fetching import ListedFetcher
from api.given import Now
from api.hierarchy import PublishedHierarchy, read_hierarchy
from api.jobs import Job
from api.settings import Settings
from ca.lints.pkilint_rules import findings_of_a_person
from ca.ports import CrlStore
from ca.revocation import RevocationService
from signer.foreign.exchange import FileExchange, ForeignCredentials
from signer.foreign.model import ForeignRules
from signer.foreign.refresh import StatusRefresh
from signer.model import CredentialState
from store.checkpoints import SqlCheckpoints
from store.credentials import SqlCredentialStore
from store.database import Database
from store.foreign import SqlForeignLog, SqlForeignStatus
from store.foreign_addresses import SqlStatusAddresses
from verifier.trust import listed_crls

_log = structlog.get_logger("teken.bulk")


def foreign_rules(settings: Settings) -> ForeignRules:
    """What an answer of another CA has to keep; the anchors are those for signatures in `pki.anchors`."""
    usable = (each.certificate for each in known_anchors(settings) if "signature" in each.purposes)
    return ForeignRules(
        anchors=tuple(map(x509.load_der_x509_certificate, usable)),
        policies=frozenset(settings.foreign.policies),
        hosts=_hosts(settings),
        longest=timedelta(days=settings.foreign.longest_days),
    )


def certified_roots(settings: Settings) -> tuple[x509.Certificate, ...]:
    """Roots that the operator's configuration calls certified (*tersertifikasi*)."""
    return tuple(x509.load_der_x509_certificate(each.certificate) for each in known_anchors(settings) if each.certified)


def build_foreign(settings: Settings, database: Database, *, now: Now) -> ForeignCredentials:
    """The exchange with another CA; needs no HSM."""
    return ForeignCredentials(
        credentials=SqlCredentialStore(database),
        log=SqlForeignLog(database),
        rules=foreign_rules(settings),
        inform=findings_of_a_person,
        revoke=revoker(settings, database, now),
        now=now,
    )


def revoker(
    settings: Settings, database: Database, now: Now
) -> Callable[[x509.Certificate, x509.ReasonFlags, str], None]:
    """Revokes what our CA issued by its row alone (live OCSP and the next CRL follow it), and asks others to."""
    hierarchy = read_hierarchy(settings.pki.certificates)
    guard = audit_guard(settings, SqlCheckpoints(database), now=now)
    own = RevocationService(
        log=GuardedCertificateLog(database, lambda _: guard.require()),
        ask_for_crl=lambda _: None,
        renew_status=lambda _issuer, _serial: None,
        now=now,
    )
    other = FileExchange(log=SqlForeignLog(database), now=now)

    def revoke(certificate: x509.Certificate, reason: x509.ReasonFlags, actor: str) -> None:
        if hierarchy.issued(certificate):
            issuer_id = hierarchy.issuer_of(certificate).id
            own.revoke(serial=certificate.serial_number, issuer_id=issuer_id, reason=reason, actor=actor)
        else:
            other.revoke(certificate, reason=reason, actor=actor)

    return revoke


def foreign_jobs(
    settings: Settings, database: Database, crls: CrlStore, hierarchy: PublishedHierarchy, *, now: Now
) -> tuple[tuple[Job, ...], tuple[Watch, ...]]:
    """What is fetched of others by the clock, and what is watched about it; nothing unless hosts are configured."""
    if not settings.foreign.hosts:
        return (), ()
    jobs: list[Job] = []
    watches: list[Watch] = []
    status = _ForeignStatusJob(settings, database, now)
    jobs.append(Job(name="foreign-status", every=timedelta(minutes=10), run=status.run))
    watches.append(Watch(name="foreign-status", look=status.alarms))
    lists = _anchor_lists(settings)
    if lists.addresses:
        anchor_crls = AnchorCrls(
            lists,
            kept=SqlForeignStatus(database),
            fetch=status_fetcher(settings),
            hosts=_hosts(settings),
            now=now,
        )
        jobs.append(Job(name="anchor-crls", every=timedelta(minutes=10), run=anchor_crls.refresh))
        watches.append(Watch(name="anchor-crls", look=lambda: _without_list(anchor_crls)))
    outside = OutsideRootCrl(
        issuing_ca=hierarchy.issuing_ca,
        root=hierarchy.root,
        crls=crls,
        fetch=status_fetcher(settings),
        hosts=_hosts(settings),
        now=now,
    )
    if outside.addresses:
        jobs.append(Job(name="outside-root-crl", every=timedelta(minutes=10), run=outside.refresh))
    return tuple(jobs), tuple(watches)


class _ForeignStatusJob:
    """One round of fetching after the other, and the addresses that gave nothing good when they were last asked."""

    def __init__(self, settings: Settings, database: Database, now: Now) -> None:
        self._credentials = SqlCredentialStore(database)
        self._log = SqlForeignLog(database)
        self._addresses = SqlStatusAddresses(database)
        self._now = now
        self._refresh = StatusRefresh(
            addresses=self._addresses,
            kept=SqlForeignStatus(database),
            fetch=status_fetcher(settings),
            rules=foreign_rules(settings),
            stop=self._stop,
            alarm=self._note,
            now=now,
        )

    def run(self) -> int:
        """Fetch what is due; how many answers were renewed."""
        return self._refresh.refresh()

    def alarms(self) -> Iterator[Alarm]:
        """Where nothing good came from."""
        for url, word in self._addresses.failing(self._now()):
            yield Alarm(
                name="foreign-status",
                severity=Severity.WARNING,
                text=f"no status from {url} ({word}): signing at B-LT with its certificates ends when that does",
            )

    def _stop(self, credential_id: str, held: bool) -> None:
        """Revoked there is revoked here, on hold there is suspended here; what ended already stays as it is."""
        credential, at = self._credentials.get(credential_id), self._now()
        if credential is None:
            return
        if not held:
            self._log.confirm_revocation(credential.certificate, at=at)
        if credential.state is CredentialState.ACTIVE and held:
            self._credentials.set_state(credential_id, CredentialState.SUSPENDED, actor="foreign-status", at=at)
        elif credential.state in (CredentialState.ACTIVE, CredentialState.SUSPENDED) and not held:
            self._credentials.set_state(credential_id, CredentialState.REVOKED, actor="foreign-status", at=at)

    def _note(self, url: str, word: str) -> None:
        _log.warning("foreign status", url=url, failure=word)


def _anchor_lists(settings: Settings) -> AnchorLists:
    folder = settings.pki.anchors
    return AnchorLists(
        addresses=listed_crls(folder) if folder is not None else (),
        anchors=tuple(x509.load_der_x509_certificate(each.certificate) for each in known_anchors(settings)),
    )


def _without_list(lists: AnchorCrls) -> Iterator[Alarm]:
    for url, word in lists.failing():
        yield Alarm(
            name="anchor-crls",
            severity=Severity.WARNING,
            text=f"no CRL from {url} ({word}): signatures of its CAs end as TRY_LATER when the kept one does",
        )


def _hosts(settings: Settings) -> frozenset[str]:
    return frozenset(host.lower() for host in settings.foreign.hosts)


def status_fetcher(settings: Settings) -> ListedFetcher:
    """Asks the hosts of `foreign.hosts`, and no other."""
    return ListedFetcher(_hosts(settings), seconds=settings.foreign.seconds)
