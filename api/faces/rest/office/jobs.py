"""Durable jobs: what waits, runs and failed; begun anew or ended."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Final

from litestar import Controller
from litestar.params import FromPath, QueryParameter
from msgspec import Meta

from api.faces.rest.declaring import Limit
from api.faces.rest.office.visit import Visiting, acts, reads
from api.faces.rest.office.wire import Following, Told
from api.faces.rest.office.words import PAGE, Query, query
from api.office.job_errors import JobRefused, JobUnknown
from api.office.jobs import LONGEST_KEY, UNDONE, Job, JobState, state_of
from api.permissions import Permission
from api.problems import PROBLEMS
from signer.errors import CursorUnknown

_UNKNOWN: Final = PROBLEMS[JobUnknown]
_REFUSED: Final = PROBLEMS[JobRefused]
_STATES: Final[Query] = (
    query(
        "state",
        "Only jobs in these states; may be given again. Absent: all that are not done.",
        {"type": "array", "items": {"type": "string", "enum": [each.value for each in JobState]}},
    ),
    query("cursor", "Where to go on, as the page before told.", {"type": "string", "maxLength": 2 * LONGEST_KEY}),
    PAGE[1],
)
_JOB: Final = {
    "id": "YmF0Y2gtMDEyMzQ1Njc4OWFiY2RlZg",
    "key": "batch-0123456789abcdef",
    "kind": "prepare",
    "queue": "batches",
    "state": "failed",
    "worker": "worker-1",
    "askedAt": "2026-11-21T04:00:00Z",
    "changedAt": "2026-11-21T04:00:07Z",
}

States = Annotated[list[JobState] | None, QueryParameter(name="state", max_items=len(JobState))]
Place = Annotated[str | None, QueryParameter(max_length=2 * LONGEST_KEY)]


class JobBody(Told, frozen=True, kw_only=True):
    """One job. Nothing in it is a secret: jobs carry identifiers alone."""

    id: Annotated[str, Meta(description="Its key in a form that fits into addresses.")]
    key: str
    kind: str
    queue: str
    state: Annotated[JobState, Meta(description="`failed` and `cancelled` may be begun anew.")]
    worker: Annotated[str | None, Meta(description="Who ran it last.")]
    asked_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, one: Job) -> "JobBody":
        """In the words of this contract."""
        return cls(
            id=_id_of(one.key),
            key=one.key,
            kind=one.kind,
            queue=one.queue,
            state=state_of(one),
            worker=one.worker,
            asked_at=one.asked_at,
            changed_at=one.changed_at,
        )


class JobPage(Told, frozen=True, kw_only=True):
    """Some jobs, the newest first."""

    items: list[JobBody]
    next: Following


class JobController(Controller):
    """For administrators."""

    path = "/jobs"
    tags = ["jobs"]  # noqa: RUF012 - the framework's way

    @reads("/", "ListJobs", Permission.JOB_READ, gives=JobPage, query=_STATES, shows={"items": [_JOB], "next": None})
    def list(self, visit: Visiting[None], states: States = None, cursor: Place = None, limit: Limit = 50) -> JobPage:
        """Jobs that are not done, the newest first, or those in some states"""
        after = None if cursor is None else _place(cursor)
        found = visit.people.jobs.page(visit.caller, states=states or UNDONE, after=after, limit=limit)
        following = _id_of(found[-1].key) if len(found) == limit else None
        return JobPage(items=[JobBody.of(each) for each in found], next=following)

    @reads(
        "/{job:str}",
        "GetJob",
        Permission.JOB_READ,
        gives=JobBody,
        fails=(_UNKNOWN,),
        shows=_JOB,
        changed=lambda body: body.changed_at,
    )
    def read(self, visit: Visiting[None], job: FromPath[str]) -> JobBody:
        """One job"""
        return JobBody.of(visit.people.jobs.get(visit.caller, _known(job)))

    @acts(
        "/{job:str}/retry",
        "RetryJob",
        Permission.JOB_MANAGE,
        gives=JobBody,
        fails=(_UNKNOWN, _REFUSED),
        shows=_JOB | {"state": "queued"},
    )
    def retry(self, visit: Visiting[None], job: FromPath[str]) -> JobBody:
        """Begin a failed or cancelled job anew: it takes up what is left. One that failed goes on under another id"""
        return JobBody.of(visit.people.jobs.retry(visit.caller, _known(job)))

    @acts(
        "/{job:str}/cancel",
        "CancelJob",
        Permission.JOB_MANAGE,
        gives=JobBody,
        fails=(_UNKNOWN, _REFUSED),
        shows=_JOB | {"state": "cancelled"},
    )
    def cancel(self, visit: Visiting[None], job: FromPath[str]) -> JobBody:
        """End a job that waits or runs: it is not begun again"""
        return JobBody.of(visit.people.jobs.cancel(visit.caller, _known(job)))


def _id_of(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).rstrip(b"=").decode()


def _key_of(id: str) -> str | None:
    """The key that `_id_of` wrote; `None` for what it did not."""
    try:
        key = base64.urlsafe_b64decode(id + "=" * (-len(id) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    return key if _id_of(key) == id and key.isprintable() else None


def _known(id: str) -> str:
    key = _key_of(id)
    if key is None:
        raise JobUnknown("There is no such job; ended ones are forgotten.", field="job", reason="unknown")
    return key


def _place(cursor: str) -> str:
    key = _key_of(cursor)
    if key is None:
        raise CursorUnknown("Send the cursor as it was told.", field="cursor", reason="not-a-cursor")
    return key
