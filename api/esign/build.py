"""The gateway, built once from the settings and the parts of the service."""

from collections.abc import Callable
from dataclasses import dataclass

from api.esign.door import Door
from api.esign.signers import Signers
from api.given import Now, RandomBytes
from api.settings import Settings
from signer.api_credentials import ApiCredentials
from signer.identity import PersonalNumberHash
from store.api_credentials import SqlApiCredentials
from store.database import Database
from store.officials import SqlOfficialStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Esign:
    """What the gateway's face needs besides the services."""

    door: Door
    signers: Signers


def build_api_credentials(database: Database, *, now: Now, random_bytes: RandomBytes) -> ApiCredentials:
    """API credentials alone."""
    return ApiCredentials(SqlApiCredentials(database), now=now, random_bytes=random_bytes)


def build_esign(
    settings: Settings,
    database: Database,
    *,
    numbers: Callable[[], PersonalNumberHash],
    now: Now,
    random_bytes: RandomBytes,
) -> Esign:
    """The gateway over the database; `numbers` gives the keyed hash of personal numbers."""
    return Esign(
        door=Door(
            build_api_credentials(database, now=now, random_bytes=random_bytes),
            plain_http=settings.esign.plain_http,
            failed_per_minute=settings.limits.failed_logins_per_minute,
            now=now,
        ),
        signers=Signers(SqlOfficialStore(database), numbers=numbers, now=now),
    )
