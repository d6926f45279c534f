"""Jobs at the desk: seen and changed by administrators alone, and the trail says by whom."""

from pathlib import Path

import pytest

from api.office.desk import Caller
from api.office.job_errors import JobRefused, JobUnknown
from api.office.jobs import JobOffice, JobState, state_of
from signer.errors import NotPermitted
from signer.people import Role
from store.audit import Act, AuditTrail
from store.database import Database
from store.job_watchdog import SqlWatchdog
from store.jobs import SqlJobs
from tests.support.office import TestOffice, office_in
from tests.support.pki import make_pki


@pytest.fixture
def office(tmp_path: Path, database: Database) -> TestOffice:
    with database.transaction() as session:
        for key in ("letters-1", "letters-2", "letters-3"):
            SqlJobs(database).enqueue(session, "letters", "sign-chunk", key, 7)
    return office_in(tmp_path, database, make_pki())


@pytest.fixture
def jobs(office: TestOffice) -> JobOffice:
    return office.people.jobs


@pytest.fixture
def administrator(office: TestOffice) -> Caller:
    return office.caller(Role.ADMINISTRATOR)


def test_what_is_ended_is_not_begun_again_until_somebody_begins_it_anew(
    jobs: JobOffice, administrator: Caller, database: Database
) -> None:
    assert state_of(jobs.cancel(administrator, "letters-2")) is JobState.CANCELLED
    with pytest.raises(JobRefused) as ended:
        jobs.cancel(administrator, "letters-2")
    assert ended.value.reason == "ended"
    (cancelled,) = jobs.page(administrator, states=[JobState.CANCELLED])
    assert cancelled.key == "letters-2"
    assert jobs.counts(administrator)[JobState.QUEUED] == 2
    assert state_of(jobs.retry(administrator, "letters-2")) is JobState.QUEUED
    with pytest.raises(JobRefused):
        jobs.retry(administrator, "letters-2")
    acts = [each for each in AuditTrail(database).read(actor="administrator") if each.object == "job:letters-2"]
    assert [each.act for each in acts] == [Act.JOB_CANCEL.value, Act.JOB_RETRY.value]
    assert {each.role for each in acts} == {"administrator"}


def test_pages_follow_each_other(jobs: JobOffice, administrator: Caller) -> None:
    first = jobs.page(administrator, limit=2)
    second = jobs.page(administrator, limit=2, after=first[-1].key)
    assert {each.key for each in (*first, *second)} == {"letters-1", "letters-2", "letters-3"}
    assert len(first) == 2


@pytest.mark.parametrize("key", ["none", "", "x" * 100_000])
def test_an_unknown_job_is_neither_shown_nor_changed(jobs: JobOffice, administrator: Caller, key: str) -> None:
    for act in (jobs.get, jobs.retry, jobs.cancel):
        with pytest.raises(JobUnknown):
            act(administrator, key)


def test_a_worker_that_fell_silent_is_called_so(
    jobs: JobOffice, administrator: Caller, office: TestOffice, database: Database
) -> None:
    SqlWatchdog(database).beat("worker-1", at=office.at)
    assert [(each.name, each.silent) for each in jobs.workers(administrator)] == [("worker-1", False)]
    office.forward(seconds=61)
    assert jobs.workers(administrator)[0].silent


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.ADMINISTRATOR])
def test_nobody_else_sees_or_changes_jobs(jobs: JobOffice, office: TestOffice, role: Role) -> None:
    caller = office.caller(role)
    for act in (
        lambda: jobs.page(caller),
        lambda: jobs.get(caller, "letters-1"),
        lambda: jobs.counts(caller),
        lambda: jobs.workers(caller),
        lambda: jobs.retry(caller, "letters-1"),
        lambda: jobs.cancel(caller, "letters-1"),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert state_of(jobs.get(office.caller(Role.ADMINISTRATOR), "letters-1")) is JobState.QUEUED
