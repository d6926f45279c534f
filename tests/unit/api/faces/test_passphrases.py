"""The official's own door: what is refused and counted, and that no secret is left anywhere."""

import logging

import pytest

from signer.errors import PassphraseWrong
from store.audit import Act, AuditTrail
from store.database import Database
from tests.support.api_memory import MemoryService
from tests.support.office import ANOTHER, PASSPHRASE, TestOffice
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Http

OLD, NEW = PASSPHRASE.reveal(), ANOTHER.reveal()
WRONG = "bukan yang benar sama sekali"


def ask(http: Http, service: MemoryService, credential: str, old: str = OLD, new: str = NEW) -> tuple[int, object]:
    body = {"credential": credential, "passphrase": old, "newPassphrase": new}
    answer = http.post("/v1/passphrases", json=body, headers=service.bearer())
    assert old not in answer.text
    assert new not in answer.text
    return answer.status_code, answer.json().get("type", answer.json())


def failed(office: TestOffice, credential: str) -> int:
    kept = office.kept.get(credential)
    assert kept is not None
    return kept.failed_attempts


@pytest.mark.parametrize(
    ("change", "status", "field", "reason"),
    [
        ({"passphrase": WRONG}, 403, "passphrase", "wrong"),
        ({"newPassphrase": "pendek"}, 422, "newPassphrase", "too-short"),
        ({"newPassphrase": "aaaaaaaaaaaaaaaa"}, 422, "newPassphrase", "repetitive"),
        ({"newPassphrase": "I Wayan Contoh"}, 422, "newPassphrase", "common"),
        ({"newPassphrase": OLD}, 422, "newPassphrase", "same"),
        ({"newPassphrase": "x" * 257}, 400, "newPassphrase", "invalid"),
        ({"newPassphrase": None}, 400, "newPassphrase", "invalid"),
        ({"credential": "nobody"}, 422, "credential", "unknown"),
        ({"pin": "1234"}, 400, "request", "unknown-field"),
    ],
)
def test_what_is_wrong_is_named_and_the_old_one_goes_on(  # noqa: PLR0917 - one row of the table
    http: Http,
    service: MemoryService,
    office: TestOffice,
    change: dict[str, object],
    status: int,
    field: str,
    reason: str,
) -> None:
    credential = office.enrolled().id
    body = {"credential": credential, "passphrase": OLD, "newPassphrase": NEW} | change
    answer = http.post("/v1/passphrases", json=body, headers=service.bearer())
    assert (answer.status_code, answer.json()["field"], answer.json()["reason"]) == (status, field, reason)
    assert OLD not in answer.text
    assert NEW not in answer.text
    assert office.credentials.prove(credential, PASSPHRASE).id == credential


def test_a_token_without_the_scope_is_refused(http: Http, service: MemoryService) -> None:
    signing = service.bearer(scopes=frozenset({"signature:create"}))
    assert http.post("/v1/passphrases", json={}, headers=signing).json()["type"] == "/problems/scope-missing"


def test_wrong_ones_are_counted_until_there_is_a_wait(http: Http, service: MemoryService, office: TestOffice) -> None:
    credential = office.enrolled().id
    for _ in range(5):
        assert ask(http, service, credential, old=WRONG) == (403, "/problems/passphrase-wrong")
    assert ask(http, service, credential) == (423, "/problems/passphrase-locked")
    assert failed(office, credential) == 5


def test_a_weak_new_one_spends_no_attempt(http: Http, service: MemoryService, office: TestOffice) -> None:
    credential = office.enrolled().id
    assert ask(http, service, credential, old=WRONG, new="pendek")[0] == 422
    assert failed(office, credential) == 0


def test_a_suspended_one_is_refused(http: Http, service: MemoryService, office: TestOffice) -> None:
    credential = office.enrolled().id
    office.credentials.suspend(credential, "registrar")
    assert ask(http, service, credential) == (409, "/problems/credential-unusable")


def test_the_new_one_opens_the_same_key_and_nothing_says_a_secret(
    http: Http, service: MemoryService, office: TestOffice, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before = office.enrolled()
    assert ask(http, service, before.id) == (200, {"credential": before.id})
    after = office.credentials.prove(before.id, ANOTHER)
    assert (after.certificate, after.key.public_key) == (before.certificate, before.key.public_key)
    with pytest.raises(PassphraseWrong):
        office.credentials.prove(before.id, PASSPHRASE)
    trail = AuditTrail(database)
    (entry,) = trail.read(act=Act.PASSPHRASE_CHANGE)
    assert (entry.actor, entry.role, entry.object) == ("sikd", "client", f"credential:{before.id}")
    assert entry.request_id
    said = caplog.text + "".join(map(str, trail.read(limit=1000)))
    assert OLD not in said
    assert NEW not in said
