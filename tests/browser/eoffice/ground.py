"""A province to walk through: Teken and the e-office as two real processes, officials with passkeys, seals lent.

Whoever is in `clients/eoffice/demonstration/people.csv` is there, by that id. One ground serves a whole session; a
journey makes papers of its own, and finds them by a subject that nobody else uses.
"""

import json
import re
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from secrets import token_hex

import httpx
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from signer.factors import passkey as passkeys
from signer.factors.model import Passkey
from signer.factors.passkey import RelyingParty
from store.database import open_database
from store.factors import SqlFactorStore
from tests.browser.desk import with_device
from tests.browser.visits import leave
from tests.support.authenticator import SoftAuthenticator
from tests.support.service import (
    ROOT,
    START_SECONDS,
    environment,
    free_port,
    launch,
    log_of,
    wait_until_ready,
    write_settings,
)

LISTS = ROOT / "clients" / "eoffice" / "demonstration"
PATIENT = {"verifications_per_minute": 100_000, "codes_per_minute": 100_000, "tokens_per_minute": 100_000}
SIGNING_SECONDS = 120
"""How long a machine that does much else may take until a signature is back in the office."""
WITA = timezone(timedelta(hours=8))
"""The office's own zone."""


@dataclass(kw_only=True)
class Ground:
    """Where everything is, and everybody's browser."""

    browser: Browser
    folder: Path
    teken: str
    office: str
    password: str = field(repr=False)
    known: dict[str, object] = field(repr=False)
    """What `people.json` says."""
    keys: dict[str, SoftAuthenticator] = field(repr=False)
    contexts: dict[str, BrowserContext] = field(default_factory=dict, repr=False)
    pages: dict[tuple[str, str], Page] = field(default_factory=dict, repr=False)
    complaints: list[str] = field(default_factory=list)
    """Whatever a browser complained of; a ground ends with none."""

    def at_office(self, person: str) -> Page:
        """The person's page in the e-office, logged in, on the start page."""
        page = self._page(person, "office")
        page.goto(f"{self.office}/")
        if page.url.endswith("/login"):
            log_in(page, person, self.password)
        return page

    def at_desk(self, official: str) -> Page:
        """The official's page at Teken, logged in with the passkey, on what waits."""
        new = (official, "desk") not in self.pages
        page = self._page(official, "desk")
        if new:
            wire, device = with_device(page)
            key = self.keys[official]
            private = key.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            credential = {
                "credentialId": b64encode(key.credential_id).decode(),
                "isResidentCredential": True,
                "rpId": "localhost",
                "privateKey": b64encode(private).decode(),
                "userHandle": b64encode(self._official(official)["signatory"].encode()).decode(),
                "signCount": key.count,
            }
            wire.send("WebAuthn.addCredential", {"authenticatorId": device, "credential": credential})
            page.goto(f"{self.teken}/desk/sign-in")
            page.get_by_role("button", name="Masuk dengan kunci sandi").click()
            page.wait_for_url(f"{self.teken}/desk")
        page.goto(f"{self.teken}/desk")
        return page

    def approve_everything(self, official: str, *, papers: int = 1) -> int:
        """Wait until so many `papers` wait for this official, tick all, approve them with one act; how many documents
        were signed."""
        return self.approve(self.asked_for_everything(official, papers=papers))

    def asked_for_everything(self, official: str, *, papers: int = 1) -> Page:
        """Wait until so many `papers` wait for this official, tick all; the page that asks for consent to them, with
        the passphrase typed."""
        page = self.at_desk(official)
        boxes = page.locator("input[name=item]")
        look_again(page, lambda: boxes.count() >= papers, f"{papers} for {official}")
        for box in boxes.all():
            box.check()
        leave(page, page.get_by_role("button", name="Tandatangani yang dicentang"))
        page.locator("#passphrase").fill(str(self.known["passphrase"]))
        return page

    def approve(self, page: Page) -> int:
        """Consent on the page that asks for it; how many documents were signed."""
        page.get_by_role("button", name="Setujui dengan kunci sandi").click()
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_contain_text("Semua sudah ditandatangani", timeout=SIGNING_SECONDS * 1000)
        total = re.search(r"dari (\d+)", page.locator("#far").inner_text())
        assert total is not None
        return int(total[1])

    def signed(self, page: Page) -> str:
        """Wait until the paper on this page of the e-office is signed; the address of Teken's public page of it."""
        self.until(page, "Selesai ditandatangani")
        return str(page.get_by_role("link", name="Periksa keasliannya").get_attribute("href"))

    def until(self, page: Page, state: str) -> None:
        """Look at this page of the e-office again until the state of the paper says so."""
        look_again(page, lambda: state in page.locator("main .state").first.inner_text(), state)

    def appears(self, page: Page, name: str) -> Locator:
        """Look at this page again until it has a link of that name; the link."""
        link = page.get_by_role("link", name=name)
        look_again(page, lambda: bool(link.count()), f"a link {name}")
        return link.first

    @contextmanager
    def citizen(self, address: str, *, width: int = 390) -> Iterator[Page]:
        """Somebody else's telephone: no login; `address`: of a public page, or a code."""
        context = self.browser.new_context(viewport={"width": width, "height": 844}, locale="id-ID")
        try:
            page = context.new_page()
            self._listen(page)
            page.goto(address if address.startswith("http") else f"{self.teken}/v/{address}")
            yield page
        finally:
            context.close()

    def citizen_verdict(self, address: str) -> str:
        """What the public page of a code says first."""
        with self.citizen(address) as page:
            return page.get_by_role("heading", level=1).inner_text()

    def _official(self, person: str) -> dict[str, str]:
        found: dict[str, str] = self.known["officials"][person]  # type: ignore[index]
        return found

    def _page(self, person: str, where: str) -> Page:
        if person not in self.contexts:
            size = {"width": 1280, "height": 900}
            self.contexts[person] = self.browser.new_context(viewport=size, locale="id-ID")  # type: ignore[arg-type]
        if (person, where) not in self.pages:
            page = self.contexts[person].new_page()
            self._listen(page)
            self.pages[person, where] = page
        return self.pages[person, where]

    def _listen(self, page: Page) -> None:
        page.on("console", lambda message: self.complaints.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error.message}"))


