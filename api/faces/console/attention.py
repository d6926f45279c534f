"""What needs attention first: each area looks for itself, in the order of urgency; nobody reads what they may not see.

A look begins with what the caller may see, reads at most one page, and names the page where something can be done.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Any, Final

from litestar import Controller, Response, get

from api.alarms import Severity
from api.faces.console.visit import HOME, Visit, Visits
from api.office.jobs import JobState
from api.pages.text import Text
from api.permissions import Permission
from signer.errors import SignerError
from signer.people import (
    ApprovalQuery,
    ApprovalStage,
    CertificateQuery,
    RegistrationState,
    StatusWord,
)

MOST: Final = 100
"""What is counted; beyond it the page says `100+`."""
SOON: Final = timedelta(days=30)


class Urgency(IntEnum):
    """In the order in which they are shown."""

    NOW = 1
    """Something stands still, or is about to."""
    WAITS = 2
    """Somebody waits for this person."""
    SOON = 3
    """There is time, and it runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """One thing that somebody has to look at."""

    urgency: Urgency
    words: Text
    """With its number, where there is one."""
    sentence: Text | None = None
    said: str | None = None
    """In English, as a part of the service reports it."""
    path: str | None = None
    """Where it is dealt with."""


Look = Callable[[Visit], Iterable[Attention]]


def counted(number: int) -> str:
    """A number of things of which at most `MOST` were read."""
    return f"{MOST}+" if number >= MOST else str(number)


def alarms(visit: Visit) -> Iterator[Attention]:
    """What the service says of itself, to whoever runs it."""
    if not visit.may(Permission.OPERATION_READ):
        return
    for each in visit.doors.services.alarms():
        if each.name.startswith(_LOOKED_AT_ELSEWHERE):
            continue
        now = each.severity is Severity.CRITICAL
        words = next((words for prefix, words in _ALARMS if each.name.startswith(prefix)), _OTHER_ALARM)
        yield Attention(
            urgency=Urgency.NOW if now else Urgency.SOON, words=words, said=each.text, path="/console/health"
        )


def approvals(visit: Visit) -> Iterator[Attention]:
    """What waits for a second person, to those who may be it."""
    if not visit.may(Permission.APPROVAL_DECIDE):
        return
    waiting = visit.doors.people.office.waiting_approvals(visit.caller, limit=MOST)
    if waiting:
        number = counted(len(waiting))
        yield Attention(
            urgency=Urgency.WAITS,
            words=Text(f"{number} usulan menunggu keputusan Anda", f"Proposals that wait for your decision: {number}"),
            path="/console/approvals",
        )


def approved(visit: Visit) -> Iterator[Attention]:
    """What this person proposed, somebody approved, and nobody carried out yet; it is out of time one day."""
    if not visit.may(Permission.APPROVAL_READ):
        return
    caller = visit.caller
    query = ApprovalQuery(stage=ApprovalStage.READY, proposed_by=caller.member.id, limit=MOST)
    ready = visit.doors.people.proposals.search(caller, query)
    if ready:
        number = counted(len(ready))
        yield Attention(
            urgency=Urgency.WAITS,
            words=Text(
                f"{number} usulan Anda disetujui, belum dijalankan",
                f"Proposals of yours that are approved, and not carried out: {number}",
            ),
            path="/console/approvals?stage=ready&mine=1",
        )


def fakes(visit: Visit) -> Iterator[Attention]:
    """What readers reported, to those who look at it."""
    if not visit.may(Permission.LETTER_WITHDRAW):
        return
    waiting = visit.doors.people.fakes.page(visit.caller, waiting=True, after="", limit=MOST)
    if waiting:
        number = counted(len(waiting))
        yield Attention(
            urgency=Urgency.WAITS,
            words=Text(
                f"{number} laporan dokumen mencurigakan menunggu",
                f"Reports of suspicious documents that wait: {number}",
            ),
            path="/console/fakes",
        )


def registrations(visit: Visit) -> Iterator[Attention]:
    """Approved, and nobody has made the one-time link, to those who hand it out."""
    if not visit.may(Permission.REGISTRATION_CREATE):
        return
    office, caller = visit.doors.people.office, visit.caller
    approved = [
        each.id for each in office.open_registrations(caller, limit=MOST) if each.state is RegistrationState.APPROVED
    ]
    left = len(approved) - len(office.links(caller, approved)) if approved else 0
    if left:
        yield Attention(
            urgency=Urgency.WAITS,
            words=Text(
                f"{left} pendaftaran disetujui, tautannya belum dibuat",
                f"Approved registrations without a link: {left}",
            ),
            path="/console/registrations",
        )


