"""Contacts and acting appointments over HTTP: what is refused, and that the trail has each change and no address."""

import pytest

from signer.people import Role
from store.audit import Act, AuditTrail
from store.database import Database
from tests.support.api_memory import MemoryService
from tests.support.office import TestOffice
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Door, Http

PLT = {"form": "plt", "office": "Kepala Dinas Contoh", "startsOn": "2026-11-21", "endsOn": "2026-12-20"}
EMAIL = "wayan.contoh@example.org"


@pytest.fixture
def here(office: TestOffice) -> str:
    return f"/v1/credentials/{office.proposed().signatory.id}"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("contact", {"email": EMAIL}),
        ("contact/withdrawal", None),
        ("appointments", PLT),
        ("appointments/x/withdrawal", None),
    ],
)
def test_only_a_registrar_changes_anything(  # noqa: PLR0917 - one row of the table
    http: Http, service: MemoryService, here: str, role: Role, path: str, body: object
) -> None:
    answer = Door(http, service, role).post(f"{here}/{path}", body)
    assert (answer.status_code == 403) is (role is not Role.REGISTRAR)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("contact", {"email": "nobody"}, "email"),
        ("contact", {"email": "a@b\n.org"}, "email"),
        ("contact", {}, "email"),
        ("contact/withdrawal", None, "email"),
        ("appointments", PLT | {"form": "an"}, "form"),
        ("appointments", PLT | {"endsOn": "2026-11-20"}, "endsOn"),
        ("appointments", PLT | {"endsOn": "2028-11-20"}, "endsOn"),
        ("appointments", PLT | {"startsOn": "tomorrow"}, "startsOn"),
        ("appointments", PLT | {"office": " "}, "office"),
        ("appointments", PLT | {"office": "Kepala 5171000000000001"}, "office"),
        ("appointments/x/withdrawal", None, "appointment"),
    ],
)
def test_what_is_wrong_is_named(registrar: Door, here: str, path: str, body: object, field: str) -> None:
    answer = registrar.post(f"{here}/{path}", body)
    assert answer.status_code in (400, 422)
    assert answer.json()["field"] == field
    assert "5171000000000001" not in answer.text


@pytest.mark.parametrize("path", ["contact", "appointments"])
def test_an_unknown_official_has_neither(registrar: Door, path: str) -> None:
    assert registrar.get(f"/v1/credentials/nobody/{path}").json()["field"] == "signatory"
    body = {"email": EMAIL} if path == "contact" else PLT
    assert registrar.post(f"/v1/credentials/nobody/{path}", body).json()["field"] == "signatory"


def test_a_contact_is_noted_changed_and_withdrawn(registrar: Door, here: str, database: Database) -> None:
    assert registrar.get(f"{here}/contact").json()["email"] is None
    for email in (EMAIL, "lain@example.org"):
        assert registrar.post(f"{here}/contact", {"email": email}).json()["email"] == email
        assert registrar.get(f"{here}/contact").json()["email"] == email
    assert registrar.post(f"{here}/contact/withdrawal").json()["email"] is None
    assert registrar.get(f"{here}/contact").json()["email"] is None
    entries = AuditTrail(database).read(act=Act.CONTACT)
    assert [(each.actor, each.reason) for each in entries] == [("registrar", None)] * 2 + [("registrar", "withdrawn")]
    assert EMAIL not in "".join(map(str, entries))


def test_an_appointment_is_added_listed_and_withdrawn_once(registrar: Door, here: str, database: Database) -> None:
    made = registrar.post(f"{here}/appointments", PLT)
    assert made.status_code == 201
    assert registrar.get(made.headers["location"]).json() == made.json()
    assert registrar.get(f"{here}/appointments").json() == {"items": [made.json()], "next": None}
    assert made.json()["office"] == "Kepala Dinas Contoh"
    withdrawal = f"{here}/appointments/{made.json()['id']}/withdrawal"
    assert registrar.post(withdrawal).json() == {"items": [], "next": None}
    assert registrar.post(withdrawal).json()["field"] == "appointment"
    gone = registrar.get(made.headers["location"])
    assert (gone.status_code, gone.json()["field"]) == (404, "appointment")
    entries = AuditTrail(database).read(act=Act.APPOINTMENT)
    assert [(each.actor, each.reason) for each in entries] == [("registrar", None), ("registrar", "withdrawn")]


def test_appointments_come_in_pages_by_first_day(registrar: Door, here: str) -> None:
    days = ("2026-12-01", "2026-11-21", "2026-11-21")
    made = [
        registrar.post(f"{here}/appointments", PLT | {"startsOn": day, "endsOn": "2026-12-20"}).json() for day in days
    ]
    first = registrar.get(f"{here}/appointments", limit="2").json()
    rest = registrar.get(f"{here}/appointments", limit="2", cursor=first["next"]).json()
    assert [each["startsOn"] for each in first["items"]] == ["2026-11-21", "2026-11-21"]
    assert rest == {"items": [made[0]], "next": None}
    assert len({each["id"] for each in first["items"] + rest["items"]}) == len(days)
    for cursor in ("nothing", "WyJ4IiwieCJd", "WzEsMl0"):
        refused = registrar.get(f"{here}/appointments", cursor=cursor)
        assert (refused.status_code, refused.json()["field"]) == (410, "cursor")
