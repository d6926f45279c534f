"""Where the operator switches both on: a workbench logs in with name and password, and a seal is used with its PIN.

A real service with its HSM; accounts and keepers by the commands that an operator uses; pyHanko signs, unmodified."""

import base64
import hashlib
import json
import secrets
import socket
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.authority import build_authority
from api.batches.build import build_seals
from api.first_start import settings_in
from api.given import utc_now
from api.hsm import open_hsm
from api.stores import open_stores
from store.seal_pins import SqlSealKeepers
from tests.integration.conftest import PATIENT
from tests.integration.test_csc_live import TITLE, both_pass
from tests.support.csc_pyhanko import PyHankoClient, SealAuthorizations
from tests.support.fresh import in_fresh_process
from tests.support.letters import letter
from tests.support.service import RunningService, running_service, teken, write_settings

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(300)]

ACCOUNT = "meja-uji"
ECDSA = "1.2.840.10045.4.3.2"


def seals_kept(folder: Path, client_id: str) -> tuple[str, str, str]:
    """A seal, another one with a PIN, both lent and kept by the account; their credentials' ids, and the PIN."""
    settings = settings_in(folder)
    with open_stores(settings) as stores, open_hsm(settings, secrets.token_bytes) as hsm:
        authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=secrets.token_bytes)
        seals = build_seals(stores, hsm, authority, now=utc_now, random_bytes=secrets.token_bytes)
        made = [seals.enrol(TITLE, "Pemerintah Contoh", "NTRID-0000000000", actor="kepala") for _ in range(2)]
        for each in made:
            seals.activate(each.id, client_id, ["127.0.0.0/8"], documents=1000, life=timedelta(hours=2))
            SqlSealKeepers(stores.database).name(each.signatory.id, f"account:{ACCOUNT}", at=utc_now())
        return made[0].id, made[1].id, seals.pins.set(made[1].signatory.id).reveal()


@dataclass(kw_only=True)
class Workbench:
    """A program that knows a name and a password."""

    service: RunningService
    password: str
    plain: str
    pinned: str
    pin: str

    def log_in(self, password: str | None = None, **body: Any) -> httpx.Response:
        known = (ACCOUNT, self.password if password is None else password)
        return self.service.http.post("/csc/v1/auth/login", json=body, auth=known)

    def token(self) -> str:
        return str(self.log_in().json()["access_token"])

    def post(self, address: str, body: Any, token: str) -> httpx.Response:
        return self.service.http.post(f"/csc/{address}", json=body, headers={"Authorization": f"Bearer {token}"})

    def failures(self) -> int:
        """Wrong PINs in a row, as the database has them."""
        with sqlite3.connect(f"file:{self.service.directory}/teken.sqlite3?mode=ro", uri=True) as database:
            found: int = database.execute("SELECT failures FROM seal_pins").fetchone()[0]
        return found


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    folder = tmp_path_factory.mktemp("logins") / "data"
    write_settings(folder, limits=PATIENT, csc={"basic": True, "pins": True})
    with running_service(folder) as service:
        words = ("client", "add", "Meja uji", "--id", "workbench", "--scope", "service", "--json")
        assert teken(folder, *words).returncode == 0
        added = teken(folder, "account", "add", ACCOUNT, "--client", "workbench", "--json")
        assert added.returncode == 0, added.stderr
        plain, pinned, pin = in_fresh_process(seals_kept, folder, "workbench")
        password = json.loads(added.stdout)["password"]
        yield Workbench(service=service, password=password, plain=plain, pinned=pinned, pin=pin)


def test_a_login_sees_what_the_account_keeps_and_pyhanko_signs_with_it(workbench: Workbench) -> None:
    info = workbench.service.http.post("/csc/v1/info").json()
    assert "basic" in info["authType"]
    assert "auth/login" in info["methods"]
    token = workbench.token()
    listed = workbench.post("v1/credentials/list", {"maxResults": 20}, token).json()["credentialIDs"]
    assert sorted(listed) == sorted([workbench.plain, workbench.pinned])

    client = PyHankoClient(url=workbench.service.url, credential_id=workbench.plain, token=token)
    both_pass(workbench.service, *client.sign(letter()))


def test_pyhanko_sends_the_pin(workbench: Workbench) -> None:
    class WithPin(SealAuthorizations):
        def authorization_body(self, hash_b64s: list[str]) -> dict[str, Any]:
            body: dict[str, Any] = self.format_csc_auth_request(hash_b64s=hash_b64s, pin=workbench.pin)
            return body

    token = workbench.token()
    client = PyHankoClient(url=workbench.service.url, credential_id=workbench.pinned, token=token, seals=WithPin)
    both_pass(workbench.service, *client.sign(letter()))


def test_a_wrong_pin_is_counted_when_its_sender_does_not_wait_for_the_answer(workbench: Workbench) -> None:
    body = json.dumps({"credentialID": workbench.pinned, "numSignatures": 1, "PIN": "SALAH"}).encode()
    head = (
        f"POST /csc/v1/credentials/authorize HTTP/1.1\r\nHost: 127.0.0.1:{workbench.service.port}\r\n"
        f"Authorization: Bearer {workbench.token()}\r\nContent-Length: {len(body)}\r\n"
        "Expect: 100-continue\r\n\r\n"
    )
    before = workbench.failures()
    with socket.create_connection(("127.0.0.1", workbench.service.port)) as sender:
        sender.sendall(head.encode())
        assert b"100 Continue" in sender.recv(1000)  # it waits for the body; who leaves earlier has tried nothing
        sender.sendall(body)

    deadline = time.monotonic() + 20
    while workbench.failures() == before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert workbench.failures() == before + 1


def test_no_secret_is_in_any_line_of_the_log_or_in_the_database(workbench: Workbench) -> None:
    """A complete run, its mistakes included."""
    assert workbench.log_in(password="kata-sandi-salah-4711").status_code == 400
    told = workbench.log_in(rememberMe=True).json()
    again = workbench.service.http.post("/csc/v2/auth/login", json={"refresh_token": told["refresh_token"]}).json()
    imprint = base64.b64encode(hashlib.sha256(b"logged").digest()).decode()
    wish = {"credentialID": workbench.pinned, "numSignatures": 1, "hash": [imprint]}
    wrong = workbench.post("v1/credentials/authorize", {**wish, "PIN": "pin-271828"}, told["access_token"])
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_pin")
    sad = workbench.post("v1/credentials/authorize", {**wish, "PIN": workbench.pin}, again["access_token"]).json()[
        "SAD"
    ]
    sign = {"credentialID": workbench.pinned, "SAD": sad, "hash": [imprint], "signAlgo": ECDSA}
    assert workbench.post("v1/signatures/signHash", sign, again["access_token"]).status_code == 200

    log = workbench.service.log.read_text(errors="replace")

    assert "/csc/v1/auth/login" in log
    dump = b"".join(each.read_bytes() for each in workbench.service.directory.glob("teken.sqlite3*"))
    basic = base64.b64encode(f"{ACCOUNT}:{workbench.password}".encode()).decode()
    for each in (workbench.password, basic, workbench.pin, sad, "pin-271828", "kata-sandi-salah-4711"):
        assert each not in log
        assert each.encode() not in dump
    for each in (*told.values(), *again.values()):
        assert str(each) == "1800" or (each not in log and each.encode() not in dump)
