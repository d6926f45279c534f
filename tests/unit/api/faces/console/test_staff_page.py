"""Accounts of staff in the console: administrators alone, after they have shown who they are."""

import csv
import io
import re

import pytest

from signer.people import Role
from store.audit import AuditTrail, Outcome
from store.database import Database
from tests.support.console import ConsoleHouse

NUMBER = "5171" + "0" * 12
NEW = {"id": "baru", "name": "Ni Contoh Baru", "role": "approver", "number": NUMBER}
_LINK = re.compile(r'id="link"[^>]*>[^<]*(/staff/[A-Za-z0-9_-]{43})<')


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.ADMINISTRATOR])
def test_nobody_else_sees_or_changes_accounts_and_the_trail_has_it(
    house: ConsoleHouse, database: Database, role: Role
) -> None:
    with house.logged_in(role, confirmed=True) as person:
        assert "/console/staff" not in person.get("/console").text
        answers = [
            person.get("/console/staff"),
            person.get("/console/staff", format="csv"),
            person.get("/console/staff/registrar"),
            person.post("/console/staff/new", **NEW),
            person.post("/console/staff/registrar/link"),
            person.post("/console/staff/registrar/disable"),
        ]
    assert {each.status_code for each in answers} == {403}
    assert all("Registrar Contoh" not in each.text for each in answers if role is not Role.REGISTRAR)
    refused = [each for each in AuditTrail(database).entries(10_000) if each.outcome == Outcome.REFUSED.value]
    assert [each.object for each in refused].count(f"staff:{role.value}") == len(answers)
    assert [each.active for each in house.office.people.accounts.all()] == [True] * len(Role)


def test_a_new_account_gets_a_link_that_is_shown_once(house: ConsoleHouse) -> None:
    with house.logged_in(Role.ADMINISTRATOR) as person:
        assert person.get("/console/staff/new").headers["location"] == "/console/confirm?next=/console/staff/new"
        assert person.post("/console/staff/new", **NEW).status_code == 303
    with house.logged_in(Role.ADMINISTRATOR, confirmed=True) as person:
        person.get("/console/staff/new")
        made = person.post("/console/staff/new", **NEW)
        found = _LINK.search(made.text)
        assert found is not None
        assert NUMBER not in made.text
        assert found[1] not in person.get("/console/staff/baru").text
        assert "Belum punya faktor kedua" in person.page
        with house.browser() as other:
            assert other.get(found[1]).status_code == 200


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"role": "raja"}, "role"),
        ({"id": "registrar"}, "id"),
        ({"id": "dua kata"}, "id"),
        ({"number": "dua belas"}, "number"),
        ({"number": "0" * 17}, "number"),
    ],
)
def test_a_bad_field_is_named_and_leads_there_and_no_number_comes_back(
    house: ConsoleHouse, changed: dict[str, str], field: str
) -> None:
    with house.logged_in(Role.ADMINISTRATOR, confirmed=True) as person:
        answer = person.post("/console/staff/new", **NEW | changed)
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
        assert f'id="{field}"' in answer.text
        assert "Ni Contoh Baru" in answer.text
        assert NUMBER not in answer.text
    assert len(house.office.people.accounts.all()) == len(Role)


def test_an_account_is_disabled_and_logged_out_but_never_ones_own(house: ConsoleHouse) -> None:
    with (
        house.logged_in(Role.REGISTRAR) as registrar,
        house.logged_in(Role.ADMINISTRATOR, confirmed=True) as administrator,
    ):
        assert registrar.get("/console").status_code == 200
        assert administrator.post("/console/staff/administrator/disable").status_code == 422
        assert administrator.post("/console/staff/registrar/disable").headers["location"] == "/console/staff"
        assert "Nonaktif" in administrator.get("/console/staff/registrar").text
        assert registrar.get("/console").status_code == 303
        assert administrator.get("/console/staff/siapa").status_code == 404


def test_the_list_is_searched_filtered_and_taken_along(house: ConsoleHouse) -> None:
    with house.logged_in(Role.ADMINISTRATOR) as person:
        assert "Registrar Contoh" in person.get("/console/staff", q="REGIS contoh").text
        assert "Auditor Contoh" not in person.page
        assert "Auditor Contoh" not in person.get("/console/staff", role="approver").text
        assert "Tidak ada yang cocok" in person.get("/console/staff", q="<siapa>").text
        assert "<siapa>" not in person.page
        file = person.get("/console/staff", format="csv", role="auditor")
    assert file.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [(each["akun"], each["aktif"], each["faktor_kedua"]) for each in rows] == [("auditor", "ya", "tidak")]
