"""Seals that are lent, the desk that asks, and secrets of one face at the doors of another."""

import secrets

import httpx
import pytest

from signer.model import Credential
from store.audit import Act
from tests.support.all_doors import (
    CLIENT,
    HOME,
    OTHER_CLIENT,
    PDF,
    RIGHT,
    WRONG,
    AllDoors,
    doors,
    official,
    pki,
)
from tests.support.authorising import SECRET, SERVICE
from tests.support.remote_doors import REMOTE, b64
from tests.support.typed_doors import DOORS, TypedDoor

__all__ = ["doors", "official", "pki"]

FOREIGN_NETWORK = "198.51.100.7"


def a_seal(doors: AllDoors, documents: int) -> tuple[Credential, str]:
    """One of its own, lent to `CLIENT` for so many documents."""
    name = secrets.token_hex(6)
    seal = doors.court.enrol(f"seal-{name}", f"seal-{name.upper()}")
    return seal, doors.court.lend(seal.id, CLIENT, documents=documents)


def test_a_seal_is_sealed_with_by_its_client_from_its_network_alone(doors: AllDoors) -> None:
    seal, permission = a_seal(doors, 5)
    told = {"credential": seal.id, "level": "B-B"}
    for client, peer in ((OTHER_CLIENT, HOME), (CLIENT, FOREIGN_NETWORK)):
        doors.service.peer = peer
        answer = doors.http.post("/v1/batches", headers=doors.bearer(client), json=told)
        doors.service.peer = HOME
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/activation-refused"), answer.text
    where = doors.batch(doors.new_pdf(), credential=seal.id)
    for client in (OTHER_CLIENT, CLIENT):
        typed = doors.http.post(f"{where}/consent", headers=doors.bearer(client), json={"passphrase": RIGHT})
        assert typed.status_code >= 400, "no passphrase opens a seal"
    doors.court.seals.deactivate(permission, credential_id=seal.id)
    assert doors.work(where) == {"failed": 1}
    assert doors.signatures(seal) == 0


def test_one_permission_is_counted_by_batches_and_authorisations_together(doors: AllDoors) -> None:
    """Lent for three: one is authorised, so of a batch of three two are sealed, and nothing more is authorised."""
    seal, permission = a_seal(doors, 3)
    who = doors.court.token(CLIENT)
    asked = {"credentialID": seal.id, "numSignatures": 1}
    granted = doors.http.post("/csc/v1/credentials/authorize", json=asked, headers=who)
    assert granted.status_code == 200, granted.text
    where = doors.batch(*(doors.new_pdf() for _ in range(3)), credential=seal.id)
    assert doors.work(where) == {"finished": 2, "failed": 1}
    again = doors.http.post("/csc/v1/credentials/authorize", json=asked, headers=who)
    assert (again.status_code, "SAD" in again.json()) == (400, False), again.text
    REMOTE[0].signed(REMOTE[0].ask(doors, seal, REMOTE[0].things(doors, 1), granted.json()["SAD"]))
    found = doors.court.lent.permission(permission)
    assert found is not None
    assert (found.used, found.documents) == (3, 3)


def test_a_person_is_no_seal_even_with_the_right_passphrase(doors: AllDoors, official: Credential) -> None:
    told = {"credentialID": official.id, "numSignatures": 1, "PIN": RIGHT, "hash": [b64(b"x" * 32)]}
    for who in (doors.court.token(CLIENT), doors.court.token(CLIENT, official.signatory.id)):
        answer = doors.http.post("/csc/v1/credentials/authorize", json=told, headers=who)
        assert answer.status_code == 400, answer.text
        assert RIGHT not in answer.text
    assert doors.failures(official) == 0
    assert doors.untouched(official)


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_wrong_passphrase_at_the_desk_is_counted_with_those_of_every_door(doors: AllDoors, door: TypedDoor) -> None:
    """Two at the desk and three at another door close all of them; the desk says the same as for a wrong factor."""
    house, place = doors.house, doors.place
    official = house.credential
    doors.niks[official.id] = doors.know(official)
    path, page = place.asked(place.new(secrets.randbelow(10**9)))
    for _ in range(2):
        page = place.approve(path, page, passphrase=WRONG)
        assert page.status_code < 500
        assert RIGHT not in page.text
    assert doors.failures(official) == 2
    for _ in range(3):
        door.refused(door.ask(doors, official, WRONG), door.wrong)
    door.refused(door.ask(doors, official), door.locked)
    before = doors.signatures(official), doors.consumed(official)
    ended = place.approve(path, page)
    assert "code=" not in ended.text
    assert doors.failures(official) == 5
    assert (doors.signatures(official), doors.consumed(official)) == before
    house.forward(minutes=1)
    assert door.ask(doors, official).status_code in (200, 201)
    assert doors.failures(official) == 0
    house.forward(seconds=30)


