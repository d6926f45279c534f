"""Every room of the service with its pages, entered as people enter them: for pictures, and for looks at all of them.

A room gives a page of a browser again and again, standing where it says; look at it before asking for the next.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from litestar import Litestar
from playwright.sync_api import Browser, Page, expect

from api.esign.build import build_api_credentials
from api.faces.public.enrolment import enrolment_router
from api.headers import security_headers
from api.pages.scrub import scrub
from api.static.files import static_router
from signer.activation import DocumentWish
from signer.api_credentials import Terms
from signer.appointments import ActingForm, Appointment
from signer.fakes import FakeReports, Suspicion
from signer.model import Credential, LetterMetadata, SignatureLevel, SignedAs, SigningAct, StampPlacement
from signer.people import Role
from store.bulk import SqlContacts
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from store.database import open_database
from store.fakes import SqlFakeReports
from tests.browser.desk import enrol_passkey, served_desk, with_device
from tests.browser.machines import WEBHOOK, machine_house
from tests.browser.office import PeopleHouse, people_house
from tests.browser.server import application, letter, serve
from tests.browser.visits import fresh_page, leave, visit
from tests.support.authorising import SERVICE, SHA256, b64url, digest
from tests.support.consent import CLIENT, ConsentHouse, consent_house, pdf
from tests.support.office import PASSPHRASE, office_in
from tests.support.pki import make_pki
from tests.support.signing import counted_bytes
from tests.unit.api.faces.public.examples import SETTINGS

STAMPED = DocumentWish(
    level=SignatureLevel.B_B, stamp=StampPlacement(), letter=LetterMetadata(kind="Surat Tugas", subject="Contoh")
)
ADMINISTRATOR, REGISTRAR, APPROVER, AUDITOR, CUSTODIAN = Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A page, and what it is."""

    page: Page
    name: str
    """Short, for files."""
    words: str
    """For people."""


Room = Callable[[Browser], Iterator[Seen]]

CITIZEN = {
    "start": ("start", "A citizen scans, types a code or chooses a file"),
    "genuine": ("code genuine", "A letter by its code: genuine"),
    "file": ("upload genuine", "The same, of a file"),
    "changed": ("upload changed", "A file that was changed"),
    "added": ("upload additions", "Several signatures, and what came after the first"),
    "unsigned": ("upload no-signature", "A file without a signature"),
    "unreadable": ("upload unreadable", "A file that nobody can read"),
    "withdrawn": ("code withdrawn", "A letter that was withdrawn"),
    "replaced": ("code replaced", "A letter that another one replaced"),
    "secret": ("code rahasia", "A letter of which nothing may be shown"),
    "waiting": ("code being-signed", "A letter that is being signed"),
    "sample": ("code sample", "A test document never shines green"),
    "unknown": ("unknown", "A code that is nobody's"),
    "fingerprint": ("digest genuine", "Only the fingerprint was sent"),
    "camera": ("scan", "The camera"),
    "report": ("report-fake", "A suspicious document is reported"),
    "reported": ("reported", "What the reader may refer to"),
}


def citizen(browser: Browser) -> Iterator[Seen]:
    """Everybody, without a login."""
    with serve(application()) as house:
        for name, (place, words) in CITIZEN.items():
            with fresh_page(browser, width=390) as page:
                visit(page, house, place)
                yield Seen(page=page, name=name, words=words)


def enrolment(browser: Browser) -> Iterator[Seen]:
    """An official with a one-time link in hand."""
    with _house() as (folder, template), ExitStack() as opened:
        (folder / "teken.db").write_bytes(template.read_bytes())
        database = opened.enter_context(open_database(f"sqlite+pysqlite:///{folder / 'teken.db'}", 4))
        office = office_in(folder, database, make_pki())
        pages = [enrolment_router(office.people.registrations, SETTINGS), static_router()]
        address = opened.enter_context(
            serve(Litestar(pages, before_send=[security_headers(https=False)], openapi_config=None))
        )
        page = opened.enter_context(fresh_page(browser, width=390))
        page.goto(f"{address}/enrol/{'A' * 43}")
        yield Seen(page=page, name="dead-link", words="A link that is good no more")
        page.goto(f"{address}/enrol/{office.invited().token}")
        yield Seen(page=page, name="enrol", words="A new official chooses a passphrase")
        for field in ("passphrase", "repeated"):
            page.locator(f"#{field}").fill(PASSPHRASE.reveal())
        leave(page, page.get_by_role("button", name="Terbitkan sertifikat"))
        yield Seen(page=page, name="enrolled", words="The certificate is there")


