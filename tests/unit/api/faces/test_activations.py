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

from api.consent.audited import AuditedRequests
from api.permissions import Permission
from api.services import Consent
from signer.activation import transaction_digest
from signer.factors.model import FactorKind
from store.database import open_database
from tests.support.api_memory import MemoryService, memory_service, settings_in
from tests.support.consent import ConsentHouse, consent_house, pdf
from tests.support.databases import sqlite_template
from tests.support.office import PASSPHRASE
from tests.support.pki import make_pki

__all__ = ["sqlite_template"]

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
    made = memory_service(settings_in(tmp_path), adjust=lambda services: replace(services, consent=consent))
    made.clock.at = house.office.at
    return made


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