def test_a_refusal_at_the_desk_leaves_nothing_to_exchange(doors: AllDoors) -> None:
    place = doors.place
    path, page = place.asked(place.new(secrets.randbelow(10**9)))
    before = len(doors.entries(Act.ACTIVATION_GRANT))
    refused = place.send(f"{path}/refuse", page)
    assert "code=" not in refused.text
    assert len(doors.entries(Act.ACTIVATION_GRANT)) == before
    again = place.approve(path, page)
    assert "code=" not in again.text
    assert len(doors.entries(Act.ACTIVATION_GRANT)) == before


def test_secrets_of_one_face_open_nothing_at_another(doors: AllDoors) -> None:
    """Codes, SADs, tokens of the authorization server, API credentials, tokens of `/v1`: each at the others' doors."""
    place, official = doors.place, doors.house.credential
    number = secrets.randbelow(10**9)
    code = place.back(place.new(number))["code"]
    sad = place.exchanged(code).json()["access_token"]
    service = place.tokens(SERVICE)
    user_name, password = doors.gateway[CLIENT]
    texts = {
        "code": code,
        "SAD": sad,
        "service token": service["access_token"],
        "refresh token": service["refresh_token"],
        "client secret": SECRET,
        "password": password,
    }
    before = doors.signatures(official), doors.consumed(official)
    for name, text in texts.items():
        bearer = {"Authorization": f"Bearer {text}"}
        told = {"credential": official.id, "passphrase": RIGHT}
        rest = doors.http.post("/v1/batches", headers=bearer, json={"credential": official.id})
        assert rest.status_code in (401, 403), (name, rest.text)
        raw = doors.http.post(
            "/v1/signatures", headers=bearer | PDF | {"Teken-Request": str(told)}, content=b"%PDF-1.7"
        )
        assert raw.status_code in (401, 403), (name, raw.text)
        gateway = doors.http.post("/api/sign/pdf", headers=bearer, data={"nik": "1"})
        assert gateway.status_code == 401, (name, gateway.text)
        for answer in (rest, raw, gateway):
            assert text not in answer.text
    rest_token = doors.bearer()
    for who in (rest_token, {"Authorization": f"Bearer {code}"}, {"Authorization": f"Bearer {SECRET}"}):
        thing = REMOTE[0].new(doors)
        answer = REMOTE[0].ask(doors, official, [thing], sad, who=who)
        assert answer.status_code in (400, 401), answer.text
    for wrong in ((CLIENT, SECRET), (user_name, SECRET), (CLIENT, password)):
        answer = doors.http.post("/api/sign/pdf", auth=wrong, data={"nik": "1"})
        assert answer.status_code in (401, 429), answer.text
    assert (doors.signatures(official), doors.consumed(official)) == before
    assert place.services.bearers.of(sad, HOME).authorisation is not None, "the true secret is as good as before"


def test_nobody_elses_signings_are_listed_by_any_parameter(doors: AllDoors, official: Credential) -> None:
    """`/v1` lists no credentials to applications, and of signings a client's own alone."""
    assert DOORS[0].ask(doors, official).status_code == 201
    theirs = doors.bearer(OTHER_CLIENT)
    for query in ({"externalId": ""}, {"externalId": "x"}, {"externalId": "%"}, {"externalId": "x", "client": CLIENT}):
        answer = doors.http.get("/v1/signatures", params=query, headers=theirs)
        assert answer.status_code in (200, 400, 422), answer.text
        assert official.id not in answer.text
    people = doors.http.get("/v1/credentials", headers=doors.bearer())
    assert people.status_code in (401, 403, 404, 503), people.text
    assert official.id not in people.text


@pytest.mark.parametrize("typed", [WRONG, ""])
def test_a_repeated_call_of_the_gateway_proves_the_passphrase_again(
    doors: AllDoors, official: Credential, typed: str
) -> None:
    """The first answer is not given to somebody who only has the document."""
    document = doors.new_pdf()
    fields = {"nik": doors.niks[official.id], "tampilan": "invisible"}

    def call(passphrase: str) -> httpx.Response:
        files = {"file": ("surat.pdf", document, "application/pdf")}
        told = fields | {"passphrase": passphrase}
        return doors.http.post("/api/sign/pdf", data=told, files=files, auth=doors.gateway[CLIENT])

    first = call(RIGHT)
    again = call(typed)
    assert (first.status_code, again.status_code) == (200, 400)
    assert again.json()["status_code"] == (2031 if typed else 400)
    assert doors.failures(official) == (1 if typed else 0)
    assert doors.signatures(official) == 1
