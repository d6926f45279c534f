"""`store.signatures`: every signing leaves one row with one end, and the register knows its documents."""

from datetime import timedelta

import pytest

from signer.model import LetterMetadata, SignatureRecord, SigningOutcome, SigningState, VerificationCode
from store.audit import Act, AuditTrail
from store.database import Database
from store.errors import AlreadyExists, IllegalMove
from store.signatures import SqlRegister, SqlSignatureLog
from tests.support.databases import execute
from tests.unit.store.samples import FAILED, MINUTE, NOON, digest, intent, signed, together
from verifier.model import Relation


@pytest.fixture
def log(database: Database) -> SqlSignatureLog:
    return SqlSignatureLog(database)


def test_an_intent_comes_back_as_it_went_in_by_either_code(log: SqlSignatureLog) -> None:
    log.reserve(intent())
    assert log.find(intent().code.token) == SignatureRecord(intent=intent(), outcome=None)
    assert log.find(intent().code.short) == SignatureRecord(intent=intent(), outcome=None)
    assert log.find("unknown") is None


@pytest.mark.parametrize("outcome", [signed(), FAILED])
def test_an_outcome_comes_back_with_its_intent(log: SqlSignatureLog, outcome: SigningOutcome) -> None:
    log.reserve(intent())
    log.record(intent().code, outcome)
    assert log.find(intent().code.token) == SignatureRecord(intent=intent(), outcome=outcome)


def test_signings_are_found_by_their_clients_own_identifier(log: SqlSignatureLog) -> None:
    for number in range(1, 6):
        log.reserve(intent(number))
    log.reserve(intent(6, client_id="other"))
    log.reserve(intent(7, letter=LetterMetadata(external_id="S-18")))
    log.record(intent(2).code, FAILED)

    def found(after: str, limit: int) -> list[str]:
        return [each.intent.code.token for each in log.of_letter("eoffice", "S-17", after=after, limit=limit)]

    tokens = [intent(number).code.token for number in range(1, 6)]
    assert found("", 10) == tokens
    assert [found("", 2), found(tokens[1], 2), found(tokens[3], 2)] == [tokens[:2], tokens[2:4], tokens[4:]]
    assert log.of_letter("eoffice", "S-1", after="", limit=10) == ()


def test_neither_code_is_given_out_twice(log: SqlSignatureLog) -> None:
    log.reserve(intent(1))
    with pytest.raises(AlreadyExists):
        log.reserve(intent(1))
    for code in (VerificationCode(token="x", short=intent(1).code.short),):
        with pytest.raises(AlreadyExists):
            log.reserve(intent(2, code=code))


@pytest.mark.parametrize("first", [signed(), FAILED])
@pytest.mark.parametrize("second", [signed("other"), FAILED])
def test_recording_twice_is_an_error_and_overwrites_nothing(
    log: SqlSignatureLog, first: SigningOutcome, second: SigningOutcome
) -> None:
    log.reserve(intent())
    log.record(intent().code, first)
    with pytest.raises(IllegalMove):
        log.record(intent().code, second)
    assert log.find(intent().code.token).outcome == first


def test_of_eight_outcomes_at_once_exactly_one_is_recorded(log: SqlSignatureLog) -> None:
    log.reserve(intent())
    outcomes = together(8, lambda number: log.record(intent().code, signed(f"document {number}")))
    assert outcomes.count(None) == 1
    winner = outcomes.index(None)
    assert log.find(intent().code.token).outcome == signed(f"document {winner}")


def test_nothing_is_recorded_without_a_reservation(log: SqlSignatureLog) -> None:
    with pytest.raises(IllegalMove):
        log.record(intent().code, signed())
    assert log.find(intent().code.token) is None


@pytest.mark.parametrize(
    "nonsense",
    [
        signed(document_sha256=None),
        signed(failure="failed as well"),
        SigningOutcome(state=SigningState.FAILED, at=NOON),
        SigningOutcome(state=SigningState.RESERVED, at=NOON),
    ],
)
def test_an_outcome_that_contradicts_itself_is_refused(log: SqlSignatureLog, nonsense: SigningOutcome) -> None:
    log.reserve(intent())
    with pytest.raises(IllegalMove):
        log.record(intent().code, nonsense)
    assert log.find(intent().code.token).outcome is None


