"""`store.foreign_addresses`: chains are read once, when they were accepted; what is due comes in order, in portions."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes

from signer.foreign.model import AnswerState, ForeignAnswer, KeptStatus
from store.database import Database
from store.foreign import SqlForeignLog, SqlForeignStatus
from store.foreign_addresses import SqlStatusAddresses
from tests.support.foreign_ca import CRL, OCSP
from tests.support.pki import Holder, Pki, make_pki
from tests.unit.store.samples import MINUTE, NOON

ROOT_CRL = "http://pki.example.org/pki/crl/root-g1.crl"


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


def accept(
    database: Database, holder: Holder, credential: str, state: AnswerState = AnswerState.ACCEPTED
) -> SqlStatusAddresses:
    answer = ForeignAnswer(
        credential_id=credential,
        received=b"as it came",
        chain=holder.chain,
        state=state,
        differences=(),
        findings=(),
        received_at=NOON,
    )
    SqlForeignLog(database).add_answer(answer, actor="ra-1")
    addresses = SqlStatusAddresses(database)
    addresses.learn(NOON)
    return addresses


def test_what_was_accepted_is_due_at_once_and_each_place_once(database: Database, pki: Pki) -> None:
    addresses = accept(database, pki.official, "c-1")
    accept(database, pki.official_with(), "c-2")
    due = addresses.due(NOON, limit=100)
    assert sorted(each.url for each in due) == sorted([CRL, OCSP, OCSP, ROOT_CRL])
    assert {each.issuer for each in due if each.url == CRL} == {pki.issuing.certificate}
    assert {each.about for each in due if each.url == OCSP} >= {
        pki.official.certificate.fingerprint(hashes.SHA256()).hex()
    }
    assert addresses.authorities() == (pki.issuing.certificate,)


def test_what_waits_for_a_decision_is_not_asked_for(database: Database, pki: Pki) -> None:
    addresses = accept(database, pki.official, "c-1", AnswerState.UNDECIDED)
    assert addresses.due(NOON, limit=100) == ()
    leaf = pki.official.certificate.fingerprint(hashes.SHA256()).hex()
    SqlForeignLog(database).decide(leaf, AnswerState.ACCEPTED, reason="the same person", actor="ra-1", at=NOON)
    addresses.learn(NOON)
    assert len(addresses.due(NOON, limit=100)) == 3


def test_what_was_asked_comes_again_when_it_is_due(database: Database, pki: Pki) -> None:
    addresses = accept(database, pki.official, "c-1")
    for number, each in enumerate(addresses.due(NOON, limit=100), start=1):
        addresses.settle(each, due_at=NOON + number * MINUTE, failure="http-503" if each.url == CRL else None)
    assert addresses.due(NOON, limit=100) == ()
    assert addresses.failing(NOON) == ((CRL, "http-503"),)
    assert len(addresses.due(NOON + 2 * MINUTE, limit=100)) == 2
    assert len(addresses.due(NOON + 3 * MINUTE, limit=1)) == 1


def test_a_newer_certificate_makes_the_list_of_its_issuer_due_again(database: Database, pki: Pki) -> None:
    addresses = accept(database, pki.official, "c-1")
    for each in addresses.due(NOON, limit=100):
        addresses.settle(each, due_at=NOON + timedelta(days=1), failure=None)
    shorter = pki.official_with(not_after=NOON + timedelta(days=30))
    accept(database, shorter, "c-2")
    assert CRL in {each.url for each in addresses.due(NOON, limit=100)}
    later = NOON + timedelta(days=40)
    still = [each for each in addresses.due(later, limit=100) if each.url == CRL]
    assert [each.certificate for each in still] == [pki.official.certificate], "the one that lives longest"


def test_a_certificate_that_ended_needs_no_younger_status(database: Database, pki: Pki) -> None:
    addresses = accept(database, pki.official_with(not_after=NOON + MINUTE), "c-1")
    assert {each.url for each in addresses.due(NOON + 2 * MINUTE, limit=100)} == {ROOT_CRL}


def test_an_issuers_officials_are_found_by_serial_number(database: Database, pki: Pki) -> None:
    addresses = accept(database, pki.official, "c-1")
    assert addresses.credentials_of(pki.issuing.certificate) == {pki.official.certificate.serial_number: "c-1"}
    assert addresses.credentials_of(pki.root.certificate) == {}


def test_whatever_is_kept_is_another_version(database: Database, pki: Pki) -> None:
    status = SqlForeignStatus(database)
    assert (status.version(), status.published(answers=10)) == (0, ((), ()))
    crl = KeptStatus(url=CRL, about="", der=b"crl-1", this_update=NOON, next_update=NOON + MINUTE, fetched_at=NOON)
    versions = [0]
    for each in (crl, replace(crl, der=b"crl-2"), replace(crl, about="a", der=b"1"), replace(crl, about="b", der=b"2")):
        status.put(each)
        versions.append(status.version())
    assert sorted(set(versions)) == versions
    assert status.published(answers=10) == ((b"crl-2",), (b"2", b"1"))
    assert status.published(answers=1) == ((b"crl-2",), (b"2",))
