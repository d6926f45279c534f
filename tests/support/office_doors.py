"""Staff at the door of a service over a real database, each with a token of their role."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from api.letters.build import build_letters
from api.permissions import ROLE_PERMISSIONS
from api.services import Services
from signer.people import Role
from store.database import Database, open_database
from tests.support.api_memory import MemoryService, memory_service
from tests.support.office import TestOffice, office_in
from tests.support.pki import Pki, make_pki

Http = TestClient[Litestar]


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture
def database(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    path = tmp_path / "teken.db"
    path.write_bytes(sqlite_template.read_bytes())
    with open_database(f"sqlite+pysqlite:///{path}", 4) as opened:
        yield opened


@pytest.fixture
def office(tmp_path: Path, database: Database, pki: Pki) -> TestOffice:
    return office_in(tmp_path, database, pki)


@pytest.fixture
def service(office: TestOffice, database: Database) -> MemoryService:
    def adjust(same: Services) -> Services:
        letters = build_letters(office.settings, database, now=same.now)
        return replace(same, people=office.people, letters=letters)

    made = memory_service(office.settings, adjust=adjust)
    for role, rights in ROLE_PERMISSIONS.items():
        made.clients.add(role.value, scopes=frozenset(str(each) for each in rights))
    return made


@pytest.fixture
def http(service: MemoryService) -> Iterator[Http]:
    with service.http() as client:
        yield client


class Door:
    """Requests of one role, with exactly its scopes."""

    def __init__(self, http: Http, service: MemoryService, role: Role) -> None:
        self._http = http
        scopes = frozenset(str(each) for each in ROLE_PERMISSIONS[role])
        self.headers = service.bearer(role.value, scopes=scopes)

    def get(self, path: str, **query: str) -> Response:
        return self._http.get(path, params=query, headers=self.headers)

    def post(self, path: str, body: object = None, **headers: str) -> Response:
        return self._http.post(path, json=body, headers=self.headers | headers)

    def patch(self, path: str, body: object) -> Response:
        return self._http.patch(path, json=body, headers=self.headers)


@pytest.fixture
def registrar(http: Http, service: MemoryService) -> Door:
    return Door(http, service, Role.REGISTRAR)


@pytest.fixture
def approver(http: Http, service: MemoryService) -> Door:
    return Door(http, service, Role.APPROVER)


@pytest.fixture
def administrator(http: Http, service: MemoryService) -> Door:
    return Door(http, service, Role.ADMINISTRATOR)


@pytest.fixture
def auditor(http: Http, service: MemoryService) -> Door:
    return Door(http, service, Role.AUDITOR)


__all__ = [
    "Door",
    "Http",
    "administrator",
    "approver",
    "auditor",
    "database",
    "http",
    "office",
    "pki",
    "registrar",
    "service",
]
"""For a test's module: `from tests.support.office_doors import *`."""
