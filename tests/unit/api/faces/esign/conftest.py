"""A service in memory behind the gateway's door, with one API credential."""

import shutil
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.esign.signers import Signers
from signer.api_credentials import ApiCredentials, Terms
from signer.identity import PersonalNumberHash
from signer.model import CredentialState, Secret
from signer.people import Official, RegistrationState
from store.api_credentials import SqlApiCredentials
from store.bulk import SqlContacts
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from store.database import open_database
from tests.support.api_memory import ALL, CREDENTIAL, NOON, MemoryService, memory_service, settings_in
from tests.support.signing import SIGNATORY


def basic(user_name: str, password: str) -> str:
    """The value of `Authorization`."""
    return f"Basic {b64encode(f'{user_name}:{password}'.encode()).decode()}"


@dataclass(slots=True, kw_only=True)
class Gateway:
    """A service whose peer is on the same machine, and what its one application knows."""

    service: MemoryService
    credentials: ApiCredentials
    password: str
    officials: "OneOfficial"
    user_name: str = "e-office-utama"

    clients: SqlClientStore

    @property
    def basic(self) -> str:
        return basic(self.user_name, self.password)

    def take_rights_away(self) -> None:
        """The application may have nothing signed any more."""
        removed = frozenset({"signature:create"})
        self.clients.change_scopes("e-office", add=frozenset(), remove=removed, actor="test", at=NOON)


NIK = "0171010101010001"


@dataclass(slots=True, kw_only=True)
class OneOfficial:
    """`api.esign.signers.Officials`: one person, known by one NIK, in whatever state a test wants."""

    nik_hash: str
    official: Official

    def find_by_number(self, *, nik: str | None = None, nip: str | None = None) -> Official | None:
        assert nip is None
        return self.official if nik == self.nik_hash else None


def an_official() -> Official:
    """Somebody who may sign."""
    return Official(
        signatory=SIGNATORY,
        registration=RegistrationState.COMPLETED,
        credential_id=CREDENTIAL,
        credential_state=CredentialState.ACTIVE,
        serial=0x1234,
        not_after=NOON + timedelta(days=300),
    )


@pytest.fixture
def gateway(tmp_path: Path, sqlite_template: Path) -> Iterator[Gateway]:
    settings = settings_in(tmp_path)
    limits = replace(settings.limits, failed_logins_per_minute=3)
    shutil.copy(sqlite_template, settings.store.url().partition(":///")[2])
    service = memory_service(replace(settings, limits=limits))
    service.peer = "127.0.0.1"
    with open_database(settings.store.url(), 2) as database:
        owner = Client(id="e-office", name="E-office", scopes=ALL, state=ClientState.ACTIVE, created_at=NOON)
        clients = SqlClientStore(database)
        clients.add(owner, "00" * 32, actor="test")
        credentials = ApiCredentials(
            SqlApiCredentials(database), now=service.clock, random_bytes=lambda count: b"r" * count
        )
        made = credentials.add("e-office-utama", "e-office", Terms(), actor="test")
        numbers = PersonalNumberHash(b"k" * 32)
        officials = OneOfficial(nik_hash=numbers.nik(Secret(NIK)), official=an_official())
        assert service.services.esign is not None
        signers = Signers(officials, SqlContacts(database), numbers=lambda: numbers, now=service.clock)
        service.services = replace(service.services, esign=replace(service.services.esign, signers=signers))
        yield Gateway(
            service=service,
            credentials=credentials,
            password=made.password.reveal(),
            officials=officials,
            clients=clients,
        )


@pytest.fixture
def http(gateway: Gateway) -> Iterator[TestClient[Litestar]]:
    with gateway.service.http() as client:
        yield client
