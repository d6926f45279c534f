"""Imports, notices and the exchange with another CA, built once from the settings and the parts of the service."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog
from cryptography import x509

from api.alarms import Alarm, Severity, Watch, message_alarms
from api.audit.guard import GuardedCertificateLog
from api.audit.office import audit_guard
from api.bulk.anchor_crls import AnchorCrls, AnchorLists
from api.bulk.outside_root import OutsideRootCrl
from api.bulk.owed import OwedRevocations
from api.bulk.register import KeyedRegistrations
from api.fetching import ListedFetcher
from api.given import Now, RandomBytes
from api.hierarchy import PublishedHierarchy, read_hierarchy
from api.jobs import Job
from api.notices.mail import MailChannel, MailServer
from api.notices.webhook import WebhookChannel
from api.office.identity_key import read_identity_key
from api.settings import Settings
from ca.lints.pkilint_rules import findings_of_a_person
from ca.ports import CrlStore
from ca.revocation import RevocationService
from signer.approvals import ApprovalService
from signer.bulk.service import ImportService
from signer.credentials import CredentialService
from signer.factors.messages import FactorMessages
from signer.foreign.exchange import FileExchange, ForeignCredentials
from signer.foreign.model import ForeignRules
from signer.foreign.refresh import StatusRefresh
from signer.model import CredentialState
from signer.notices import DeliveryFailed, NoticeService
from signer.people import StaffMember
from signer.registrations import RegistrationService
from signer.seal_codes import KeeperMail
from store.approvals import SqlApprovalStore
from store.bulk import SqlAppointmentStore, SqlContacts, SqlImportLog, SqlKnownOfficials
from store.checkpoints import SqlCheckpoints
from store.credentials import SqlCredentialStore
from store.database import Database
from store.factor_messages import SqlFactorOutbox
from store.foreign import SqlForeignLog, SqlForeignStatus
from store.foreign_addresses import SqlStatusAddresses
from store.notices import SqlNoticeLog, ending
from store.officials import SqlOfficialStore
from store.owed_revocations import owed_revocations
from store.registrations import SqlRegistrationStore
from verifier.trust import listed_crls, load_anchors

_log = structlog.get_logger("teken.bulk")


def build_imports(
    settings: Settings,
    database: Database,
    credentials: CredentialService,
    member: StaffMember,
    *,
    approved_under: str | None = None,
    now: Now,
    random_bytes: RandomBytes,
) -> ImportService:
    """Imports in the name of `member`, who has to be a registrar; `approved_under` as for `KeyedRegistrations`."""
    contacts, stored = SqlContacts(database), SqlCredentialStore(database)

    def service_with(drawn: RandomBytes) -> RegistrationService:
        return RegistrationService(
            registrations=SqlRegistrationStore(database),
            officials=SqlOfficialStore(database),
            credentials=stored,
            service=credentials,
            approvals=ApprovalService(
                approvals=SqlApprovalStore(database),
                now=now,
                random_bytes=random_bytes,
                lifetime=timedelta(hours=settings.people.approval_hours),
            ),
            numbers=partial(read_identity_key, settings.people.identity_key_file),
            now=now,
            random_bytes=drawn,
            link_lifetime=timedelta(hours=settings.people.link_hours),
        )

    return ImportService(
        log=SqlImportLog(database),
        known=SqlKnownOfficials(database),
        register=KeyedRegistrations(
            service_with=service_with,
            registrations=SqlRegistrationStore(database),
            credentials=stored,
            member=member,
            note_contact=lambda who, email: contacts.set(who, email, actor=member.id, at=now()),
            approved_under=approved_under,
        ),
        appointments=SqlAppointmentStore(database),
        organisation=(settings.pki.organisation, settings.pki.organisation_identifier),
        now=now,
        random_bytes=random_bytes,
    )


def foreign_rules(settings: Settings) -> ForeignRules:
    """What an answer of another CA has to keep; the anchors are those for signatures in `pki.anchors`."""
    folder = settings.pki.anchors
    entries = load_anchors(folder) if folder is not None else ()
    return ForeignRules(
        anchors=tuple(
            x509.load_der_x509_certificate(each.certificate) for each in entries if "signature" in each.purposes
        ),
        policies=frozenset(settings.foreign.policies),
        hosts=_hosts(settings),
        longest=timedelta(days=settings.foreign.longest_days),
    )


def certified_roots(settings: Settings) -> tuple[x509.Certificate, ...]:
    """Roots that the operator's configuration calls certified (*tersertifikasi*)."""
    folder = settings.pki.anchors
    entries = load_anchors(folder) if folder is not None else ()
    return tuple(x509.load_der_x509_certificate(each.certificate) for each in entries if each.certified)