def wishes(visit: Visit) -> Iterator[Attention]:
    """Whom applications want enrolled, to those who register."""
    if not visit.may(Permission.REGISTRATION_CREATE):
        return
    asked = visit.doors.people.directory.enrolment_requests(visit.caller, limit=MOST)
    if asked:
        number = counted(len(asked))
        yield Attention(
            urgency=Urgency.WAITS,
            words=Text(f"{number} permintaan pendaftaran dari aplikasi", f"Requests for enrolment: {number}"),
            path="/console/registrations",
        )


def certificates(visit: Visit) -> Iterator[Attention]:
    """Those that end soon, to those who ask for renewals."""
    if not visit.may(Permission.CERTIFICATE_RENEW):
        return
    query = CertificateQuery(status=StatusWord.ISSUE, expiring_before=visit.doors.now() + SOON, limit=MOST)
    ending = visit.doors.people.office.certificates(visit.caller, query)
    if ending:
        number, days = counted(len(ending)), SOON.days
        yield Attention(
            urgency=Urgency.SOON,
            words=Text(
                f"{number} sertifikat berakhir dalam {days} hari", f"Certificates that end within {days} days: {number}"
            ),
            path=f"/console/certificates?ending={days}",
        )


def jobs(visit: Visit) -> Iterator[Attention]:
    """Work that failed for good, to those who run it."""
    if not visit.may(Permission.JOB_READ):
        return
    failed = visit.doors.people.jobs.counts(visit.caller)[JobState.FAILED]
    if failed:
        yield Attention(
            urgency=Urgency.NOW,
            words=Text(f"{failed} pekerjaan gagal", f"Failed jobs: {failed}"),
            path="/console/jobs?which=failed",
        )


def deliveries(visit: Visit) -> Iterator[Attention]:
    """What was not delivered to applications."""
    health = visit.doors.services.webhook_health() if visit.may(Permission.WEBHOOK_READ) else None
    if health is not None and health.failed:
        yield Attention(
            urgency=Urgency.SOON,
            words=Text(f"{health.failed} kiriman webhook gagal", f"Webhook deliveries given up: {health.failed}"),
            path="/console/webhooks",
        )


LOOKS: Final[tuple[Look, ...]] = (
    alarms,
    approvals,
    approved,
    fakes,
    registrations,
    wishes,
    certificates,
    jobs,
    deliveries,
)
"""Each area adds its look here."""

_ALARMS: Final = (
    ("crl", Text("Daftar pencabutan (CRL)", "Revocation list (CRL)")),
    ("ocsp", Text("Status daring (OCSP)", "Online status (OCSP)")),
    ("tsu", Text("Stempel waktu", "Timestamping")),
    ("timestamp", Text("Stempel waktu", "Timestamping")),
    ("clock", Text("Jam server", "The server's clock")),
    ("certificate", Text("Sertifikat CA", "Certificates of the CA")),
    ("audit", Text("Jejak audit", "Audit trail")),
    ("archive", Text("Arsip jangka panjang", "Long-term archive")),
    ("webhook", Text("Webhook", "Webhooks")),
    ("reports-of-fakes", Text("Laporan dokumen mencurigakan", "Reports of suspicious documents")),
    ("batch", Text("Penandatanganan massal", "Batches")),
)
_LOOKED_AT_ELSEWHERE: Final = "jobs-given-up"
_OTHER_ALARM: Final = Text("Layanan", "Service")


class AttentionController(Controller):
    """Where staff land after the login."""

    include_in_schema = False

    @get(HOME, sync_to_thread=True)
    def show(self, visit: Visits) -> Response[Any]:
        """For every role; each sees what it may."""
        caller = visit.caller
        return visit.show("attention.html", caller=caller, items=attention(visit, LOOKS), urgencies=Urgency)


def attention(visit: Visit, looks: Iterable[Look]) -> list[Attention]:
    """Everything, the most urgent first. What cannot be judged now is said, and hides nothing else."""
    return sorted((each for look in looks for each in _seen(look, visit)), key=lambda each: each.urgency)


def _seen(look: Look, visit: Visit) -> list[Attention]:
    try:
        return list(look(visit))
    except SignerError:
        return [
            Attention(
                urgency=Urgency.NOW,
                words=Text("Sebagian belum dapat diperiksa", "A part cannot be judged now"),
                sentence=Text("Muat ulang halaman ini sebentar lagi.", "Reload this page in a moment."),
            )
        ]
