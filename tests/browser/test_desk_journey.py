"""The whole way on a running service: enrolled, logged in, three letters signed with one act, seen by a citizen."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.desk import with_device, without_barriers
from tests.browser.visits import fresh_page
from tests.support.letters import letter
from tests.support.service import (
    PASSPHRASE,
    RunningService,
    free_port,
    hire,
    launch,
    log_of,
    staff_login,
    teken,
    wait_until_ready,
    write_settings,
)

pytestmark = [pytest.mark.browser, pytest.mark.hsm, pytest.mark.slow, pytest.mark.timeout(300)]

NAME = "Ni Made Contoh Journey"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[RunningService]:
    """As a newcomer starts it, at the address that the browser will use: passkeys know their origin."""
    folder, port = tmp_path / "data", free_port()
    write_settings(folder, server={"public_url": f"http://localhost:{port}"})
    process = launch(folder, "start", "--port", str(port))
    wait_until_ready(port, process, log_of(folder))
    http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)
    running = RunningService(folder, port, process, http)
    yield running
    running.stop()


def said(folder: Path, *words: str) -> Any:
    """What a command answers."""
    done = teken(folder, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def one_time_link(folder: Path) -> str:
    """Proposed by one, approved by another, handed over."""
    hire(folder)
    proposed = said(folder, "register", NAME, *staff_login(folder, "pendaftar"))
    said(folder, "approve", proposed["approval"], *staff_login(folder, "pemeriksa"))
    return str(said(folder, "link", proposed["registration"], *staff_login(folder, "pendaftar"))["link"])


def ask(service: RunningService, credential: str, number: int) -> None:
    """The e-office asks for one letter's signature, and sends it."""
    pdf = letter() + f"\n% {number}\n".encode()
    wanted = {"sha256": hashlib.sha256(pdf).hexdigest(), "name": f"Surat tugas {number}"}
    bearer = service.bearer()
    asked = service.http.post(
        "/v1/activations", headers=bearer, json={"credential": credential, "documents": [wanted]}
    ).raise_for_status()
    path = f"/v1/activations/{asked.json()['id']}/documents/1"
    headers = bearer | {"Content-Type": "application/pdf"}
    service.http.post(path, headers=headers, content=pdf).raise_for_status()


def test_enrolled_logged_in_three_letters_with_one_act_and_the_citizen_sees_them(
    browser: Browser, service: RunningService
) -> None:
    link, door = httpx.URL(one_time_link(service.directory)).path, f"http://localhost:{service.port}"
    with fresh_page(browser, width=820) as page:
        with_device(page)
        page.goto(f"{door}{link}")
        page.locator("#passphrase").fill(PASSPHRASE)
        page.locator("#repeated").fill(PASSPHRASE)
        page.get_by_role("button", name="Terbitkan sertifikat").click()
        page.get_by_role("link", name="Tambahkan faktor kedua").click()
        page.locator("#passphrase").fill(PASSPHRASE)
        page.get_by_role("button", name="Lanjutkan").click()
        page.get_by_role("button", name="Kunci sandi di perangkat ini").click()
        page.get_by_label("Nama perangkat").fill("Tablet dinas")
        page.get_by_role("button", name="Buat kunci sandi").click()
        page.get_by_role("button", name="Keluar").click()
        page.get_by_role("button", name="Masuk dengan kunci sandi").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Tidak ada yang menunggu Anda")

        (found,) = said(service.directory, "search", NAME, *staff_login(service.directory, "pendaftar"))
        for number in (1, 2, 3):
            ask(service, found["credential"], number)
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_contain_text("3 menunggu Anda")
        page.get_by_role("link", name="Surat tugas 2", exact=True).click()
        expect(page.locator("#look img").first).to_be_visible()
        page.get_by_label("Semua").check()
        page.get_by_role("button", name="Tandatangani yang dicentang").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Tandatangani 3 surat sekaligus?")
        page.locator("#passphrase").fill(PASSPHRASE)
        page.get_by_role("button", name="Setujui dengan kunci sandi").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Semua sudah ditandatangani", timeout=60_000)
        without_barriers(page)
        results = page.get_by_role("link", name="Lihat hasilnya")
        expect(results).to_have_count(3)
        shown = [str(each.get_attribute("href")) for each in results.all()]
    for path in shown:
        with fresh_page(browser) as citizen:  # somebody else: no cookie, no login
            citizen.goto(f"{door}{path}")
            expect(citizen.get_by_text(NAME).first).to_be_visible()
            expect(citizen.get_by_role("heading", level=1)).to_contain_text("Dokumen uji coba")
