"""A person signs everything on the page while no application may pass a passphrase on; `kill -9` at random moments."""

import random
import re
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.letters import letter
from tests.support.person import Person
from tests.support.service import RunningService, running_service, start_service, write_settings
from tests.support.waiting import follow

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(400)]  # each kill costs the service a whole start

DOCUMENTS = 45


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
        follow(lambda: self.ask("GET", where).json()["counts"]["prepared"], lambda prepared: int(prepared) == DOCUMENTS)
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
        approve_the_rest(person, office, batch, path)
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


def approve_the_rest(person: Person, office: Office, batch: str, path: str) -> None:
    """To the end. A reservation or a last try that a kill cut off holds it up for 30 seconds each."""

    def look() -> tuple[str, dict[str, int], str]:
        nonlocal path
        found = office.ask("GET", batch).json()
        if found["state"] != "completed":
            page = person.see(path)
            if "/approve" in page:
                person.approve(page)
            path = again(person, path)
        return found["state"], found["counts"], path

    follow(look, lambda seen: seen[0] == "completed")
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
