"""Kept OCSP answers: never one that tells of a status that is no more."""

from datetime import timedelta

import pytest
from cryptography import x509

from ca.model import IssuedCertificate, KeptAnswer, PresignedAnswer
from store.certificates import SqlCertificateLog
from store.database import Database
from store.ocsp_answers import SqlOcspAnswerStore
from tests.support.ca_log_contract import CA, LATER, NOON, SERIAL, hold, issue, reserve, revoke


@pytest.fixture
def log(database: Database) -> SqlCertificateLog:
    return SqlCertificateLog(database)


@pytest.fixture
def store(database: Database) -> SqlOcspAnswerStore:
    return SqlOcspAnswerStore(database)


def row_of(log: SqlCertificateLog, serial: int = SERIAL) -> IssuedCertificate:
    row = log.find(serial=serial, issuer_id=CA)
    assert row is not None
    return row


def answer_on(row: IssuedCertificate, *, hash_name: str = "sha1", at=NOON, der: bytes = b"answer") -> PresignedAnswer:
    kept = KeptAnswer(der=der, this_update=at, next_update=at + timedelta(hours=12))
    return PresignedAnswer(row=row, hash_name=hash_name, answer=kept)


def both_on(row: IssuedCertificate, *, at=NOON) -> list[PresignedAnswer]:
    return [answer_on(row, hash_name=name, at=at) for name in ("sha1", "sha256")]


def test_what_is_kept_is_found_and_replaced(log: SqlCertificateLog, store: SqlOcspAnswerStore) -> None:
    issue(log)
    first, second = answer_on(row_of(log)), answer_on(row_of(log), at=LATER, der=b"newer")
    named = {"issuer_id": CA, "serial": SERIAL, "hash_name": "sha1"}
    assert store.find(**named) is None
    assert store.keep([first]) == 1
    assert store.find(**named) == first.answer
    assert store.keep([second]) == 1
    assert store.find(**named) == second.answer
    assert store.find(**{**named, "hash_name": "sha256"}) is None
    assert store.find(**{**named, "serial": SERIAL + 1}) is None


@pytest.mark.parametrize("act", ["revoke", "hold", "release"])
def test_every_change_of_status_forgets_the_answers(
    log: SqlCertificateLog, store: SqlOcspAnswerStore, act: str
) -> None:
    issue(log)
    if act == "release":
        hold(log)
    assert store.keep(both_on(row_of(log))) == 2
    if act == "revoke":
        revoke(log)
    elif act == "hold":
        hold(log)
    else:
        log.release(serial=SERIAL, issuer_id=CA, actor="ra-2", at=LATER)
    assert store.find(issuer_id=CA, serial=SERIAL, hash_name="sha1") is None
    assert store.find(issuer_id=CA, serial=SERIAL, hash_name="sha256") is None


def test_an_answer_that_was_signed_before_the_change_is_not_kept_after_it(
    log: SqlCertificateLog, store: SqlOcspAnswerStore
) -> None:
    issue(log)
    late = both_on(row_of(log))
    revoke(log)
    assert store.keep(late) == 0
    assert store.keep(both_on(row_of(log))) == 2


def test_a_serial_that_is_only_reserved_keeps_nothing_older(log: SqlCertificateLog, store: SqlOcspAnswerStore) -> None:
    reserve(log)
    assert store.due(issuer_id=CA, before=NOON, at=NOON, limit=9) == []


def test_due_is_what_lacks_an_answer_or_has_an_old_one(log: SqlCertificateLog, store: SqlOcspAnswerStore) -> None:
    for serial in range(1, 5):
        issue(log, serial)
    store.keep(both_on(row_of(log, 1), at=LATER))
    store.keep([answer_on(row_of(log, 2), at=LATER)])
    store.keep(both_on(row_of(log, 3), at=NOON))
    asked = {"issuer_id": CA, "before": NOON, "at": LATER}
    assert sorted(store.due(**asked, limit=9)) == [2, 3, 4]
    assert len(store.due(**asked, limit=2)) == 2
    assert store.due(issuer_id=CA, before=NOON, at=NOON + timedelta(days=731), limit=9) == []
    assert store.due(issuer_id="root-g1", before=NOON, at=LATER, limit=9) == []


def test_an_abandoned_intent_can_be_told_of(log: SqlCertificateLog, store: SqlOcspAnswerStore) -> None:
    reserve(log)
    log.record_intent(serial=SERIAL, issuer_id=CA, tbs=b"x", linters="house/1", at=NOON)
    log.abandon(serial=SERIAL, issuer_id=CA, why="time-out", at=LATER)
    assert store.keep(both_on(row_of(log), at=LATER)) == 2


def test_what_is_revoked_forgets_also_in_the_answers_reason(log: SqlCertificateLog, store: SqlOcspAnswerStore) -> None:
    issue(log)
    hold(log)
    held = both_on(row_of(log))
    log.revoke(
        serial=SERIAL,
        issuer_id=CA,
        reason=x509.ReasonFlags.superseded,
        invalidity_date=None,
        actor="ra-1",
        at=LATER + timedelta(days=1),
    )
    assert store.keep(held) == 0
