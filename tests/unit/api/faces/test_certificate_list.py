"""The list of certificates: filters, pages, and that its words are those of `certificate_word`."""

from datetime import timedelta

import pytest
from cryptography import x509

from signer.people import CERTIFICATE_WORDS, CertificateQuery, Purpose, Role, StatusWord, certificate_word
from signer.registrations import Person
from tests.support.api_memory import MemoryService
from tests.support.office import ANOTHER, PASSPHRASE, TestOffice
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Door, Http


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"serial": "xyz"}, "serial"),
        ({"status": "null"}, "status"),
        ({"serial": "0"}, "serial"),
        ({"statsu": "ISSUE"}, "query"),
        ({"status": "ISSUED"}, "status"),
        ({"expiringBefore": "tomorrow"}, "expiringBefore"),
        ({"expiringBefore": "2026-11-21T04:00:00"}, "expiringBefore"),
        ({"limit": "0"}, "limit"),
        ({"signatory": "x" * 101}, "signatory"),
    ],
)
def test_a_bad_query_names_its_field(registrar: Door, query: dict[str, str], field: str) -> None:
    answer = registrar.get("/v1/certificates", **query)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


@pytest.mark.parametrize("cursor", ["", "%%", "WyJub3doZXJlIiwiMWEiXQ"])
def test_a_cursor_that_was_never_told_leads_nowhere(registrar: Door, cursor: str) -> None:
    answer = registrar.get("/v1/certificates", cursor=cursor)
    assert (answer.status_code, answer.json()["type"]) == (410, "/problems/cursor-unknown")


def test_a_filter_comes_once(registrar: Door) -> None:
    answer = registrar.get("/v1/certificates", status=["ISSUE", "REVOKE"])
    assert (answer.status_code, answer.json()["field"], answer.json()["reason"]) == (400, "status", "twice")


@pytest.mark.parametrize("role", Role)
def test_who_may_see_officials_may_see_their_certificates(http: Http, service: MemoryService, role: Role) -> None:
    allowed = role in (Role.ADMINISTRATOR, Role.REGISTRAR, Role.APPROVER)
    assert Door(http, service, role).get("/v1/certificates").status_code == (200 if allowed else 403)


def enrol(office: TestOffice, name: str) -> tuple[str, int]:
    who = Person(name=name, organisation="Contoh", organisation_identifier="VATID-000000000000000")
    registration = office.people.office.register(office.caller(Role.REGISTRAR), who)
    link = office.people.office.invite(office.caller(Role.REGISTRAR), office.approved(registration).id)
    made = office.people.registrations.complete(link.token, PASSPHRASE)
    return made.id, made.certificate.serial_number


@pytest.fixture
def of_every_word(office: TestOffice) -> dict[StatusWord, int]:
    """A certificate of each word, by its serial number; the expired one is so when time has passed."""
    made = {word: enrol(office, f"Contoh {word.value.title()}") for word in CERTIFICATE_WORDS}
    office.credentials.suspend(made[StatusWord.SUSPEND][0], "registrar")
    office.credentials.revoke(made[StatusWord.REVOKE][0], x509.ReasonFlags.superseded, "registrar")
    old = office.kept.get(made[StatusWord.RENEW][0])
    assert old is not None
    office.credentials.install(
        old.signatory, ANOTHER, purpose=Purpose.RENEWAL, replaces=old.id, registration_id=None, actor="registrar"
    )
    return {word: serial for word, (_, serial) in made.items()}


def test_words_of_the_list_are_those_of_the_rule(office: TestOffice, of_every_word: dict[StatusWord, int]) -> None:
    caller, told = office.caller(Role.REGISTRAR), set()
    for days in (0, 5000):
        office.forward(days=days)
        every = office.people.office.certificates(caller, CertificateQuery())
        assert len(every) == len(of_every_word) + 1  # the renewed one has a successor
        for word in StatusWord:
            expected = [
                each.serial
                for each, _ in every
                if certificate_word(each.credential_state, each.not_after, at=office.at) is word
            ]
            found = office.people.office.certificates(caller, CertificateQuery(status=word))
            assert [each.serial for each, _ in found] == expected
            told |= {word} if expected else set()
    assert told == set(CERTIFICATE_WORDS)


def test_each_word_is_told_for_its_certificate(registrar: Door, of_every_word: dict[StatusWord, int]) -> None:
    for word, serial in of_every_word.items():
        (item,) = registrar.get("/v1/certificates", serial=f"{serial:x}").json()["items"]
        assert item["status"] == ("ISSUE" if word is StatusWord.EXPIRED else word.value)


def test_filters_meet(office: TestOffice, registrar: Door, of_every_word: dict[StatusWord, int]) -> None:
    (one,) = registrar.get("/v1/certificates", serial=f"{of_every_word[StatusWord.RENEW]:x}").json()["items"]
    both = registrar.get("/v1/certificates", signatory=one["signatory"]).json()["items"]
    assert {each["status"] for each in both} == {"RENEW", "ISSUE"}
    last = max(each["notAfter"] for each in registrar.get("/v1/certificates").json()["items"])
    assert registrar.get("/v1/certificates", expiringBefore="2999-01-01T00:00:00+08:00").json()["items"]
    assert all(
        each["notAfter"] < last for each in registrar.get("/v1/certificates", expiringBefore=last).json()["items"]
    )
    early = (office.at + timedelta(days=1)).isoformat()
    assert registrar.get("/v1/certificates", expiringBefore=early).json() == {"items": [], "next": None}


def test_pages_follow_one_another(registrar: Door, of_every_word: dict[StatusWord, int]) -> None:
    whole = registrar.get("/v1/certificates").json()["items"]
    seen: list[object] = []
    query: dict[str, str] = {"limit": "1"}
    while True:
        page = registrar.get("/v1/certificates", **query).json()
        seen += page["items"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == whole
    assert len(whole) == len(of_every_word) + 1
