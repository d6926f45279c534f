"""Imports, and the timed work of this room, built once from the settings and the parts of the service."""

from datetime import timedelta
from functools import partial

from api.alarms import Watch
from api.bulk.foreign import foreign_jobs, revoker
from api.bulk.owed import OwedRevocations
from api.bulk.register import KeyedRegistrations
from api.given import Now, RandomBytes
from api.hierarchy import PublishedHierarchy
from api.jobs import Job
from api.notices.build import notice_jobs
from api.office.identity_key import read_identity_key
from api.settings import Settings
from ca.ports import CrlStore
from signer.approvals import ApprovalService
from signer.bulk.service import ImportService
from signer.credentials import CredentialService
from signer.people import StaffMember
from signer.registrations import RegistrationService
from store.approvals import SqlApprovalStore
from store.bulk import SqlAppointmentStore, SqlContacts, SqlImportLog, SqlKnownOfficials
from store.credentials import SqlCredentialStore
from store.database import Database
from store.officials import SqlOfficialStore
from store.owed_revocations import owed_revocations
from store.registrations import SqlRegistrationStore


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
        revoke=revoker(settings, database, now),
    )
    notices, notices_watches = notice_jobs(settings, database, now=now)
    foreign, foreign_watches = foreign_jobs(settings, database, crls, hierarchy, now=now)
    return (
        (Job(name="owed-revocations", every=timedelta(minutes=1), run=owed.run), *notices, *foreign),
        (*notices_watches, *foreign_watches),
    )