def desk(browser: Browser) -> Iterator[Seen]:
    """An official who signs."""
    with _house() as (folder, template), ExitStack() as opened:
        (folder / "teken.db").write_bytes(template.read_bytes())
        database = opened.enter_context(open_database(f"sqlite+pysqlite:///{folder / 'teken.db'}", 8))
        house = consent_house(folder, database, make_pki())
        door = opened.enter_context(served_desk(house))
        page = opened.enter_context(fresh_page(browser, width=390))
        for name, words in _own_factors(page, door, house):
            yield Seen(page=page, name=name, words=words)
        for name, words in _signing(page, door, house):
            yield Seen(page=page, name=name, words=words)
        for name, words in _applications(page, door, house):
            yield Seen(page=page, name=name, words=words)


def console_staff(browser: Browser) -> Iterator[Seen]:
    """What every member of staff meets: in, what waits, accounts."""
    with _house() as (folder, template), people_house(folder, template) as people:
        reports = FakeReports(SqlFakeReports(people.database), clean=scrub, now=lambda: people.house.office.at)
        reports.report(Suspicion(code="ABCDE 23456", place="Kantor Desa Contoh", text="Stempelnya buram."))
        with fresh_page(browser) as page:
            page.goto(f"{people.address}/console/sign-in")
            yield Seen(page=page, name="sign-in", words="Staff log in")
        yield from _visited(browser, people, STAFF)
        yield from _new_account(browser, people)


def console_office(browser: Browser) -> Iterator[Seen]:
    """The registration office: officials, certificates, proposals, files, seals."""
    with _house() as (folder, template), people_house(folder, template) as people:
        yield from _visited(browser, people, _about_people(people.places))
        with people.visitor(browser, REGISTRAR) as page:
            page.goto(f"{people.address}/console/registrations")
            page.locator("input[name=chosen]").first.check()
            leave(page, page.get_by_role("button", name="Buat tautan").first)
            yield Seen(page=page, name="slips", words="Links of officials, to be printed slip by slip")


STAFF = {
    "registrar": (REGISTRAR, "/console", "What needs attention first, to a registrar"),
    "approver": (APPROVER, "/console", "The same to an approver"),
    "staff": (ADMINISTRATOR, "/console/staff", "Accounts of staff"),
    "new-account": (ADMINISTRATOR, "/console/staff/new", "Somebody new"),
    "account": (ADMINISTRATOR, "/console/staff/registrar", "One account"),
    "own-account": (ADMINISTRATOR, "/console/me", "One's own account"),
    "confirm": (REGISTRAR, "/console/confirm", "Factors are shown again before what cannot be undone"),
    "refused": (REGISTRAR, "/console/audit", "A page of another role"),
    "fakes": (REGISTRAR, "/console/fakes", "Reports of suspicious documents"),
}
MACHINES = {
    "administrator": (ADMINISTRATOR, "/console", "What needs attention first, to an administrator"),
    "reports": (ADMINISTRATOR, "/console/reports", "Figures"),
    "health": (ADMINISTRATOR, "/console/health", "How the service stands"),
    "renewals": (ADMINISTRATOR, "/console/renewals", "When kept documents are renewed"),
    "jobs": (ADMINISTRATOR, "/console/jobs", "Jobs"),
    "clients": (ADMINISTRATOR, "/console/clients", "Applications"),
    "client": (ADMINISTRATOR, "/console/clients/sikd-contoh", "One application"),
    "gateway": (ADMINISTRATOR, "/console/gateway", "Credentials of the gateway"),
    "credential": (ADMINISTRATOR, "/console/gateway/sikd-api", "One credential"),
    "webhooks": (ADMINISTRATOR, "/console/webhooks", "Webhooks"),
    "webhook": (ADMINISTRATOR, f"/console/webhooks/{WEBHOOK}", "One webhook with its deliveries"),
    "kinds": (ADMINISTRATOR, "/console/kinds", "Kinds that stay outside of electronic signing"),
    "stamps": (ADMINISTRATOR, "/console/stamps", "Stamps, drawn with what is tried"),
    "settings": (ADMINISTRATOR, "/console/settings", "Settings without secrets"),
    "trail": (AUDITOR, "/console/audit", "The audit trail"),
}


def console_machines(browser: Browser) -> Iterator[Seen]:
    """Who runs the service, and who audits it."""
    with _house() as (folder, template), machine_house(folder, template) as machines:
        for name, (role, path, words) in MACHINES.items():
            with machines.visitor(browser, role) as page:
                page.goto(machines.address + path)
                yield Seen(page=page, name=name, words=words)


