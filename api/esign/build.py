"""The gateway, built once from the settings and the parts of the service."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from api.esign.codes import GatewayCodes
from api.esign.door import Door
from api.esign.sealing import GatewaySeals, SignOpened
from api.esign.sign_once import Prove, SignOnce
from api.esign.signers import Signers
from api.given import Now, RandomBytes
from api.jobs import Job
from api.settings import Settings
from signer.acts import Examined
from signer.api_credentials import ApiCredentials
from signer.code_sessions import SHOWN_SINCE, CodeSessions
from signer.consented_documents import Redeeming
from signer.enrolment_requests import EnrolmentRequests
from signer.gateway import GatewayCalls, KeptDocuments, SignedRecords
from signer.identity import PersonalNumberHash
from signer.model import SigningTask, TagPlace
from signer.ports import CredentialStore
from signer.quotas import Quotas
from signer.seal_codes import ACTIVATION_LIFE, KeeperMail, SealCodes
from signer.seals import SealService
from signer.signing_codes import CodeMail, SigningCodes
from store.api_credentials import SqlApiCredentials
from store.audit import Origin, acting
from store.bulk import SqlContacts
from store.code_sessions import SqlCodeSessions
from store.database import Database
from store.enrolment_requests import SqlEnrolmentRequests
from store.gateway_requests import SqlGatewayRequests
from store.officials import SqlOfficialStore
from store.seal_codes import SqlSealCodes


@dataclass(frozen=True, slots=True, kw_only=True)
class Esign:
    """What the gateway's face needs besides the services."""

    door: Door
    signers: Signers
    calls: GatewayCalls
    sign_once: SignOnce
    examine: Callable[[SigningTask], object]
    """Whether a document may be signed as asked, before anything is counted; raises `signer.errors.Refused`."""
    enrolments: EnrolmentRequests
    seals: GatewaySeals | None
    """`None` in a process that does not seal."""
    codes: GatewayCodes | None
    """`None` in a process that does not sign with codes."""

    def enrol(self, client_id: str, name: str, email: str) -> None:
        """As `EnrolmentRequests.ask`; the entry in the trail names the application."""
        with acting(Origin(actor=client_id, role="client")):
            self.enrolments.ask(client_id, name, email)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """What sealing at the gateway needs of the service."""

    seals: SealService
    credentials: CredentialStore
    sign: SignOpened
    quotas: Quotas
    mail: KeeperMail


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """What signing with codes needs of the service."""

    sessions: CodeSessions
    redeeming: Redeeming
    credentials: CredentialStore
    sign: SignOpened
    quotas: Quotas
    mail: CodeMail


def build_api_credentials(database: Database, *, now: Now, random_bytes: RandomBytes) -> ApiCredentials:
    """API credentials alone."""
    return ApiCredentials(SqlApiCredentials(database), now=now, random_bytes=random_bytes)


def build_esign(
    settings: Settings,
    database: Database,
    *,
    records: SignedRecords,
    vault: KeptDocuments,
    prove: Prove,
    examine: Callable[[SigningTask], Examined],
    numbers: Callable[[], PersonalNumberHash],
    now: Now,
    random_bytes: RandomBytes,
    sealing: Sealing | None = None,
    coding: Coding | None = None,
) -> Esign:
    """The gateway over the database; `prove` checks a signer's passphrase, `examine` a document, `numbers` gives the
    keyed hash of personal numbers."""
    officials, within = SqlOfficialStore(database), timedelta(minutes=settings.esign.repeat_minutes)

    def placed(task: SigningTask) -> TagPlace | None:
        spot = examine(task).spot
        return None if spot is None else spot.tag_place

    calls = GatewayCalls(
        SqlGatewayRequests(database),
        log=records,
        vault=vault,
        kept=timedelta(days=settings.esign.download_days),
        now=now,
        wait=time.sleep,
        random_bytes=random_bytes,
    )
    return Esign(
        door=Door(
            build_api_credentials(database, now=now, random_bytes=random_bytes),
            plain_http=settings.esign.plain_http,
            failed_per_minute=settings.limits.failed_logins_per_minute,
            now=now,
        ),
        signers=Signers(officials, SqlContacts(database), numbers=numbers, now=now),
        calls=calls,
        sign_once=SignOnce(
            calls,
            prove=prove,
            placed=placed,
            within=within,
            under_key=timedelta(hours=settings.limits.idempotency_hours),
        ),
        examine=examine,
        enrolments=build_enrolments(database, now=now, random_bytes=random_bytes),
        seals=None
        if sealing is None
        else GatewaySeals(
            SealCodes(
                SqlSealCodes(database),
                seals=sealing.seals,
                officials=officials,
                mail=sealing.mail,
                hashed=lambda text: numbers().compared(text),
                now=now,
                random_bytes=random_bytes,
            ),
            calls=calls,
            seals=sealing.seals,
            credentials=sealing.credentials,
            sign=sealing.sign,
            count=lambda client_id, credential_id, documents: sealing.quotas.count(
                client_id=client_id, credential_id=credential_id, documents=documents
            ),
            within=within,
            now=now,
        ),
        codes=None
        if coding is None
        else GatewayCodes(
            SigningCodes(
                SqlCodeSessions(database),
                mail=coding.mail,
                hashed=lambda text: numbers().compared(text),
                now=now,
                random_bytes=random_bytes,
            ),
            sessions=coding.sessions,
            calls=calls,
            redeeming=coding.redeeming,
            credentials=coding.credentials,
            sign=coding.sign,
            placed=placed,
            count=lambda client_id, credential_id, documents: coding.quotas.count(
                client_id=client_id, credential_id=credential_id, documents=documents
            ),
            within=within,
            under_key=timedelta(hours=settings.limits.idempotency_hours),
            now=now,
            random_bytes=random_bytes,
        ),
    )


def build_enrolments(database: Database, *, now: Now, random_bytes: RandomBytes) -> EnrolmentRequests:
    """Requests for enrolment alone."""
    return EnrolmentRequests(SqlEnrolmentRequests(database), now=now, random_bytes=random_bytes)


def esign_jobs(settings: Settings, database: Database, *, now: Now) -> tuple[Job, ...]:
    """What the gateway forgets by the clock."""
    sessions, within = SqlCodeSessions(database), timedelta(minutes=settings.esign.repeat_minutes)
    requests = SqlGatewayRequests(database)
    codes = SqlSealCodes(database)
    return (
        Job(name="gateway-requests", every=timedelta(hours=1), run=lambda: requests.purge(now())),
        Job(
            name="code-sessions",
            every=timedelta(minutes=1),
            run=lambda: sessions.end_over(now(), repeated_since=now() - within),
        ),
        Job(name="old-code-sessions", every=timedelta(days=1), run=lambda: sessions.purge(now() - SHOWN_SINCE)),
        Job(name="seal-codes", every=timedelta(hours=1), run=lambda: codes.purge(now() - ACTIVATION_LIFE)),
    )
