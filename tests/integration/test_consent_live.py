"""A person signs everything on the page while no application may pass a passphrase on; `kill -9` at random moments."""

import html
import random
import re
import secrets
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.compose import utc_now
from api.consent.build import relying_party
from api.office.factors import factor_links
from api.settings import load_settings
from store.credentials import SqlCredentialStore
from store.database import open_database
from tests.support.authenticator import SoftAuthenticator
from tests.support.letters import letter
from tests.support.service import RunningService, running_service, start_service, write_settings

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(400)]  # each kill costs the service a whole start

DOCUMENTS = 45
STILL_SECONDS = 90


class Person:
    """An official with one device, on the pages of a service that may be another process by the next request."""

    def __init__(self, service: RunningService, credential: str, passphrase: str) -> None:
        self.service = service
        self.passphrase = passphrase
        self.http = httpx.Client(timeout=60, trust_env=False)  # its cookies outlive the process that gave them
        settings = load_settings(service.directory / "teken.toml")
        party = relying_party(settings)
        self.device = SoftAuthenticator(rp_id=party.id, origin=party.origin)
        with open_database(settings.store.url(), 2) as database:
            known = SqlCredentialStore(database).get(credential)
            assert known is not None
            links = factor_links(settings, database, now=utc_now, random_bytes=secrets.token_bytes)
            link = links.invite(known.signatory.id, actor="registrar")
        self.send(f"/desk/link/{link}", passphrase=passphrase)
        asked = self.send("/desk/passkey", csrf=self.field(self.see("/desk/factors"), "csrf"))
        answer = self.device.create(self.options(asked))
        self.send("/desk/passkey/answer", csrf=self.field(asked, "csrf"), assertion=answer, label="Ponsel dinas")
        assert "Ponsel dinas" in self.see("/desk/factors")

    def see(self, path: str) -> str:
        """A page, wherever it leads."""
        answer = self.http.get(f"{self.service.url}{path}", follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-500:])
        return answer.text

    def send(self, path: str, **form: str) -> str:
        """A form, and the page that it leads to."""
        answer = self.http.post(f"{self.service.url}{path}", data=form)
        if answer.is_redirect:
            return self.see(answer.headers["location"])
        assert answer.status_code in (200, 422), (path, answer.status_code)
        return answer.text

    def approve(self, page: str) -> str:
        """The form of the page, with passphrase and passkey."""
        action = re.search(r'action="(/desk/a/[^"]+/approve)"', page)
        assert action is not None, page
        proof = self.device.get(self.options(page))
        form = {name: self.field(page, name) for name in ("csrf", "shown")}
        return self.send(action[1], **form, passphrase=self.passphrase, assertion=proof)

    @staticmethod
    def field(page: str, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', page)
        assert found is not None, (name, page[-2000:])
        return found[1]

    @staticmethod
    def options(page: str) -> str:
        found = re.search(r'data-options="([^"]*)"', page)
        assert found is not None, page[-2000:]
        return html.unescape(found[1])


class Office:
    """The application, which never sees a passphrase."""

    def __init__(self, service: RunningService) -> None:
        self.service = service

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = self.service.bearer() | more.pop("headers", {})
        answer = self.service.http.request(method, path, headers=headers, **more)
        assert answer.status_code < 300, answer.text
        return answer

    def batch(self, credential: str) -> str:
        """A closed batch whose documents are all prepared."""
        where = str(self.ask("POST", "/v1/batches", json={"credential": credential}).headers["location"])
        pdf = {"Content-Type": "application/pdf"}
        for number in range(DOCUMENTS):
            content = letter() + f"\n% {number}\n".encode()
            self.ask("POST", f"{where}/documents", content=content, headers=pdf)
        self.ask("POST", f"{where}/close")
        while self.ask("GET", where).json()["counts"]["prepared"] < DOCUMENTS:
            time.sleep(0.3)
        return where


def page_of(asked: httpx.Response) -> str:
    """The path of a request's page."""
    return "/desk/a/" + str(asked.json()["page"]).rpartition("/")[2]


def test_a_batch_and_a_step_are_signed_on_the_page_across_kills(tmp_path: Path) -> None:
    folder, draw = tmp_path / "data", random.Random(7)  # noqa: S311 - moments, not secrets
    limits = {"signatures_per_minute": 100_000, "tokens_per_minute": 100_000, "verifications_per_minute": 100_000}
    server = {"public_url": "http://localhost:8000"}  # the same origin for passkeys, whatever port a process gets
    write_settings(folder, limits=limits, server=server, signing={"passphrase_through_api": False})
    with running_service(folder) as born:
        credential, passphrase = str(born.sign_request["credential"]), str(born.sign_request["passphrase"])
    service = start_service(folder, command="serve")
    person, office = Person(service, credential, passphrase), Office(service)
    try:
        batch = office.batch(credential)
        refused = service.http.post(f"{batch}/consent", headers=service.bearer(), json={"passphrase": passphrase})
        assert refused.json()["type"] == "/problems/passphrase-not-here"
        path = page_of(office.ask("POST", f"{batch}/activations"))
        for _ in range(3):
            page = person.see(path)
            if "/approve" in page:
                said_yes = threading.Thread(target=without_patience, args=(person, page))
                said_yes.start()
                time.sleep(draw.uniform(0.05, 0.6))
                service.process.send_signal(signal.SIGKILL)
                said_yes.join()
                service.process.wait()
                service.http.close()
                service = person.service = office.service = start_service(folder, command="serve")
            path = again(person, path)
        follow(person, office, batch, path)
        judge(office, batch)
        sign_a_step(person, office, credential)
    finally:
        service.stop()
        person.http.close()


def without_patience(person: Person, page: str) -> None:
    """Yes, and whatever becomes of the connection."""
    with suppress(httpx.TransportError, AssertionError):
        person.approve(page)


def again(person: Person, path: str) -> str:
    """The page to go on with: the same one, or that of a new request for what is unsigned."""
    page = person.see(path)
    asked = re.search(r'action="(/desk/a/[^"]+/again)"', page)
    if asked is None and 'href="/desk"' in page:  # ended without a signature: what waits is in the inbox then
        page = person.see("/desk")
        asked = re.search(r'action="(/desk/batches/[^"]+)"', page)
    if asked is None:
        return path
    new = person.send(asked[1], csrf=Person.field(page, "csrf"))
    found = re.search(r'action="(/desk/a/[^"]+)/approve"', new)
    return found[1] if found is not None else path  # refused while an earlier consent is still in doubt


def follow(person: Person, office: Office, batch: str, path: str) -> None:
    """To the end. A reservation or a last try that a kill cut off holds it up for 30 seconds each, and nothing does for
    longer, however slow the machine is."""
    before, moved = (None, path), time.monotonic()
    while (found := office.ask("GET", batch).json())["state"] != "completed":
        if before != (found["counts"], path):
            before, moved = (found["counts"], path), time.monotonic()
        assert time.monotonic() < moved + STILL_SECONDS, found
        page = person.see(path)
        if "/approve" in page:
            person.approve(page)
        path = again(person, path)
        time.sleep(0.5)
    assert "Semua dokumen sudah ditandatangani" in person.see(path)


def judge(office: Office, batch: str) -> None:
    """Each document once, under a code of its own, whole."""
    items = office.ask("GET", f"{batch}/documents?limit=100").json()["items"]
    assert Counter(each["state"] for each in items) == {"finished": DOCUMENTS}
    assert len({each["code"] for each in items}) == DOCUMENTS
    for each in items[::11]:
        pdf = office.ask("GET", f"{batch}/documents/{each['position']}/signed").content
        report = office.service.verify(pdf).json()
        assert (report["indication"], len(report["signatures"])) == ("TOTAL-PASSED", 1)


def sign_a_step(person: Person, office: Office, credential: str) -> None:
    """Found in the inbox, without the application having asked."""
    steps = '{"steps": [{"credential": "' + credential + '"}], "letter": {"subject": "Surat edaran contoh"}}'
    files = {"document": ("surat.pdf", letter(), "application/pdf"), "request": (None, steps, "application/json")}
    made = office.ask("POST", "/v1/documents", files=files).json()
    inbox = person.see("/desk")
    assert "Surat edaran contoh" in inbox
    page = person.send(f"/desk/documents/{made['id']}/1", csrf=Person.field(inbox, "csrf"))
    assert "Sudah Anda setujui" in person.approve(page)
    assert office.ask("GET", f"/v1/documents/{made['id']}").json()["state"] == "completed"
    assert "Tidak ada yang menunggu Anda" in person.see("/desk")