def test_what_never_ended_is_settled_as_interrupted(log: SqlSignatureLog) -> None:
    log.reserve(intent(1))
    log.reserve(intent(2))
    log.record(intent(2).code, signed())
    log.reserve(intent(3, reserved_at=NOON + MINUTE))
    later = NOON + timedelta(hours=1)
    assert log.settle_abandoned(before=NOON + MINUTE, at=later) == 1
    assert log.settle_abandoned(before=NOON + MINUTE, at=later) == 0
    interrupted = SigningOutcome(state=SigningState.FAILED, at=later, failure="interrupted")
    assert log.find(intent(1).code.token).outcome == interrupted
    assert log.find(intent(2).code.token).outcome == signed()
    assert log.find(intent(3).code.token).outcome is None


def test_the_trail_knows_each_step_and_no_verification_code(
    log: SqlSignatureLog, database: Database, database_url: str
) -> None:
    log.reserve(intent(1))
    log.record(intent(1).code, signed())
    log.reserve(intent(2))
    log.record(intent(2).code, FAILED)
    entries = AuditTrail(database).read()
    assert [(entry.act, entry.outcome, entry.reason) for entry in entries] == [
        (Act.SIGNATURE_RESERVE.value, "done", None),
        (Act.SIGNATURE_RECORD.value, "done", None),
        (Act.SIGNATURE_RESERVE.value, "done", None),
        (Act.SIGNATURE_RECORD.value, "failed", "timestamp-unavailable"),
    ]
    trail = repr(execute(database_url, "SELECT * FROM audit_entries"))
    assert intent(1).code.token not in trail
    assert intent(1).code.short not in trail
    assert digest("signed letter") in trail


def test_the_register_knows_the_very_bytes_then_the_newest_earlier_revision(
    log: SqlSignatureLog, database: Database
) -> None:
    for number, content in ((1, "first"), (2, "second")):
        log.reserve(intent(number))
        log.record(intent(number).code, signed(content))
    register = SqlRegister(database)
    first, second, other = digest("first"), digest("second"), digest("other")
    tokens = intent(1).code.token, intent(2).code.token
    assert register.relation(sha256=first, prefix_sha256s=()) == (Relation.SAME_BYTES, tokens[0])
    assert register.relation(sha256=second, prefix_sha256s=(first,)) == (Relation.SAME_BYTES, tokens[1])
    assert register.relation(sha256=other, prefix_sha256s=(second, first)) == (Relation.EXTENDS, tokens[1])
    assert register.relation(sha256=other, prefix_sha256s=(other, first)) == (Relation.EXTENDS, tokens[0])
    assert register.relation(sha256=other, prefix_sha256s=(other,)) == (Relation.NOT_REGISTERED, None)
    assert register.relation(sha256="", prefix_sha256s=()) == (Relation.NOT_REGISTERED, None)


def test_a_file_with_thousands_of_revisions_is_still_traced_to_its_document(
    log: SqlSignatureLog, database: Database
) -> None:
    log.reserve(intent())
    log.record(intent().code, signed("first"))
    revisions = tuple(digest(str(number)) for number in range(2_000))
    relation = SqlRegister(database).relation(sha256=digest("top"), prefix_sha256s=(*revisions, digest("first")))
    assert relation == (Relation.EXTENDS, intent().code.token)


def test_neither_the_unfinished_nor_the_failed_nor_what_came_in_is_registered(
    log: SqlSignatureLog, database: Database
) -> None:
    log.reserve(intent(1))
    log.reserve(intent(2))
    log.record(intent(2).code, FAILED)
    for number in (1, 2):
        relation = SqlRegister(database).relation(sha256=intent(number).input_sha256, prefix_sha256s=())
        assert relation == (Relation.NOT_REGISTERED, None)
