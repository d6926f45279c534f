"""The registration office, built once from the settings and the parts of the service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from api.audit.office import audit_reading
from api.bulk.build import build_imports
from api.bulk.foreign import build_foreign
from api.esign.build import build_api_credentials, build_enrolments
from api.given import Now, RandomBytes
from api.oauth.build import build_client_registrations
from api.office.accounts import Accounts
from api.office.clients import ClientOffice
from api.office.counter import Counter
from api.office.desk import Desk
from api.office.directory import Directory
from api.office.esign import EsignOffice
from api.office.factors import FactorsOffice, factor_links
from api.office.fakes import FakesOffice
from api.office.foreign import ForeignOffice
from api.office.holds import CertificateHolds
from api.office.identity_key import read_identity_key
from api.office.imports import ImportOffice
from api.office.jobs import JobOffice
from api.office.kinds import KindOffice
from api.office.operations import CaOperations, Operation
from api.office.passphrases import Passphrases
from api.office.profiles import ProfileOffice
from api.office.proposals import Proposals
from api.office.registry import Office
from api.office.reports import ReportOffice
from api.office.seals import SealOffice
from api.office.settings_view import SettingsOffice
from api.office.trail import TrailDoor
from api.office.webhooks import WebhookOffice
from api.permissions import Permission
from api.reports_of_fakes import build_fake_reports
from api.settings import Settings
from signer.accounts import PREFIX
from signer.approvals import ApprovalService
from signer.credentials import CredentialService
from signer.factors.recovery import FactorOffice
from signer.identity import PersonalNumberHash
from signer.kinds import load_lists
from signer.registrations import RegistrationService
from signer.seals import SealService
from store.accounts import SqlAccounts
from store.approvals import SqlApprovalStore
from store.audit import AuditTrail
from store.bulk import SqlAppointmentStore, SqlContacts, SqlImportLog
from store.checkpoints import SqlCheckpoints
from store.client_model import ClientState
from store.clients import SqlClientStore
from store.credentials import SqlCredentialStore
from store.database import Database
from store.factors import SqlFactorStore
from store.figures import SqlFigures
from store.foreign import SqlForeignLog
from store.job_watchdog import SqlWatchdog
from store.jobs import SqlJobs
from store.kinds import SqlKinds
from store.official_certificates import SqlOfficialCertificates
from store.officials import SqlOfficialStore
from store.profiles import SqlProfileChoices
from store.registrations import SqlRegistrationStore
from store.seal_pins import SqlSealKeepers
from store.seals import SqlSeals
from store.staff import SqlStaffStore
from store.verification_counts import SqlVerificationCounts
from store.webhooks import SqlWebhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everything about people: the office, and the officials' own door."""

    office: Office
    registrations: RegistrationService
    approvals: ApprovalService
    proposals: Proposals
    accounts: Accounts
    operations: CaOperations
    passphrases: Passphrases
    trail: TrailDoor
    directory: Directory
    imports: ImportOffice
    foreign: ForeignOffice
    profiles: ProfileOffice
    factors: FactorsOffice
    numbers: Callable[[], PersonalNumberHash]
    """Raises `signer.errors.Unavailable` where the key of the personal numbers is gone."""
    seals: SealOffice
    esign: EsignOffice
    clients: ClientOffice
    jobs: JobOffice
    counter: Counter
    reports: ReportOffice
    fakes: FakesOffice
    webhooks: WebhookOffice
    kinds: KindOffice
    settings: SettingsOffice


def _may_seal(database: Database, client_id: str) -> bool:
    client = SqlClientStore(database).get(client_id)
    may = {Permission.SIGNATURE_CREATE, Permission.SERVICE}
    return client is not None and client.state is ClientState.ACTIVE and not may.isdisjoint(client.scopes)


def _is_somebody(database: Database, user_id: str) -> bool:
    """An official, or an account of an integration; a seal keeps no other seal."""
    if user_id.startswith(PREFIX):
        return SqlAccounts(database).get(user_id.removeprefix(PREFIX)) is not None
    official = SqlOfficialStore(database).get(user_id)
    return official is not None and not official.signatory.is_seal


def build_accounts(settings: Settings, database: Database, *, now: Now, random_bytes: RandomBytes) -> Accounts:
    """The accounts of staff alone; needs neither HSM nor CA."""
    staff = SqlStaffStore(database)
    return Accounts(
        staff=staff,
        desk=Desk(staff=staff, trail=AuditTrail(database), now=now),
        numbers=partial(read_identity_key, settings.people.identity_key_file),
        now=now,
        random_bytes=random_bytes,
        link_lifetime=timedelta(hours=settings.people.link_hours),
    )


def build_approvals(settings: Settings, database: Database, *, now: Now, random_bytes: RandomBytes) -> ApprovalService:
    """Proposals and decisions alone."""
    return ApprovalService(
        approvals=SqlApprovalStore(database),
        now=now,
        random_bytes=random_bytes,
        lifetime=timedelta(hours=settings.people.approval_hours),
    )


def build_directory(desk: Desk, database: Database, *, now: Now, random_bytes: RandomBytes) -> Directory:
    """Contacts and acting appointments; needs neither HSM nor CA."""
    return Directory(
        desk=desk,
        officials=SqlOfficialStore(database),
        contacts=SqlContacts(database),
        appointments=SqlAppointmentStore(database),
        enrolments=build_enrolments(database, now=now, random_bytes=random_bytes),
        now=now,
        random_bytes=random_bytes,
    )


