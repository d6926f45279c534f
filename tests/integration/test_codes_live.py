"""Codes through a running service, a real token and a real mail server: an official's and a seal's; both validate."""

import base64
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.first_start import settings_in
from api.given import utc_now
from store.bulk import SqlContacts
from store.credentials import SqlCredentialStore
from store.database import open_database
from tests.integration.test_seals_live import seal_made
from tests.support.fresh import in_fresh_process
from tests.support.gateway import Gateway, open_gateway
from tests.support.letters import letter
from tests.support.local_servers import LocalSmtp, local_smtp
from tests.support.person import Person
from tests.support.service import running_service, write_settings

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(300)]

HIDDEN = {"tampilan": "INVISIBLE"}


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSmtp]:
    with local_smtp(tmp_path_factory.mktemp("mail")) as (server, _):
        yield server


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory, mail: LocalSmtp) -> tuple[Path, str]:
    """The folder of a service that sends mail, and a seal in it that is lent to the demonstration's application."""
    folder = tmp_path_factory.mktemp("codes") / "data"
    server = {"public_url": "http://localhost:8000"}  # the origin of passkeys, whatever port a process gets
    sent = {"smtp_host": "127.0.0.1", "smtp_port": mail.port, "smtp_starttls": False, "sender": "teken@contoh.go.id"}
    write_settings(folder, server=server, notices=sent)
    with running_service(folder):
        """Made, with its demonstration."""
    credential, _ = in_fresh_process(seal_made, folder, "demonstration", "127.0.0.0/8", 30)
    return folder, credential


@pytest.fixture(scope="module")
def gateway(seal: tuple[Path, str]) -> Iterator[Gateway]:
    with running_service(seal[0], command="serve") as service:
        made = open_gateway(service, "kantor-contoh", "--codes")
        for credential in (service.sign_request["credential"], seal[1]):
            reads_mail(service.directory, credential)
        yield made


def reads_mail(folder: Path, credential: str) -> None:
    with open_database(settings_in(folder).store.url(), 2) as database:
        known = SqlCredentialStore(database).get(credential)
        assert known is not None
        SqlContacts(database).set(known.signatory.id, "surel@contoh.go.id", actor="test", at=utc_now())


def signatory_of(folder: Path, credential: str) -> str:
    with open_database(settings_in(folder).store.url(), 2) as database:
        known = SqlCredentialStore(database).get(credential)
        assert known is not None
        return known.signatory.id


def code_in(mail: LocalSmtp) -> str:
    found = re.search(r"elektronik: (\d{6})", mail.messages[-1])
    assert found is not None, mail.messages[-1]
    return found[1]


def body(*files: bytes, **who: str) -> dict[str, Any]:
    return {**who, "signatureProperties": [HIDDEN], "file": [base64.b64encode(each).decode() for each in files]}


def valid(gateway: Gateway, answer: httpx.Response) -> None:
    assert answer.status_code == 200, answer.text
    for each in answer.json()["file"]:
        assert gateway.service.verify(base64.b64decode(each)).json()["indication"] == "TOTAL-PASSED"


def test_an_official_opens_a_session_and_an_application_signs_with_codes(gateway: Gateway, mail: LocalSmtp) -> None:
    asking = {"nik": gateway.nik, "data": 2}
    assert "/desk/codes" in gateway.post("/api/v2/sign/get/totp", json=asking).json()["error"]
    person = Person(gateway.service, gateway.service.sign_request["credential"], gateway.passphrase)
    page = person.see("/desk/codes")
    opened = person.send(
        "/desk/codes",
        csrf=person.field(page, "csrf"),
        application=gateway.user_name,
        documents="5",
        hours="1",
        passphrase=gateway.passphrase,
        assertion=person.device.get(person.options(page)),
    )
    assert "0 dari 5 naskah" in opened
    assert gateway.post("/api/v2/sign/get/totp", json=asking).json().keys() == {"message"}
    code = code_in(mail)
    valid(gateway, gateway.post("/api/v2/sign/pdf", json=body(letter(), letter(), nik=gateway.nik, totp=code)))
    assert "2 dari 5 naskah" in person.see("/desk/codes")

    gateway.post("/api/v2/sign/get/totp", json={"nik": gateway.nik, "data": 1}).raise_for_status()
    fields = {"nik": gateway.nik, "otp": code_in(mail), "tampilan": "invisible"}
    files = {"file": ("surat.pdf", letter(), "application/pdf")}
    first = gateway.post(data=fields, files=files)
    assert gateway.service.verify(first.content).json()["indication"] == "TOTAL-PASSED"
    assert gateway.post(data=fields, files=files).content == first.content, "a repeated call is no second signature"

    gateway.post("/api/v2/sign/get/totp", json={"nik": gateway.nik, "data": 1}).raise_for_status()
    page = person.see("/desk/codes")
    assert "Anda akhiri" in person.send(
        "/desk/codes/end", csrf=person.field(page, "csrf"), session=person.field(page, "session")
    )
    late = gateway.post("/api/v2/sign/pdf", json=body(letter(), nik=gateway.nik, totp=code_in(mail)))
    assert (late.status_code, "/desk/codes" in late.json()["error"]) == (400, True)
    person.http.close()
    log = gateway.service.log.read_text(encoding="utf-8")
    assert not any(found in log for message in mail.messages for found in re.findall(r"elektronik: (\d{6})", message))


def test_a_seal_is_activated_by_mail_and_of_twenty_calls_with_one_code_one_seals(
    gateway: Gateway, mail: LocalSmtp, seal: tuple[Path, str]
) -> None:
    subscriber = signatory_of(*seal)
    named = {"idSubscriber": subscriber}
    gateway.post("/api/v2/seal/get/activation", json=named).raise_for_status()
    found = re.search(r"elektronik: (\d{6})", mail.messages[-1])
    assert found is not None
    made = gateway.post("/api/v2/seal/get/totp", json={**named, "data": 1, "totp": found[1]}).json()
    calls = [body(letter() + f"\n% {place}".encode(), totp=made["totp"], **named) for place in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda call: gateway.post("/api/v2/seal/pdf", json=call), calls))
    assert sorted(each.status_code for each in answers) == [200, *[400] * 19], json.dumps([a.text for a in answers])
    (sealed,) = (each for each in answers if each.status_code == 200)
    valid(gateway, sealed)
