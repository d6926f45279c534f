"""Durable jobs over HTTP: seen, begun anew and ended by administrators."""

import pytest

from signer.people import Role
from store.audit import Act, AuditTrail
from store.database import Database
from store.jobs import SqlJobs
from tests.support.api_memory import MemoryService
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Door, Http

PATH = "/v1/jobs"
KEYS = ("batch-1/prepare", "batch-2/prepare", "batch-3/prepare")


@pytest.fixture(autouse=True)
def asked(database: Database) -> None:
    """Three that wait."""
    with database.transaction() as session:
        for key in KEYS:
            SqlJobs(database).enqueue(session, "batches", "prepare", key, "0123456789abcdef")


def test_they_come_in_pages_the_newest_first(administrator: Door) -> None:
    first = administrator.get(PATH, limit="2").json()
    rest = administrator.get(PATH, limit="2", cursor=first["next"]).json()
    found = first["items"] + rest["items"]
    assert (sorted(each["key"] for each in found), rest["next"]) == (sorted(KEYS), None)
    assert {(each["state"], each["queue"], each["kind"]) for each in found} == {("queued", "batches", "prepare")}
    assert administrator.get(PATH, state="failed").json()["items"] == []
    assert "0123456789abcdef" not in str(found)
    for each in found:
        assert administrator.get(f"{PATH}/{each['id']}").json() == each


def test_one_is_ended_and_begun_anew_and_the_trail_says_by_whom(administrator: Door, database: Database) -> None:
    job = f"{PATH}/{administrator.get(PATH).json()['items'][0]['id']}"
    assert administrator.post(f"{job}/retry").json()["reason"] == "not-ended-badly"
    assert administrator.post(f"{job}/cancel").json()["state"] == "cancelled"
    again = administrator.post(f"{job}/cancel")
    assert (again.status_code, again.json()["type"], again.json()["reason"]) == (409, "/problems/job-refused", "ended")
    assert len(administrator.get(PATH, state="cancelled").json()["items"]) == 1
    assert administrator.post(f"{job}/retry").json()["state"] == "queued"
    for act in (Act.JOB_CANCEL, Act.JOB_RETRY):
        (entry,) = AuditTrail(database).read(act=act)
        assert entry.actor == "administrator"


@pytest.mark.parametrize("id", ["bm8", "?", "%00", "*", "YQ==", "x" * 700])
def test_what_is_no_job_is_not_found(administrator: Door, id: str) -> None:
    missing = administrator.get(f"{PATH}/{id.replace('?', '%3F')}")
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/job-unknown")


def test_a_cursor_that_was_never_told_is_refused(administrator: Door) -> None:
    refused = administrator.get(PATH, cursor="*")
    assert (refused.status_code, refused.json()["field"]) == (410, "cursor")


@pytest.mark.parametrize("role", Role)
def test_they_are_for_administrators_alone(http: Http, service: MemoryService, role: Role) -> None:
    door = Door(http, service, role)
    for answer in (
        door.get(PATH),
        door.get(f"{PATH}/bm8"),
        door.post(f"{PATH}/bm8/retry"),
        door.post(f"{PATH}/bm8/cancel"),
    ):
        assert (answer.status_code == 403) is (role is not Role.ADMINISTRATOR)