def look_again(page: Page, seen: Callable[[], bool], what: str) -> None:
    """Reload this page until it has what is waited for: other processes are at work on it."""
    deadline = time.monotonic() + SIGNING_SECONDS
    while not seen():
        said = page.locator("main").inner_text()[:400]
        assert time.monotonic() < deadline, f"{page.url} has not {what} after {SIGNING_SECONDS} s, but: {said}"
        page.wait_for_timeout(300)
        page.reload()


def within_one_day(seconds: float = 150) -> datetime:
    """Now, in WITA, on a day that is not over for so many `seconds`; waits for midnight where it is."""
    now = datetime.now(WITA)
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), WITA)
    if (left := (midnight - now).total_seconds()) < seconds:
        time.sleep(left)
    return datetime.now(WITA)


def log_in(page: Page, person: str, password: str) -> None:
    """At the e-office, whose log-in form is shown."""
    page.get_by_label("Nama pengguna").fill(person)
    page.get_by_label("Kata sandi").fill(password)
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_role("button", name="Keluar")).to_be_visible()


@contextmanager
def province(browser: Browser, folder: Path, *, papers: bool = False) -> Iterator[Ground]:
    """Both services in `folder`, started, and stopped at the end; with the papers of the demonstration, or empty."""
    data, port = folder / "data", free_port()
    write_settings(data, limits=PATIENT, server={"public_url": f"http://localhost:{port}"})
    service = launch(data, "start", "--no-demo", "--port", str(port), "--people", str(LISTS))
    office = None
    try:
        wait_until_ready(port, service, log_of(data), seconds=300)  # fifteen officials
        known = json.loads((data / "demonstration" / "people.json").read_text())
        keys = _with_passkeys(data, known["officials"], f"http://localhost:{port}")
        address, office = _started_office(folder / "office", data, port, papers=papers)
        ground = Ground(
            browser=browser,
            folder=folder,
            teken=f"http://localhost:{port}",
            office=address,
            password=(folder / "office" / "password").read_text(),
            known=known,
            keys=keys,
        )
        yield ground
        for context in ground.contexts.values():
            context.close()
        unexpected = [each for each in ground.complaints if "the server responded with a status of" not in each]
        assert unexpected == []
    finally:
        started = [each for each in (office, service) if each]
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=90)


def _started_office(folder: Path, data: Path, teken: int, *, papers: bool) -> tuple[str, "subprocess.Popen[bytes]"]:
    """Made as a newcomer makes it, and running; its address."""
    port = free_port()
    address = f"http://localhost:{port}"
    people = data / "demonstration" / "people.json"
    made = [sys.executable, "-m", "eoffice.demonstration", str(folder), "--people", str(people)]
    made += ["--teken", f"http://127.0.0.1:{teken}", "--public-url", address, "--papers" if papers else "--no-papers"]
    subprocess.run(made, cwd=ROOT, env=environment(), check=True, capture_output=True, timeout=400)
    serving = [sys.executable, "-m", "eoffice", "--settings", str(folder / "eoffice.toml"), "serve"]
    with log_of(folder).open("ab") as log:
        process = subprocess.Popen([*serving, "--port", str(port)], cwd=ROOT, env=environment(), stdout=log, stderr=log)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200:
                return address, process
        except httpx.TransportError:
            time.sleep(0.1)
    process.kill()
    raise AssertionError(f"the office did not start:\n{log_of(folder).read_text()[-3000:]}")


def _with_passkeys(data: Path, officials: dict[str, dict[str, str]], origin: str) -> dict[str, SoftAuthenticator]:
    """A passkey for everybody, kept as the page that enrols one keeps it; how one is enrolled has a test of its own."""
    party = RelyingParty(id="localhost", name="Teken", origin=origin)
    keys = {}
    with open_database(f"sqlite+pysqlite:///{data / 'teken.sqlite3'}", 2) as database:
        store = SqlFactorStore(database)
        for name, each in officials.items():
            device = SoftAuthenticator(rp_id=party.id, origin=origin)
            challenge = bytes.fromhex(token_hex(32))
            options = passkeys.creation_options(
                party, signatory_id=each["signatory"], name=each["name"], challenge=challenge, known=()
            )
            made = passkeys.verified_registration(device.create(options), party, challenge=challenge)
            assert made is not None
            at = datetime.now(UTC)
            passkey = Passkey(
                id=token_hex(16),
                signatory_id=each["signatory"],
                label="Ponsel dinas",
                credential_id=made.credential_id,
                public_key=made.public_key,
                sign_count=made.sign_count,
                added_at=at,
            )
            store.add_passkey(passkey, at=at)
            keys[name] = device
    return keys
