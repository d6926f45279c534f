"""Whom applications want enrolled, over HTTP: the office reads it, a registrar closes it, once."""

import pytest

from signer.enrolment_requests import EnrolmentRequests
from signer.people import Role
from store.audit import Act, AuditTrail
from store.database import Database
from store.enrolment_requests import SqlEnrolmentRequests
from tests.support.api_memory import NOON, MemoryService
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Door, Http

PATH = "/v1/enrolment-requests"


@pytest.fixture(autouse=True)
def asked(database: Database) -> None:
    """Three that wait."""
    for number in range(1, 4):
        asking = EnrolmentRequests(
            SqlEnrolmentRequests(database),
            now=lambda: NOON,
            random_bytes=lambda size, number=number: bytes([number]) * size,  # type: ignore[misc]
        )
        asking.ask("e-office", f"Contoh {number}", f"contoh-{number}@example.org")


def test_they_come_in_pages_by_id(registrar: Door) -> None:
    first = registrar.get(PATH, limit="2").json()
    rest = registrar.get(PATH, limit="2", cursor=first["next"]).json()
    assert [each["name"] for each in first["items"] + rest["items"]] == ["Contoh 1", "Contoh 2", "Contoh 3"]
    assert (rest["next"], rest["items"][0]["client"]) == (None, "e-office")
    (one,) = rest["items"]
    assert registrar.get(f"{PATH}/{one['id']}").json() == one
    assert one["askedAt"] == NOON.isoformat().replace("+00:00", "Z")


def test_one_is_closed_once_and_the_trail_says_by_whom(registrar: Door, database: Database) -> None:
    (one, *others) = registrar.get(PATH).json()["items"]
    closed = registrar.post(f"{PATH}/{one['id']}/closure")
    assert (closed.status_code, closed.json()["closedBy"]) == (200, "registrar")
    assert registrar.get(PATH).json()["items"] == others
    assert registrar.get(f"{PATH}/{one['id']}").json() == closed.json()
    again = registrar.post(f"{PATH}/{one['id']}/closure")
    assert (again.status_code, again.json()["reason"]) == (422, "unknown")
    (entry,) = AuditTrail(database).read(act=Act.ENROLMENT_CLOSE)
    assert (entry.actor, entry.object) == ("registrar", f"enrolment-request:{one['id']}")
    assert "@example.org" not in str(entry)


def test_what_is_not_there_is_not_found(registrar: Door) -> None:
    missing = registrar.get(f"{PATH}/none")
    assert (missing.status_code, missing.json()["field"]) == (404, "enrolment")


@pytest.mark.parametrize("role", Role)
def test_each_route_is_for_its_role_alone(http: Http, service: MemoryService, role: Role) -> None:
    door = Door(http, service, role)
    reads = {door.get(PATH).status_code, door.get(f"{PATH}/none").status_code}
    assert (reads == {403}) is (role not in (Role.REGISTRAR, Role.APPROVER))
    assert (door.post(f"{PATH}/none/closure").status_code == 403) is (role is not Role.REGISTRAR)


def test_the_time_of_its_last_change_spares_sending_it_again(
    http: Http, registrar: Door, service: MemoryService
) -> None:
    """Within the second of a change nothing is told: another one could still have the same time."""
    one = f"{PATH}/{registrar.get(PATH).json()['items'][0]['id']}"
    assert "last-modified" not in registrar.get(one).headers
    service.clock.forward(1)
    told = registrar.get(one).headers["last-modified"]
    for since, tag, status in (
        (told, None, 304),
        (told, '"other"', 200),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, 200),
        ("not a time", None, 200),
    ):
        fields = {"If-Modified-Since": since} | ({} if tag is None else {"If-None-Match": tag})
        answer = http.get(one, headers=registrar.headers | fields)
        assert (answer.status_code, answer.headers["last-modified"]) == (status, told), since
    registrar.post(f"{one}/closure")
    assert http.get(one, headers=registrar.headers | {"If-Modified-Since": told}).status_code == 200