def build_foreign_office(
    settings: Settings, database: Database, desk: Desk, *, now: Now, random_bytes: RandomBytes
) -> ForeignOffice:
    """The exchange with another CA, with a second person; needs no HSM."""
    return ForeignOffice(
        desk=desk,
        approvals=build_approvals(settings, database, now=now, random_bytes=random_bytes),
        exchange=partial(build_foreign, settings, database, now=now),
        log=SqlForeignLog(database),
        now=now,
    )


def build_profiles(
    settings: Settings, database: Database, desk: Desk, *, now: Now, random_bytes: RandomBytes
) -> ProfileOffice:
    """Which version of a profile issues; needs neither HSM nor CA."""
    return ProfileOffice(
        desk=desk,
        approvals=build_approvals(settings, database, now=now, random_bytes=random_bytes),
        choices=SqlProfileChoices(database),
        now=now,
    )


def build_people(
    settings: Settings,
    database: Database,
    credentials: CredentialService,
    holds: CertificateHolds,
    acts: Mapping[Operation, Callable[[str], str]],
    *,
    seals: SealService,
    require_possible: Callable[[Operation], None],
    now: Now,
    random_bytes: RandomBytes,
) -> People:
    """The office over the database; `credentials` and `seals` have the keys and the issuer, `acts` what the CA does
    out of turn."""
    officials = SqlOfficialStore(database)
    approvals = build_approvals(settings, database, now=now, random_bytes=random_bytes)
    registrations = RegistrationService(
        registrations=SqlRegistrationStore(database),
        officials=officials,
        credentials=SqlCredentialStore(database),
        service=credentials,
        approvals=approvals,
        numbers=partial(read_identity_key, settings.people.identity_key_file),
        now=now,
        random_bytes=random_bytes,
        link_lifetime=timedelta(hours=settings.people.link_hours),
    )
    accounts = build_accounts(settings, database, now=now, random_bytes=random_bytes)
    office = Office(
        desk=accounts.desk,
        officials=officials,
        certificates=SqlOfficialCertificates(database),
        credentials=credentials,
        registrations=registrations,
        approvals=approvals,
        holds=holds,
        now=now,
    )
    operations = CaOperations(desk=accounts.desk, approvals=approvals, acts=acts, require_possible=require_possible)
    reading = audit_reading(settings, AuditTrail(database), SqlCheckpoints(database), now=now)
    return People(
        factors=FactorsOffice(
            desk=accounts.desk,
            office=FactorOffice(
                store=SqlFactorStore(database),
                links=factor_links(settings, database, now=now, random_bytes=random_bytes),
                approvals=approvals,
                now=now,
            ),
            official=officials.get,
        ),
        seals=SealOffice(
            desk=accounts.desk,
            seals=seals,
            keepers=SqlSealKeepers(database),
            somebody=partial(_is_somebody, database),
            may_seal=partial(_may_seal, database),
            now=now,
        ),
        esign=EsignOffice(
            desk=accounts.desk,
            credentials=build_api_credentials(database, now=now, random_bytes=random_bytes),
        ),
        clients=ClientOffice(
            desk=accounts.desk,
            registrations=build_client_registrations(database, now=now, random_bytes=random_bytes),
        ),
        counter=Counter(
            officials=officials,
            seals=seals,
            assigned=lambda client_id, at: SqlSeals(database).assigned(client_id, at=at),
            enrolments=build_enrolments(database, now=now, random_bytes=random_bytes),
            now=now,
        ),
        jobs=JobOffice(desk=accounts.desk, jobs=SqlJobs(database), watchdog=SqlWatchdog(database), now=now),
        webhooks=WebhookOffice(desk=accounts.desk, webhooks=SqlWebhooks(database), now=now),
        kinds=KindOffice(
            desk=accounts.desk,
            lists=partial(load_lists, settings.signing.kind_lists),
            kept=SqlKinds(database),
            now=now,
        ),
        settings=SettingsOffice(desk=accounts.desk, settings=settings),
        fakes=FakesOffice(desk=accounts.desk, reports=build_fake_reports(database, now=now)),
        reports=ReportOffice(
            desk=accounts.desk,
            letters=SqlFigures(database),
            checks=SqlVerificationCounts(database),
            settings=settings.reports,
            now=now,
        ),
        office=office,
        registrations=registrations,
        approvals=approvals,
        proposals=Proposals(desk=accounts.desk, office=office, approvals=approvals, now=now),
        accounts=accounts,
        operations=operations,
        passphrases=Passphrases(credentials),
        trail=TrailDoor(reading, SqlStaffStore(database)),
        directory=build_directory(accounts.desk, database, now=now, random_bytes=random_bytes),
        imports=ImportOffice(
            desk=accounts.desk,
            approvals=approvals,
            log=SqlImportLog(database),
            service=lambda member, approval_id: build_imports(
                settings,
                database,
                credentials,
                member,
                approved_under=approval_id,
                now=now,
                random_bytes=random_bytes,
            ),
            now=now,
        ),
        foreign=build_foreign_office(settings, database, accounts.desk, now=now, random_bytes=random_bytes),
        profiles=build_profiles(settings, database, accounts.desk, now=now, random_bytes=random_bytes),
        numbers=partial(read_identity_key, settings.people.identity_key_file),
    )
