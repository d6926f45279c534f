"""Seals at the console: one role makes them, another lends them for a day, and nobody does both."""

import re

import pytest

from api.permissions import Permission
from signer.people import Role
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from store.database import Database
from tests.support.console import ConsoleHouse
from tests.support.pki import NOON

ADMINISTRATOR, REGISTRAR, APPROVER = Role.ADMINISTRATOR, Role.REGISTRAR, Role.APPROVER
LENT = {"client": "e-office", "networks": "192.0.2.0/24\n198.51.100.7", "documents": "10", "hours": "8"}


@pytest.fixture
def client_of_the_house(database: Database) -> str:
    """An application that may have things signed."""
    scopes = frozenset({Permission.SIGNATURE_CREATE})
    client = Client(id="e-office", name="e-office", scopes=scopes, state=ClientState.ACTIVE, created_at=NOON)
    SqlClientStore(database).add(client, None)
    return client.id


def made(house: ConsoleHouse) -> str:
    """The page of a new seal."""
    with house.logged_in(ADMINISTRATOR, confirmed=True) as administrator:
        administrator.get("/console/seals/new")
        return administrator.post("/console/seals/new", name="Dinas Contoh").headers["location"]


def test_administrators_make_and_renew_seals_and_nobody_else(house: ConsoleHouse) -> None:
    place = made(house)
    with house.logged_in(ADMINISTRATOR, confirmed=True) as administrator:
        assert "Dinas Contoh" in administrator.get(place).text
        assert administrator.post("/console/seals/new", name="Dinas Contoh").status_code == 422, "sent twice, made once"
        renewed = administrator.post(f"{place}/renewal").headers["location"]
        assert renewed != place
        assert "Sudah diganti" in administrator.get(place).text
        assert administrator.post(f"{place}/renewal").status_code == 422, "it has a successor"
        assert administrator.post("/console/seals/new", name="x" * 65).status_code == 422
        assert "Dinas Contoh" in administrator.get("/console/seals", format="csv").text
    for role in (REGISTRAR, APPROVER):
        with house.logged_in(role, confirmed=True) as other:
            assert other.get("/console/seals/new").status_code == 403
            assert other.post("/console/seals/new", name="Dinas Lain").status_code == 403
            assert other.post(f"{place}/renewal").status_code == 403


def test_an_approver_lends_a_seal_and_takes_it_back(house: ConsoleHouse, client_of_the_house: str) -> None:
    place = made(house)
    with house.logged_in(APPROVER, confirmed=True) as approver:
        approver.get(place)
        assert approver.post(f"{place}/activations", **LENT | {"client": client_of_the_house}).status_code == 303
        again = approver.post(f"{place}/activations", **LENT | {"client": client_of_the_house})
        assert again.status_code == 422, "a form sent twice lends nothing twice"
        page = approver.get(place).text
        assert page.count("0 / 10") == 1
        assert "192.0.2.0/24" in page
        permission = re.search(r'name="permission" value="([0-9a-f]+)"', page)
        assert permission is not None
        assert approver.post(f"{place}/activations/end", permission=permission[1]).status_code == 303
        assert "Diakhiri" in approver.get(place).text
        assert approver.post(f"{place}/activations/end", permission=permission[1]).status_code == 422
    with house.logged_in(ADMINISTRATOR, confirmed=True) as administrator:
        administrator.get(place)
        assert administrator.post(f"{place}/activations", **LENT).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"client": "nobody"},
        {"networks": "x"},
        {"networks": ""},
        {"documents": "banyak"},
        {"hours": "25"},
        {"hours": "-1"},
    ],
)
def test_what_is_out_of_bounds_is_said_and_lends_nothing(
    house: ConsoleHouse, client_of_the_house: str, wrong: dict[str, str]
) -> None:
    place = made(house)
    with house.logged_in(APPROVER, confirmed=True) as approver:
        approver.get(place)
        sent = LENT | {"client": client_of_the_house} | wrong
        assert approver.post(f"{place}/activations", **sent).status_code == 422
        assert "Belum ada aplikasi" in approver.get(place).text


def test_a_seal_ends_with_a_second_person_like_any_certificate(house: ConsoleHouse) -> None:
    place = made(house)
    with house.logged_in(ADMINISTRATOR, confirmed=True) as administrator:
        found = re.search(r"/console/certificates/[0-9a-f]+/revocation", administrator.get(place).text)
        assert found is not None
        administrator.get(found[0])
        proposed = administrator.post(found[0], reason="privilegeWithdrawn")
        approval = proposed.headers["location"]
        with house.logged_in(APPROVER, confirmed=True) as approver:
            approver.get(approval)
            assert approver.post(f"{approval}/decision", decision="approve").status_code == 303
        administrator.get(approval)
        assert administrator.post(f"{approval}/act").headers["location"] == approval
        assert "Dicabut" in administrator.get(place).text


def test_an_unknown_seal_is_no_page(house: ConsoleHouse) -> None:
    with house.logged_in(APPROVER) as approver:
        assert approver.get("/console/seals/unknown").status_code == 404
        person = house.office.enrolled()
        assert approver.get(f"/console/seals/{person.id}").status_code == 404