def _about_people(places: dict[str, str]) -> dict[str, tuple[Role, str, str]]:
    words = {
        "officials": (REGISTRAR, "Officials, found while somebody types"),
        "official": (REGISTRAR, "One official"),
        "nobody found": (REGISTRAR, "Nobody is called so"),
        "letters": (ADMINISTRATOR, "Letters that wait for one official"),
        "hand over": (ADMINISTRATOR, "One of them is handed to who acts in the office"),
        "transfer": (REGISTRAR, "Another name or office for an official"),
        "register": (REGISTRAR, "Somebody is registered"),
        "registrations": (REGISTRAR, "Open registrations"),
        "certificates": (REGISTRAR, "Certificates, those that end first at the beginning"),
        "revoke": (REGISTRAR, "A certificate ends"),
        "approvals": (REGISTRAR, "Proposals"),
        "decide": (APPROVER, "The second person decides"),
        "carry out": (REGISTRAR, "Approved, and carried out by who proposed it"),
        "imports": (REGISTRAR, "Officials from a file"),
        "import": (REGISTRAR, "A file that was checked"),
        "seals": (APPROVER, "Seals"),
        "seal": (APPROVER, "One seal, lent for a day"),
        "new seal": (ADMINISTRATOR, "A seal is made"),
    }
    return {name.replace(" ", "-"): (role, places[name], said) for name, (role, said) in words.items()}


def _visited(browser: Browser, people: PeopleHouse, places: dict[str, tuple[Role, str, str]]) -> Iterator[Seen]:
    for name, (role, path, words) in places.items():
        with people.visitor(browser, role) as page:
            page.goto(people.address + path)
            yield Seen(page=page, name=name, words=words)


def _new_account(browser: Browser, people: PeopleHouse) -> Iterator[Seen]:
    with people.visitor(browser, ADMINISTRATOR) as page:
        page.goto(f"{people.address}/console/staff/new")
        page.get_by_label("Nama lengkap").fill("Ni Contoh Auditor")
        page.get_by_label("Nama akun").fill("auditor-2")
        page.get_by_label("Auditor").check()
        page.get_by_label("NIP atau NIK").fill("5171" + "2" * 12)
        leave(page, page.get_by_role("button", name="Buat akun dan tautan"))
        yield Seen(page=page, name="account-link", words="The link of a new account, told once")
        link = page.locator("#link").inner_text().partition("/staff/")[2].strip()
    with fresh_page(browser) as page:
        page.goto(f"{people.address}/staff/{link}")
        yield Seen(page=page, name="first-password", words="Behind it: a password that nobody else knows")


def _own_factors(page: Page, door: str, house: ConsentHouse) -> Iterator[tuple[str, str]]:
    with_device(page)
    page.goto(f"{door}/desk/sign-in")
    yield "sign-in", "Officials log in"
    page.goto(f"{door}/desk/link/{house.links.invite(house.who, actor='registrar')}")
    yield "link", "A one-time link for factors"
    enrol_passkey(page, door, house)
    yield "factors", "One's own factors"
    leave(page, page.get_by_role("button", name="Ganti aplikasi"))
    yield "authenticator", "Another authenticator"
    page.goto(f"{door}/desk/factors")
    leave(page, page.get_by_role("button", name="Buat kode pemulihan"))
    yield "recovery-codes", "Recovery codes, told once"
    page.goto(f"{door}/desk")
    yield "nothing-waits", "Nothing waits"


