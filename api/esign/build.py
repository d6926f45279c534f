"""The gateway, built once from the settings and the parts of the service."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from api.esign.door import Door
from api.esign.sign_once import Prove, SignOnce
from api.esign.signers import Signers
from api.given import Now, RandomBytes
from api.jobs import Job
from api.settings import Settings
from signer.api_credentials import ApiCredentials
from signer.gateway import GatewayCalls, KeptDocuments, SignedRecords
from signer.identity import PersonalNumberHash
from store.api_credentials import SqlApiCredentials
from store.database import Database
from store.gateway_requests import SqlGatewayRequests
from store.officials import SqlOfficialStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Esign:
    """What the gateway's face needs besides the services."""

    door: Door
    signers: Signers
    calls: GatewayCalls
    sign_once: SignOnce


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
    numbers: Callable[[], PersonalNumberHash],
    now: Now,
    random_bytes: RandomBytes,
) -> Esign:
    """The gateway over the database; `prove` checks a signer's passphrase, `numbers` gives the keyed hash of personal
    numbers."""
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
        signers=Signers(SqlOfficialStore(database), numbers=numbers, now=now),
        calls=calls,
        sign_once=SignOnce(
            calls,
            prove=prove,
            within=timedelta(minutes=settings.esign.repeat_minutes),
            under_key=timedelta(hours=settings.limits.idempotency_hours),
        ),
    )


def esign_jobs(database: Database, *, now: Now) -> tuple[Job, ...]:
    """What the gateway forgets by the clock."""
    requests = SqlGatewayRequests(database)
    return (Job(name="gateway-requests", every=timedelta(hours=1), run=lambda: requests.purge(now())),)
