"""`/v1/activations`: a client asks for exactly these documents, sends them, and reads what became of it."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.batches.build import ClientBatches
from api.consent.audited import AuditedRequests
from api.letters.build import build_letters
from api.permissions import Permission
from api.services import Consent
from signer.activation import transaction_digest
from signer.factors.model import FactorKind
from signer.model import Certify, FieldLock, LockAction, SigningAct
from signer.seal_pins import SealPins
from signer.seals import SealService
from store.database import open_database
from store.seal_pins import SqlSealPins
from store.seals import SqlSeals
from tests.support.api_memory import MemoryService, memory_service, settings_in
from tests.support.batches import MemorySealKeys
from tests.support.consent import ConsentHouse, consent_house, pdf
from tests.support.office import PASSPHRASE
from tests.support.pki import make_pki
from tests.support.signer_memory import PkiIssuer
from tests.support.signing import counted_bytes

SCOPE = frozenset({str(Permission.ACTIVATION_CREATE)})


@pytest.fixture
def house(tmp_path: Path, sqlite_template: Path) -> Iterator[ConsentHouse]:
    shutil.copy(sqlite_template, tmp_path / "consent.db")
    with open_database(f"sqlite+pysqlite:///{tmp_path / 'consent.db'}", 8) as database:
        yield consent_house(tmp_path, database, make_pki())


@pytest.fixture
def service(tmp_path: Path, house: ConsentHouse) -> MemoryService:
    parts = house.parts
    requests = AuditedRequests(house.asking, parts.batch_consents, parts.step_consents)
    consent = Consent(requests=requests, page_of=lambda link: f"https://tte.contoh.go.id/desk/a/{link}")
    settings = settings_in(tmp_path)
    batches = ClientBatches(house.batches, house.items, house.signing, no_seals(house), house.office.kept)
    once = build_letters(settings, house.database, now=lambda: house.office.at)
    more = {"consent": consent, "batches": batches, "flows": house.flows, "letters": once}
    made = memory_service(settings, adjust=lambda services: replace(services, **more))  # type: ignore[arg-type] - by name
    made.clock.at = house.office.at
    return made


def no_seals(house: ConsentHouse) -> SealService:
    """What batches ask about seals, of which there are none here."""
    return SealService(
        seals=SqlSeals(house.database),
        credentials=house.office.kept,
        keys=MemorySealKeys(house.office.vault),
        issuer=PkiIssuer(pki=make_pki()),
        pins=SealPins(SqlSealPins(house.database), now=lambda: house.office.at, random_bytes=counted_bytes()),
        now=lambda: house.office.at,
        random_bytes=counted_bytes(),
    )


@pytest.fixture
def http(service: MemoryService) -> Iterator[TestClient[Litestar]]:
    with service.http() as client:
        yield client


def ask(house: ConsentHouse, *pdfs: bytes) -> dict[str, Any]:
    """A good request for these."""
    listed = [{"sha256": hashlib.sha256(each).hexdigest(), "name": f"Surat {n}"} for n, each in enumerate(pdfs, 1)]
    return {"credential": house.credential.id, "documents": [each | {"level": "B-B"} for each in listed]}


PDF_HEADER = {"Content-Type": "application/pdf"}


def test_the_whole_way_of_a_client(http: TestClient[Litestar], service: MemoryService, house: ConsentHouse) -> None:
    bearer = service.bearer(scopes=SCOPE)
    made = http.post("/v1/activations", headers=bearer, json=ask(house, pdf(1), pdf(2, pages=2)))
    assert made.status_code == 201
    assert made.headers["cache-control"] == "private, no-store"
    told = made.json()
    assert (told["state"], told["count"], told["documents"][1]["pages"]) == ("pending", 2, None)
    for place, each in enumerate((pdf(1), pdf(2, pages=2)), start=1):
        path = f"/v1/activations/{told['id']}/documents/{place}"
        assert http.post(path, headers=bearer | PDF_HEADER, content=each).status_code == 200
    link = told["page"].rpartition("/")[2]
    session = "s" * 64
    house.approving.open(link, session=session, signatory_id=house.who)
    found = http.get(made.headers["location"], headers=bearer).json()
    assert (found["state"], found["page"]) == ("pending", None)  # the link is told once
    seen = house.approving.behind(link)
    assert seen is not None
    digest = transaction_digest(seen).hex()
    house.approving.approve(link, PASSPHRASE, house.totp(), shown=digest, session=session, signatory_id=house.who)
    done = http.get(made.headers["location"], headers=bearer).json()
    assert done["state"] == "granted"
    assert [each["signature"].startswith("/v1/signatures/") for each in done["documents"]] == [True, True]
    assert house.store.held(house.who).usable == {FactorKind.TOTP, FactorKind.PASSKEY}


def test_what_nobody_answered_is_told_as_expired(
    http: TestClient[Litestar], service: MemoryService, house: ConsentHouse
) -> None:
    bearer = service.bearer(scopes=SCOPE)
    made = http.post("/v1/activations", headers=bearer, json=ask(house, pdf(1)))
    service.clock.forward(15 * 60)
    assert http.get(made.headers["location"], headers=bearer).json()["state"] == "expired"


def test_it_needs_its_own_scope(http: TestClient[Litestar], service: MemoryService, house: ConsentHouse) -> None:
    signer = service.bearer(scopes=frozenset({str(Permission.SIGNATURE_CREATE)}))
    for answer in (
        http.post("/v1/activations", headers=signer, json=ask(house, pdf(1))),
        http.get("/v1/activations/x", headers=signer),
        http.post("/v1/activations/x/documents/1", headers=signer | PDF_HEADER, content=pdf(1)),
    ):
        assert answer.status_code == 403
        assert answer.json()["reason"] == "insufficient-scope"
    assert http.post("/v1/activations", json=ask(house, pdf(1))).status_code == 401


def test_another_clients_request_does_not_exist(
    http: TestClient[Litestar], service: MemoryService, house: ConsentHouse
) -> None:
    made = http.post("/v1/activations", headers=service.bearer(scopes=SCOPE), json=ask(house, pdf(1))).json()
    other = service.bearer("other", scopes=SCOPE)
    path = f"/v1/activations/{made['id']}"
    unknown = http.get(f"/v1/activations/{'0' * 32}", headers=other)
    for answer in (
        http.get(path, headers=other),
        http.post(f"{path}/documents/1", headers=other | PDF_HEADER, content=pdf(1)),
    ):
        assert answer.status_code == unknown.status_code == 404
        assert answer.json()["reason"] == unknown.json()["reason"] == "unknown"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"documents": []}, "documents"),
        ({"credential": ""}, "credential"),
        ({"passphrase": "x"}, "request"),
        ({"documents": [{"sha256": "AB" * 32, "name": "x"}]}, "documents[0].sha256"),
        ({"documents": [{"sha256": "ab" * 32}]}, "documents[0].name"),
        ({"documents": [{"sha256": "ab" * 32, "name": "x" * 201}]}, "documents[0].name"),
        ({"documents": [{"sha256": "ab" * 32, "name": "x\u0007"}]}, "documents[0].name"),
        ({"documents": [{"sha256": "ab" * 32, "name": "x"}] * 101}, "documents"),
    ],
)
def test_a_list_that_is_no_list_names_its_field(
    http: TestClient[Litestar], service: MemoryService, house: ConsentHouse, change: dict[str, Any], field: str
) -> None:
    answer = http.post("/v1/activations", headers=service.bearer(scopes=SCOPE), json=ask(house, pdf(1)) | change)
    assert answer.status_code == 400
    assert answer.json()["field"] == field


def test_a_document_of_another_digest_is_refused(
    http: TestClient[Litestar], service: MemoryService, house: ConsentHouse
) -> None:
    bearer = service.bearer(scopes=SCOPE)
    made = http.post("/v1/activations", headers=bearer, json=ask(house, pdf(1))).json()
    wrong = ((1, pdf(2), 403, "other-digest"), (2, pdf(2), 404, "not-listed"), (0, pdf(1), 404, "not-listed"))
    for place, content, status, reason in wrong:
        path = f"/v1/activations/{made['id']}/documents/{place}"
        answer = http.post(path, headers=bearer | PDF_HEADER, content=content)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason)


def test_where_passphrases_stay_out_the_old_way_is_closed(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    closed = replace(settings, signing=replace(settings.signing, passphrase_through_api=False))
    service = memory_service(closed)
    with service.http() as http:
        answer = http.post("/v1/signatures", headers=service.bearer() | PDF_HEADER, content=pdf(1))
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/passphrase-not-here"
    assert service.signing.requests == []


def test_a_process_that_does_not_sign_says_so(tmp_path: Path) -> None:
    service = memory_service(settings_in(tmp_path))
    with service.http() as http:
        answer = http.get("/v1/activations/x", headers=service.bearer(scopes=SCOPE))
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/consent-closed"


KEY = {"Idempotency-Key": "satu"}
ME = "sikd"
SIGNS = frozenset({str(Permission.SIGNATURE_CREATE), str(Permission.SIGNATURE_READ), str(Permission.ACTIVATION_CREATE)})


def test_a_request_under_a_key_is_made_once_and_its_lost_link_replaced(
    http: TestClient[Litestar], service: MemoryService, house: ConsentHouse
) -> None:
    bearer = service.bearer(scopes=SCOPE) | KEY
    first, again = (http.post("/v1/activations", headers=bearer, json=ask(house, pdf(1))) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    links = [each.json()["page"].rpartition("/")[2] for each in (first, again)]
    assert links[0] != links[1]
    assert [house.approving.behind(link) is not None for link in links] == [False, True]
    other = http.post("/v1/activations", headers=bearer, json=ask(house, pdf(2)))
    assert (other.status_code, other.json()["reason"]) == (422, "reused")
    path = f"/v1/activations/{first.json()['id']}/documents/1"
    assert http.post(path, headers=bearer | PDF_HEADER, content=pdf(1)).status_code == 200
    house.approving.open(links[1], session="s" * 64, signatory_id=house.who)
    opened = http.post("/v1/activations", headers=bearer, json=ask(house, pdf(1)))
    assert (opened.status_code, opened.json()["page"]) == (201, None)
    assert house.approving.behind(links[1]) is not None


def batch_of(http: TestClient[Litestar], service: MemoryService, house: ConsentHouse, *pdfs: bytes) -> str:
    """The address of a closed, prepared batch."""
    bearer = service.bearer(scopes=SIGNS)
    opened = http.post("/v1/batches", headers=bearer, json={"credential": house.credential.id, "level": "B-B"})
    where = str(opened.headers["location"])
    for each in pdfs:
        assert http.post(f"{where}/documents", headers=bearer | PDF_HEADER, content=each).status_code == 201
    assert http.post(f"{where}/close", headers=bearer).status_code == 200
    house.prepare(house.batches.get(where.rpartition("/")[2], ME))
    return where


def test_a_batch_is_put_before_its_signatory_and_followed(
    http: TestClient[Litestar], service: MemoryService, house: ConsentHouse
) -> None:
    bearer = service.bearer(scopes=SIGNS)
    where = batch_of(http, service, house, pdf(1), pdf(2))
    assert http.post(f"{where}/activations", headers=service.bearer("other", scopes=SIGNS)).status_code == 404
    signer = service.bearer(scopes=SIGNS - SCOPE)
    assert http.post(f"{where}/activations", headers=signer).status_code == 403
    made = http.post(f"{where}/activations", headers=bearer | KEY)
    assert made.status_code == 201
    told = made.json()
    assert (told["kind"], told["about"], told["count"], told["state"]) == ("batch", where, 2, "pending")
    assert http.post(f"{where}/activations", headers=bearer | KEY).json()["id"] == told["id"]
    sent = http.post(f"/v1/activations/{told['id']}/documents/1", headers=bearer | PDF_HEADER, content=pdf(1))
    assert (sent.status_code, sent.json()["reason"]) == (403, "not-awaited")
    request = house.opened(house.asked_anew(told["id"], ME))
    house.approve(house.asked_anew(told["id"], ME), house.totp(), shown=request)
    assert http.get(f"/v1/activations/{told['id']}", headers=bearer).json()["state"] == "granted"
    assert http.get(where, headers=bearer).json()["counts"]["signed"] == 2
    house.finish(house.batches.get(where.rpartition("/")[2], ME))
    found = http.get(where, headers=bearer).json()
    assert (found["state"], found["counts"]["finished"]) == ("completed", 2)
    nothing = http.post(f"{where}/activations", headers=bearer)
    assert (nothing.status_code, nothing.json()["reason"]) == (409, "not-closed")


def test_batches_are_opened_filled_and_consented_to_once_under_a_key(
    http: TestClient[Litestar], service: MemoryService, house: ConsentHouse
) -> None:
    bearer = service.bearer(scopes=SIGNS) | KEY
    body = {"credential": house.credential.id, "level": "B-B"}
    first, again = (http.post("/v1/batches", headers=bearer, json=body) for _ in range(2))
    assert (first.status_code, first.json()) == (201, again.json())
    house.forward(hours=25)  # nothing of the key is kept any more, as if its answer had never been written
    assert http.post("/v1/batches", headers=bearer, json=body).json()["id"] == first.json()["id"]
    house.forward(hours=25)
    other = http.post("/v1/batches", headers=bearer, json=body | {"level": "B-T"})
    assert (other.status_code, other.json()["reason"]) == (422, "reused")
    where = first.headers["location"]
    added = [
        http.post(f"{where}/documents", headers=bearer | {"Idempotency-Key": key} | PDF_HEADER, content=pdf(number))
        for key, number in (("dok-1", 1), ("dok-1", 1), ("dok-1", 2), ("dok-2", 1))
    ]
    assert [each.status_code for each in added] == [201, 201, 422, 409]
    assert added[0].json() == added[1].json()
    assert (added[2].json()["reason"], added[3].json()["reason"]) == ("reused", "duplicate")
    http.post(f"{where}/close", headers=bearer)
    batch = house.batches.get(where.rpartition("/")[2], ME)
    house.prepare(batch)
    consent = {"passphrase": PASSPHRASE.reveal()}
    keyed = bearer | {"Idempotency-Key": "ya"}
    given = [http.post(f"{where}/consent", headers=keyed, json=consent) for _ in range(2)]
    assert [each.status_code for each in given] == [200, 200]
    assert house.counts(batch) == {"signed": 1}


def test_a_step_is_put_before_its_official_and_returned(
    http: TestClient[Litestar], service: MemoryService, house: ConsentHouse
) -> None:
    bearer = service.bearer(scopes=SIGNS)
    flow = house.flow((house.credential, SigningAct.SIGNATURE), client=ME)
    where = f"/v1/documents/{flow.flow.id}"
    assert http.post(f"{where}/steps/1/activations", headers=service.bearer("other", scopes=SIGNS)).status_code == 404
    unknown = http.post(f"{where}/steps/2/activations", headers=bearer)
    assert unknown.json()["reason"] == "unknown-step"
    made = http.post(f"{where}/steps/1/activations", headers=bearer)
    assert made.status_code == 201
    told = made.json()
    assert (told["kind"], told["about"], told["count"]) == ("step", where, 1)
    asked = house.asked_anew(told["id"], ME)
    house.opened(asked)
    house.approving.deny(asked.link, session="s" * 64, signatory_id=house.who, reason="Nomornya salah.")
    denied = http.get(f"/v1/activations/{told['id']}", headers=bearer).json()
    assert (denied["state"], denied["reason"]) == ("denied", "Nomornya salah.")
    found = http.get(where, headers=bearer).json()
    assert (found["state"], found["returnedBy"], found["returnedReason"]) == ("cancelled", 1, "Nomornya salah.")
    ended = http.post(f"{where}/steps/1/activations", headers=bearer)
    assert ended.json()["reason"] == "cancelled"


def test_certify_lock_and_footer_go_with_a_request(
    http: TestClient[Litestar], service: MemoryService, house: ConsentHouse
) -> None:
    body = ask(house, pdf(1))
    body["documents"][0] |= {"certify": 2, "lock": {"action": "all"}, "footer": "*"}
    made = http.post("/v1/activations", headers=service.bearer(scopes=SCOPE), json=body)
    assert made.status_code == 201
    wish = house.asking.read(ME, made.json()["id"]).documents[0].wish
    assert (wish.certify, wish.lock) == (Certify.FORMS_AND_SIGNATURES, FieldLock(action=LockAction.ALL))
    assert wish.footer == "*"


def test_a_footer_that_no_document_can_have_is_refused_when_the_document_arrives(
    http: TestClient[Litestar], service: MemoryService, house: ConsentHouse
) -> None:
    body = ask(house, pdf(1))
    body["documents"][0]["footer"] = "surat"
    bearer = service.bearer(scopes=SCOPE)
    made = http.post("/v1/activations", headers=bearer, json=body).json()
    arrived = http.post(f"/v1/activations/{made['id']}/documents/1", headers=bearer | PDF_HEADER, content=pdf(1))
    assert (arrived.status_code, arrived.json()["field"]) == (422, "footer")
    assert arrived.json()["reason"] == "no-such-template"