def _signing(page: Page, door: str, house: ConsentHouse) -> Iterator[tuple[str, str]]:
    other = house.office.enrolled()
    asked, batch = house.asked(letter(), pdf(2)), house.batch(letter(), pdf(4), pdf(5))
    flow = house.flow((house.credential, SigningAct.INITIALS), (other, SigningAct.SIGNATURE))
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{door}/desk")
    yield "inbox", "What waits"
    page.locator("h3 a").first.click()
    expect(page.locator("#look img").first).to_be_visible()
    yield "look", "A look at a letter beside the list"
    step = house.parts.step_consents.ask(CLIENT, flow.flow.id, 1)
    page.goto(f"{door}/desk/a/{step.link}")
    yield "step", "Initials on a letter that others sign after"
    page.goto(f"{door}/desk/a/{asked.link}")
    yield "consent", "What is signed, and the factors for it"
    leave(page, page.get_by_role("link", name="Periksa semua halaman").first)
    yield "pages", "Every page of a letter"
    placed = house.asked(letter(), wish=STAMPED)
    page.goto(f"{door}/desk/a/{placed.link}")
    leave(page, page.get_by_role("link", name="Atur letak cap"))
    yield "placing", "Where the stamp goes: dragged, by arrow keys, or by numbers"
    leave(page, page.get_by_role("button", name="Simpan letak ini"))
    yield "placed", "The consent, with the stamp where it was put"
    page.goto(f"{door}/desk/a/{asked.link}")
    page.locator("#passphrase").fill("salah sama sekali")
    page.get_by_role("button", name="Setujui dengan kunci sandi").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    yield "wrong", "Something was wrong, and nobody says which part"
    page.locator("#passphrase").fill(PASSPHRASE.reveal())
    page.get_by_role("button", name="Setujui dengan kunci sandi").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sudah Anda setujui")
    yield "approved", "Signed"
    house.asked(pdf(6))
    page.goto(f"{door}/desk")
    page.get_by_label("Semua").check()
    leave(page, page.get_by_role("button", name="Tandatangani yang dicentang"))
    yield "round", "Several letters with one proof"
    page.locator("#passphrase").fill(PASSPHRASE.reveal())
    page.get_by_role("button", name="Setujui dengan kunci sandi").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sedang ditandatangani")
    yield "under-way", "They are being signed; the tab may be closed"
    house.finish(batch)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Semua sudah ditandatangani")
    yield "done", "All of them are signed"
    yield from _handing_over(page, door, house, other)
    page.goto(f"{door}/desk/history")
    yield "history", "What was signed"
    page.goto(f"{door}/desk/certificate")
    yield "certificate", "One's own certificate"


def _handing_over(page: Page, door: str, house: ConsentHouse, other: Credential) -> Iterator[tuple[str, str]]:
    office, today = "Kepala Dinas Contoh", house.office.at.date()
    flow = house.flow((house.credential, SigningAct.SIGNATURE), signed_as=SignedAs(office=office))
    appointment = Appointment(
        id="a" * 32,
        signatory_id=other.signatory.id,
        form=ActingForm.PLH,
        office=office,
        starts_on=today,
        ends_on=today + timedelta(days=6),
    )
    house.parts.appointments.record(appointment, actor="registrar", at=house.office.at)
    page.goto(f"{door}/desk/documents/{flow.flow.id}/1/hand-over")
    yield "handing-over", "A letter is handed to whoever acts in the office"
    leave(page, page.get_by_role("button", name="Serahkan"))


def _applications(page: Page, door: str, house: ConsentHouse) -> Iterator[tuple[str, str]]:
    back = f"{door}/kembali"  # nobody answers there
    client = Client(
        id="sikd",
        name="SIKD Dinas Contoh",
        scopes=frozenset({"service", "credential", "signature:create"}),
        state=ClientState.ACTIVE,
        created_at=house.office.at,
        grants=frozenset({"authorization_code"}),
        redirect_uris=(back,),
    )
    SqlClientStore(house.database).add(client, None, actor="operator")
    start = f"{door}/oauth2/authorize?"
    page.goto(start + urlencode(SERVICE | {"redirect_uri": back}))
    expect(page.get_by_role("button", name="Izinkan")).to_be_visible()
    yield "connect", "An application wants to be connected"
    page.get_by_role("button", name="Izinkan").click()
    page.wait_for_url(f"{back}?*")  # the answer is a page that leads there
    page.goto(f"{door}/desk/applications")
    yield "applications", "Applications that were connected"
    hashes = ",".join(b64url(digest(number)) for number in (1, 2))
    asked = {"scope": "credential", "credentialID": house.credential.id, "numSignatures": "2", "hashes": hashes}
    page.goto(start + urlencode(SERVICE | {"redirect_uri": back, "hashAlgorithmOID": SHA256} | asked))
    yield "digests", "An application asks for digests alone"
    credentials = build_api_credentials(house.database, now=lambda: house.office.at, random_bytes=counted_bytes())
    SqlContacts(house.database).set(house.who, "ni.contoh@contoh.go.id", actor="test", at=house.office.at)
    credentials.add("naskah-dinas", client.id, Terms(codes=True, description="Surat keluar"), actor="admin")
    page.goto(f"{door}/desk/codes")
    yield "codes", "A session in which an application signs with codes"


@contextmanager
def _house() -> Iterator[tuple[Path, Path]]:
    """A folder of its own, and a migrated database to copy."""
    with tempfile.TemporaryDirectory() as name:
        template = Path(name) / "template.db"
        with open_database(f"sqlite+pysqlite:///{template}", 1) as migrated:
            migrated.upgrade()
        yield Path(name), template


ROOMS: dict[str, Room] = {
    "citizen": citizen,
    "enrolment": enrolment,
    "desk": desk,
    "staff": console_staff,
    "office": console_office,
    "machines": console_machines,
}
