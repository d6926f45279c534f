"""Durable jobs: what waits, runs, failed; begun anew or ended."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromQuery, URLEncodedBody

from api.faces.console.machine_words import JOB_REFUSALS, JOB_STATES
from api.faces.console.visit import Visit, Visits, to
from api.office.job_errors import JobRefused, JobUnknown
from api.office.jobs import UNDONE, Job, JobState, state_of
from api.pages.tables import csv_answer
from api.pages.text import Text
from api.permissions import Permission

JOBS: Final = "/console/jobs"
_PAGE: Final = 50
_FILE: Final = 5000
_ALL: Final = Text("Belum selesai", "Not done")
_HEADINGS: Final = ("kunci", "jenis", "antrean", "keadaan", "pekerja", "diminta", "berubah")
_RETRIED: Final = frozenset({JobState.FAILED, JobState.CANCELLED})
_ENDED: Final = frozenset({JobState.QUEUED, JobState.RUNNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class JobForm:
    """A button beside a job."""

    csrf: str = ""
    key: str = ""
    act: str = ""
    state: str = ""
    """The filter that the list had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLine:
    """One job in words."""

    job: Job
    words: Text
    tone: str
    shape: str | None
    can_retry: bool
    can_cancel: bool


class JobsController(Controller):
    """For administrators."""

    include_in_schema = False

    @get(JOBS, sync_to_thread=True)
    def page(
        self, visit: Visits, which: FromQuery[str] = "", after: FromQuery[str] = "", format: FromQuery[str] = ""
    ) -> Response[Any]:
        """What is not done, the newest first; `which`: of one state alone, `after`: behind the job of that key."""
        if format == "csv":
            found = visit.doors.people.jobs.page(visit.caller, states=_states(which), limit=_FILE)
            return csv_answer("pekerjaan.csv", _HEADINGS, (_cells(each) for each in found))
        return _list(visit, which, after)

    @post(JOBS, status_code=200, sync_to_thread=True)
    def act(self, visit: Visits, data: URLEncodedBody[JobForm]) -> Response[Any]:
        """Begin one anew, or end it; harmless when it is sent twice."""
        caller, jobs = visit.own(data.csrf), visit.doors.people.jobs
        acts = {"retry": jobs.retry, "cancel": jobs.cancel}
        if data.act not in acts:
            raise HTTPException(status_code=404)
        try:
            acts[data.act](caller, data.key)
        except (JobRefused, JobUnknown) as refused:
            return _list(visit, data.state, "", error=JOB_REFUSALS[refused.reason])
        return to(_address(data.state))


def _list(visit: Visit, state: str, after: str, *, error: Text | None = None) -> Response[Any]:
    jobs, caller = visit.doors.people.jobs, visit.caller
    found = jobs.page(caller, states=_states(state), after=after or None, limit=_PAGE)
    counts = jobs.counts(caller)
    choices = [(_ALL, "", sum(counts[each] for each in UNDONE))]
    choices += [(JOB_STATES[each][0], each.value, counts[each]) for each in JobState]
    return visit.show(
        "jobs.html",
        error=error,
        jobs=[_line(each) for each in found],
        chosen=state,
        chips=[
            (Text(f"{words.id}: {count}", words.en), _address(value), value == state) for words, value, count in choices
        ],
        workers=jobs.workers(caller),
        may_act=visit.may(Permission.JOB_MANAGE),
        next_page=_address(state, after=found[-1].key) if len(found) == _PAGE else None,
        csv=_address(state, format="csv"),
    )


def _line(job: Job) -> JobLine:
    state = state_of(job)
    words, tone, shape = JOB_STATES[state]
    return JobLine(
        job=job,
        words=words,
        tone=tone,
        shape=shape,
        can_retry=state in _RETRIED,
        can_cancel=state in _ENDED,
    )


def _states(state: str) -> tuple[JobState, ...]:
    if not state:
        return UNDONE
    try:
        return (JobState(state),)
    except ValueError:
        raise HTTPException(status_code=404) from None


def _cells(job: Job) -> tuple[str, ...]:
    return (
        job.key,
        job.kind,
        job.queue,
        state_of(job).value,
        job.worker or "",
        job.asked_at.isoformat(),
        job.changed_at.isoformat(),
    )


def _address(state: str, **query: str) -> str:
    given = urlencode({name: value for name, value in {"which": state, **query}.items() if value})
    return f"{JOBS}?{given}" if given else JOBS
