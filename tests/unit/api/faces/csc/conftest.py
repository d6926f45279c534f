"""The face over a database of its own, with one official, another one, and a seal that is lent.

`scene` is shared by a module: what a test adds harms nobody. Who moves the clock or revokes somebody takes `own_scene`.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.settings import Settings
from signer.model import Credential
from store.clients import Client, ClientState, SqlClientStore
from store.database import Database, open_database
from tests.support.api_memory import settings_in
from tests.support.csc import CLIENT, OTHER_CLIENT, OTHER_PERSON, PERSON, Court
from tests.support.csc_doors import http_of


@dataclass(slots=True)
class Scene:
    """A court with people and a seal in it, and a client at its door."""

    court: Court
    http: TestClient[Litestar]
    official: Credential
    other: Credential
    seal: Credential
    permission: str

    def post(self, address: str, body: Any = None, *, user: str | None = None, **headers: str) -> httpx.Response:
        """As `CLIENT`, for itself or for a person, unless `headers` say who."""
        known = headers or self.court.token(CLIENT, user)
        return self.http.post(f"/csc/{address}", json=body, headers=known)


@contextmanager
def a_scene(database: Database, settings: Settings, **replaced: Any) -> Iterator[Scene]:
    """`replaced`: as for `Court`."""
    court = Court(database, **replaced)
    for name in (CLIENT, OTHER_CLIENT):
        added = Client(id=name, name=name, scopes=frozenset(), state=ClientState.ACTIVE, created_at=court.clock())
        SqlClientStore(database).add(added, "00" * 32)
    official = court.enrol("cred-official", PERSON, holder=court.pki.official)
    other = court.enrol("cred-other", OTHER_PERSON)
    seal = court.enrol("cred-seal", "seal-DINASCONTOH")
    permission = court.lend(seal.id, documents=10_000)
    with http_of(court, settings) as http:
        yield Scene(court, http, official, other, seal, permission)


@contextmanager
def a_database(folder: Path, template: Path) -> Iterator[Database]:
    shutil.copy(template, folder / "csc.db")
    with open_database(f"sqlite+pysqlite:///{folder / 'csc.db'}", 20, software="teken/test") as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def database(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    with a_database(tmp_path, sqlite_template) as opened:
        yield opened


@pytest.fixture
def own_scene(database: Database, settings: Settings) -> Iterator[Scene]:
    with a_scene(database, settings) as made:
        yield made


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    with a_database(folder, sqlite_template) as database, a_scene(database, settings_in(folder)) as made:
        yield made
