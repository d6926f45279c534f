"""The page behind a staff member's one-time link: looking uses nothing up, opening shows the secret once."""

import re
from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.faces.public.staff_link import staff_link_router
from signer.model import Secret
from signer.people import Role
from store.clients import SqlClientStore
from store.database import Database
from tests.support.office import TestOffice
from tests.support.office_doors import database, office, pki, sqlite_template
from tests.unit.api.faces.public.examples import SETTINGS

__all__ = ["database", "office", "pki", "sqlite_template"]


NUMBER = "5171" + "0" * 12


@pytest.fixture
def client(office: TestOffice) -> Iterator[TestClient[Litestar]]:
    app = Litestar([staff_link_router(office.people.accounts, SETTINGS)], openapi_config=None)
    with TestClient(app) as client:
        yield client


@pytest.fixture
def here(office: TestOffice) -> str:
    made = office.people.accounts.add(
        office.caller(Role.ADMINISTRATOR),
        id="baru",
        name="Ni <b>Baru",
        role=Role.APPROVER,
        number=Secret(NUMBER),
    )
    return f"/staff/{made.token}"


def test_looking_shows_no_secret_and_uses_nothing_up(client: TestClient[Litestar], here: str) -> None:
    for _ in range(2):
        page = client.get(here)
        assert page.status_code == 200
        assert "Ni &lt;b&gt;Baru" in page.text
        assert 'id="secret"' not in page.text
        assert "no-store" in page.headers["cache-control"]


def test_opening_shows_the_secret_once(client: TestClient[Litestar], here: str, database: Database) -> None:
    page = client.post(here)
    found = re.search(r'<code id="secret">([A-Za-z0-9_-]{43})</code>', page.text)
    assert found is not None
    assert "no-store" in page.headers["cache-control"]
    assert SqlClientStore(database).authenticate("baru", found[1]) is not None
    for again in (client.get(here), client.post(here)):
        assert again.status_code == 404
        assert found[1] not in again.text


def test_dead_used_and_never_made_links_look_alike(client: TestClient[Litestar], here: str) -> None:
    client.post(here)
    answers = [client.get(each) for each in (here, f"/staff/{'A' * 43}", "/staff/x", "/staff/%00")]
    answers.append(client.post(f"/staff/{'A' * 43}"))
    assert {each.status_code for each in answers} == {404}
    assert len({each.text for each in answers}) == 1