def build_foreign(settings: Settings, database: Database, *, now: Now) -> ForeignCredentials:
    """The exchange with another CA; needs no HSM."""
    return ForeignCredentials(
        credentials=SqlCredentialStore(database),
        log=SqlForeignLog(database),
        rules=foreign_rules(settings),
        inform=findings_of_a_person,
        revoke=_revoker(settings, database, now),
        now=now,
    )


def _revoker(
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


def bulk_jobs(
    settings: Settings,
    database: Database,
    crls: CrlStore,
    hierarchy: PublishedHierarchy,
    *,
    now: Now,
) -> tuple[tuple[Job, ...], tuple[Watch, ...]]:
    """The timed work of this room, and what is watched about it; but for what is owed, nothing unless configured."""
    owed = OwedRevocations(
        owed=partial(owed_revocations, database, issuer_ids=[each.id for each in hierarchy.generations]),
        revoke=_revoker(settings, database, now),
    )
    jobs: list[Job] = [Job(name="owed-revocations", every=timedelta(minutes=1), run=owed.run)]
    watches: list[Watch] = []
    channels = _channels(settings, database, now)
    if channels:
        log = SqlNoticeLog(database)
        service = NoticeService(
            ending=lambda until: ending(database, until),
            log=log,
            channels=channels,
            alarm=lambda channel, attempts: _log.error("notice not delivered", channel=channel, attempts=attempts),
            now=now,
            steps=settings.notices.days,
            alarm_after=settings.notices.alarm_after,
        )
        outbox, most = SqlFactorOutbox(database), settings.notices.alarm_after
        messages = FactorMessages(outbox=outbox, channels=channels, now=now)
        jobs.append(Job(name="factor-messages", every=timedelta(minutes=1), run=messages.send_due))
        jobs.append(Job(name="notices", every=timedelta(minutes=5), run=service.send_due))
        watches.append(Watch(name="notices", look=lambda: _undelivered(log.failing(most))))
        watches.append(Watch(name="factor-messages", look=lambda: message_alarms(outbox.undelivered(most))))
    if settings.foreign.hosts:
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
    entries = load_anchors(folder) if folder is not None else ()
    return AnchorLists(
        addresses=listed_crls(folder) if folder is not None else (),
        anchors=tuple(x509.load_der_x509_certificate(each.certificate) for each in entries),
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


def mail_channel(settings: Settings, database: Database) -> MailChannel | None:
    """Mail, where the settings name a server."""
    own = settings.notices
    if own.smtp_host is None:
        return None
    server = MailServer(
        host=own.smtp_host,
        port=own.smtp_port,
        starttls=own.smtp_starttls,
        sender=own.sender,
        user=own.smtp_user,
        password=None if own.smtp_password_file is None else partial(_first_line, own.smtp_password_file),
    )
    return MailChannel(server, email_of=SqlContacts(database).email_of, office=own.office)


def keeper_mail(settings: Settings, database: Database) -> KeeperMail:
    """How keepers of seals hear codes; without a server every one of them fails."""
    channel = mail_channel(settings, database)
    return _no_mail if channel is None else channel.tell_code


def _no_mail(*_: object, **__: object) -> None:
    raise DeliveryFailed("no-mail")


def _channels(settings: Settings, database: Database, now: Now) -> tuple[MailChannel | WebhookChannel, ...]:
    own, mail = settings.notices, mail_channel(settings, database)
    channels: list[MailChannel | WebhookChannel] = [] if mail is None else [mail]
    if own.webhook is not None and own.webhook_secret_file is not None:
        file = own.webhook_secret_file
        channels.append(WebhookChannel(own.webhook, secret=lambda: _first_line(file).encode(), now=now))
    return tuple(channels)


def _undelivered(failing: Iterable[tuple[str, int]]) -> Iterator[Alarm]:
    for channel, count in failing:
        yield Alarm(
            name=f"notices-{channel}",
            severity=Severity.WARNING,
            text=f"{count} notices could not be delivered by {channel}: look at [notices] and at the server",
        )


def _first_line(file: Path) -> str:
    return file.read_text(encoding="utf-8").partition("\n")[0].strip()
