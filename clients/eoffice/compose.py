"""Settings -> every object, in order, once. The only file that knows everybody."""

import secrets
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from threading import Event, Thread
from typing import Final

import teken

from eoffice.duties import Duties
from eoffice.errors import Misconfigured
from eoffice.feature import Duty, Feature
from eoffice.features import load_features
from eoffice.files import Files
from eoffice.intake import Intake
from eoffice.limits import Limits
from eoffice.logins import Logins
from eoffice.messenger import Messenger
from eoffice.model import Paper
from eoffice.page_pictures import PagePictures
from eoffice.rendering import Printer
from eoffice.service import PaperService
from eoffice.settings import Settings, TekenSettings
from eoffice.store.database import Database, open_database
from eoffice.store.duties import DutyBook
from eoffice.store.errands import Errands
from eoffice.store.incoming import IncomingLetters
from eoffice.store.numbers import Numbers
from eoffice.store.papers import Papers
from eoffice.store.people import People
from eoffice.store.records import Records
from eoffice.text import Text

_PATIENCE: Final = teken.Retries(seconds=10)
"""Seconds; the messenger itself comes again, for as long as it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Everything that a page or a command may use."""

    settings: Settings
    database: Database
    service: PaperService
    papers: Papers
    records: Records
    people: People
    numbers: Numbers
    errands: Errands
    files: Files
    printer: Printer
    page_pictures: PagePictures
    teken: teken.Teken
    logins: Logins
    limits: Limits
    intake: Intake
    letters: IncomingLetters
    messenger: Messenger
    duties: Duties
    wake: Event
    """Set it, and the messenger looks at once."""
    now: Callable[[], datetime]
    new_id: Callable[[], str]

    def today(self) -> date:
        """By the office's own clocks."""
        return self.now().astimezone(timezone(timedelta(hours=self.settings.utc_offset_hours))).date()

    def rest_of_the_day(self) -> timedelta:
        """Until the office's next day begins."""
        zone = timezone(timedelta(hours=self.settings.utc_offset_hours))
        return datetime.combine(self.today() + timedelta(days=1), time(), zone) - self.now()


@contextmanager
def compose(settings: Settings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[Office]:
    """The office; everything is closed when the block ends. Raises `Misconfigured`."""
    database = open_database(settings.database_url)
    try:
        database.prepare()
        with _client(settings.teken) as client:
            yield _composed(settings, database, client, now)
    finally:
        database.close()


@contextmanager
def carrying(office: Office) -> Iterator[None]:
    """The messenger at work in a thread of its own."""
    stop = Event()
    every = office.settings.listen_every_seconds
    worker = Thread(target=office.messenger.run, args=(stop, office.wake), kwargs={"every": every}, name="messenger")
    worker.start()
    try:
        yield
    finally:
        stop.set()
        office.wake.set()
        worker.join(timeout=30)


def _composed(settings: Settings, database: Database, client: teken.Teken, now: Callable[[], datetime]) -> Office:
    features = load_features(settings.features)
    papers = Papers(database, told=[each.name for each in features.values() if each.on_paper is not None])
    people, errands = People(database), Errands(database)
    files = Files(settings.folder / "documents")
    printer = Printer(sorted({each.home / "templates" for each in features.values() if each.home is not None}))
    service = PaperService(
        features=features,
        papers=papers,
        people=people,
        files=files,
        printer=printer,
        government=settings.government,
        place=settings.place,
        utc_offset_hours=settings.utc_offset_hours,
        now=now,
        new_id=_new_id,
    )
    letters = IncomingLetters(database)
    intake = Intake(
        letters=letters,
        people=people,
        files=files,
        client=client,
        utc_offset_hours=settings.utc_offset_hours,
        now=now,
        new_id=_new_id,
    )
    duties = Duties(
        features=(_OFFICE, *features.values()),
        book=DutyBook(database),
        do=lambda duty: duty.do(office),
        now=now,
    )

    def tell(paper: Paper) -> None:
        on_paper = features[paper.feature].on_paper if paper.feature in features else None
        if on_paper is not None:
            on_paper(office, paper)

    limits = Limits(now=now)
    office = Office(  # which features are handed when they are called
        settings=settings,
        database=database,
        service=service,
        papers=papers,
        records=Records(database),
        people=people,
        numbers=Numbers(database),
        errands=errands,
        files=files,
        printer=printer,
        page_pictures=PagePictures(settings.folder / "pages"),
        teken=client,
        logins=Logins(
            people=people,
            limits=limits,
            life=timedelta(hours=settings.session_hours),
            idle=timedelta(minutes=settings.idle_minutes),
            now=now,
            new_token=lambda: secrets.token_urlsafe(32),
        ),
        limits=limits,
        intake=intake,
        letters=letters,
        messenger=Messenger(
            service=service,
            papers=papers,
            errands=errands,
            files=files,
            intake=intake,
            client=client,
            tell=tell,
            duties=duties,
            now=now,
            new_id=_new_id,
        ),
        duties=duties,
        wake=Event(),
        now=now,
        new_id=_new_id,
    )
    return office


_OFFICE: Final = Feature(
    name="office",
    title=Text("Kantor", "The office"),
    says=Text("Yang dikerjakan kantor sendiri.", "What the office does by itself."),
    duties=(
        Duty(name="reconcile", every=timedelta(minutes=30), do=lambda office: office.messenger.reconcile()),
        Duty(name="pictures", every=timedelta(days=1), do=lambda office: office.page_pictures.forget(office.now())),
    ),
)
"""Its duties are done as a feature's are."""


def _new_id() -> str:
    return secrets.token_hex(16)


def _client(settings: TekenSettings) -> teken.Teken:
    try:
        secret = settings.secret_file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise Misconfigured(f"[teken] secret_file: {error.strerror}") from None
    authorities = settings.certificate_authorities
    trusted = True if authorities is None else ssl.create_default_context(cafile=str(authorities))
    return teken.Teken(settings.url, teken.ClientSecret(settings.client, secret), verify=trusted, retries=_PATIENCE)
