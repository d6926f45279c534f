"""The console's rooms for machines and figures behind a socket, with half a year of an invented province in them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Final, Literal

import pypdfium2
from playwright.sync_api import Browser, Page

from api.alarms import Alarm, Severity
from api.endings import Ending, EndingKind, Successor
from api.health import HealthCheck
from api.oauth.registrations import Terms
from api.office.health import HealthOffice
from api.office.stamps import StampOffice
from api.verification_counts import Face, Outcome
from signer.api_credentials import Terms as GatewayTerms
from signer.archive import ArchiveProgress, Validity
from signer.events import EventType
from signer.factors.model import SignedInBy
from signer.factors.subjects import staff_subject
from signer.hooks.model import SealedSecret, Webhook, WebhookState
from signer.model import LetterMetadata, SignedAs
from signer.people import Role
from signer.stamp_catalogue import StampCatalogue
from signer.timestamping import AuthorityCount
from store.archive import SqlArchive
from store.archive_calendar import SqlArchiveCalendar
from store.database import Database, open_database
from store.deliveries import SqlDeliveries
from store.events import tell
from store.job_watchdog import SqlWatchdog
from store.jobs import SqlJobs
from store.signatures import SqlSignatureLog
from store.verification_counts import SqlVerificationCounts, Verified
from store.webhooks import SqlWebhooks
from tests.browser.server import serve
from tests.browser.visits import fresh_page
from tests.support.console import ConsoleHouse, console_house
from tests.support.office import TestOffice, office_in
from tests.support.pki import NOON, make_pki
from tests.unit.store.samples import intent, signed

AGENCIES: Final = (
    "Dinas Kesehatan Contoh",
    "Dinas Pendidikan, Kepemudaan dan Olahraga Contoh",
    "Badan Kepegawaian Contoh",
    "Biro Umum Contoh",
    "Dinas Perizinan Contoh",
)
KINDS: Final = ("Surat Tugas", "Nota Dinas", "Surat Keputusan", "Surat Undangan")
WEBHOOK: Final = "cd" * 16


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineHouse:
    """The console behind a socket, and what stands behind it."""

    house: ConsoleHouse
    database: Database
    address: str

    @contextmanager
    def visitor(
        self, browser: Browser, role: Role, *, width: int = 1280, scheme: Literal["light", "dark"] = "light"
    ) -> Iterator[Page]:
        """A browser of the person of that role, who has just shown their factors."""
        until = self.house.office.at + timedelta(days=365)
        new = self.house.entrance.logins.begin(staff_subject(role.value), SignedInBy.PASSKEY, confirmed_until=until)
        with fresh_page(browser, width=width, scheme=scheme) as page:
            page.context.add_cookies([{"name": "teken-console", "value": new.token, "url": self.address}])
            yield page


@contextmanager
def machine_house(folder: Path, template: Path) -> Iterator[MachineHouse]:
    """Everything filled and served until the block ends."""
    shutil.copy(template, folder / "teken.db")
    with open_database(f"sqlite+pysqlite:///{folder / 'teken.db'}", 8) as database:
        office = office_in(folder, database, make_pki())
        _letters(database)
        _checks(database)
        _applications(office, database)
        health, stamps = _health(office, database), _stamps(office)
        house = console_house(office, database, adjust=lambda same: replace(same, health=health, stamps=stamps))
        with serve(house.service.app()) as address:
            yield MachineHouse(house=house, database=database, address=address.replace("127.0.0.1", "localhost"))


def _letters(database: Database) -> None:
    log, archive, draw = SqlSignatureLog(database), SqlArchive(database), Random(7)  # noqa: S311 - invented figures
    for number in range(1, 121):
        days = draw.randrange(0, 28) if number % 3 else draw.randrange(28, 180)
        at = NOON - timedelta(days=days, hours=draw.randrange(3))
        letter = LetterMetadata(kind=draw.choice(KINDS), copies_to=("Arsip",) * draw.randrange(3))
        who = SignedAs(agency=AGENCIES[min(draw.randrange(9), 4)])
        wanted = intent(number, letter=letter, signed_as=who, reserved_at=at)
        log.reserve(wanted)
        log.record(wanted.code, replace(signed(f"letter {number}"), at=at, page_count=draw.randrange(1, 9)))
    for number in range(40):
        document = archive.claim_unexamined(policy="teken-1", at=NOON, until=NOON)
        assert document is not None
        due = NOON + timedelta(days=number * 29 - 20)
        archive.examined(document, Validity(good_until=due + timedelta(days=180), due_at=due, policy="teken-1"))
    late = archive.claim_due(at=NOON, until=NOON)
    assert late is not None
    archive.failed(late, reason="timestamp-unavailable", again_at=NOON + timedelta(hours=2), at=NOON)


def _checks(database: Database) -> None:
    draw, counted = Random(11), {}  # noqa: S311 - as above
    for day in range(60):
        for face in Face:
            for outcome in Outcome:
                many = draw.randrange(40 if outcome is Outcome.PASSED else 4)
                on = (NOON - timedelta(days=day)).date()
                counted[Verified(day=on, face=face.value, outcome=outcome.value)] = many
    SqlVerificationCounts(database).add(counted)


def _applications(office: TestOffice, database: Database) -> None:
    people, administrator = office.people, office.caller(Role.ADMINISTRATOR)
    terms = Terms(name="SIKD Dinas Contoh", scopes=["signature:create", "signature:read"], networks=["10.20.0.0/16"])
    people.clients.add(administrator, terms, client_id="sikd-contoh")
    people.clients.add(administrator, Terms(name="Perizinan Contoh", scopes=["service"]), client_id="izin-contoh")
    people.clients.disable(administrator, "izin-contoh")
    people.esign.add(administrator, "sikd-api", "sikd-contoh", GatewayTerms(description="Naskah dinas"))
    people.kinds.assign(administrator, "sikd-contoh", [people.kinds.lists(administrator)[0].name])
    jobs = SqlJobs(database)
    with database.transaction() as session:
        for number in range(1, 5):
            jobs.enqueue(session, "letters", "sign-chunk", f"batch/0f3a/{number}", number)
    people.jobs.cancel(administrator, "batch/0f3a/2")
    watchdog = SqlWatchdog(database)
    watchdog.beat("teken-1", at=office.at)
    watchdog.beat("teken-2", at=office.at - timedelta(hours=3))
    sealed = SealedSecret(sealed=b"s", nonce=b"n" * 12, salt=b"t" * 16, pepper_label="pepper-1")
    webhook = Webhook(
        id=WEBHOOK,
        client_id="sikd-contoh",
        url="https://sikd.contoh.go.id/kait/rahasia",
        types=(),
        state=WebhookState.ACTIVE,
        failures=3,
        failing_since=None,
        created_at=NOON - timedelta(days=9),
    )
    SqlWebhooks(database).add(webhook, sealed, most=5, actor="test")
    with database.transaction() as session:
        for _ in range(3):
            tell(session, EventType.WEBHOOK_TEST, client_id="sikd-contoh", subject=WEBHOOK, at=NOON)
    SqlDeliveries(database).claim(at=NOON, until=NOON)


def _health(office: TestOffice, database: Database) -> HealthOffice:
    def ends(kind: EndingKind, name: str, life: float, left: float, successor: Successor) -> Ending:
        end = NOON + timedelta(days=left)
        return Ending(kind=kind, name=name, begins=end - timedelta(days=life), ends=end, successor=successor)

    endings = (
        ends(EndingKind.CRL, "ca-1-g1", 2, 0.4, Successor.JOB),
        ends(EndingKind.RESPONDER, "ca-1-g1", 30, 19, Successor.JOB),
        ends(EndingKind.CRL, "root-1", 365, 300, Successor.CEREMONY),
        ends(EndingKind.UNIT, "tsu", 400, 210, Successor.JOB),
        ends(EndingKind.ISSUING_CA, "ca-1-g1", 3650, 3100, Successor.CEREMONY),
        ends(EndingKind.ROOT, "root-1", 7300, 6900, Successor.CEREMONY),
    )
    alarm = Alarm(
        name="ocsp-answers-old",
        severity=Severity.WARNING,
        text="OCSP answers are missing or old: the job `ocsp-answers` does not keep up, or just began",
    )
    progress = ArchiveProgress(documents=120, unexamined=80, due=1, overdue=0, failing=1, next_due_at=NOON)
    return HealthOffice(
        desk=office.people.office.desk,
        checks=[HealthCheck(name=name, ask=lambda: None) for name in ("database", "vault", "hsm", "canary", "clock")],
        alarms=lambda: [alarm],
        endings=lambda: endings,
        timestamping=lambda: [AuthorityCount(name="own", granted=1204, failed=1, rests=False)],
        gate=lambda: {"calls": 48211, "reconnects": 1, "live_handles": 0, "waiting": 0},
        calendar=SqlArchiveCalendar(database),
        progress=lambda: progress,
        now=lambda: office.at,
    )


def _stamps(office: TestOffice) -> StampOffice:
    return StampOffice(
        desk=office.people.office.desk,
        catalogue=StampCatalogue(),
        picture=_picture,
        public_url="https://tte.contoh.go.id",
        issuer="Contoh Issuing CA 1 G1",
        now=lambda: office.at,
    )


def _picture(pdf: bytes) -> bytes:
    out = BytesIO()
    pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil().save(out, "WEBP")
    return out.getvalue()
