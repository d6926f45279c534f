"""`store.archive`: a history that never forks, and a list on which each document has its turn once."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from signer.archive import OVERDUE, Added, ArchivedDocument, DocumentVersion, Validity, VersionReason
from signer.model import SignatureLevel
from store.archive import SqlArchive
from store.audit import AuditTrail
from store.database import Database
from store.errors import IllegalMove
from store.signatures import SqlRegister, SqlSignatureLog
from tests.support.databases import execute
from tests.unit.store.samples import FAILED, NOON, digest, intent, signed, together
from verifier.model import Relation

DAY = timedelta(days=1)
POLICY = "teken-1"


@pytest.fixture
def archive(database: Database) -> SqlArchive:
    return SqlArchive(database)


@pytest.fixture
def log(database: Database) -> SqlSignatureLog:
    return SqlSignatureLog(database)


def sign(log: SqlSignatureLog, number: int, level: SignatureLevel = SignatureLevel.B_LT) -> str:
    """The long code of a signing that ended well."""
    made = replace(intent(number), level=level)
    log.reserve(made)
    log.record(made.code, signed(f"document {number}"))
    return made.code.token


def validity(due: datetime, *, policy: str = POLICY) -> Validity:
    return Validity(good_until=due + 180 * DAY, due_at=due, policy=policy)


def added(archive: SqlArchive, token: str, *, due: datetime = NOON + 900 * DAY, tag: str = "") -> Added:
    newest = archive.versions(token)[-1]
    version = DocumentVersion(
        token=token,
        number=newest.number + 1,
        sha256=digest(f"{token} {newest.number + 1}{tag}"),
        size=1000,
        page_count=2,
        level=SignatureLevel.B_LTA,
        made_at=NOON + DAY,
    )
    return Added(version=version, previous=newest.sha256, reason=VersionReason.RENEWAL, validity=validity(due))


def claim(archive: SqlArchive, at: datetime) -> str | None:
    found = archive.claim_due(at=at, until=at + DAY)
    return found and found.token


def test_versions_stand_beside_each_other_and_are_found_by_their_bytes(
    archive: SqlArchive, log: SqlSignatureLog, database: Database
) -> None:
    token = sign(log, 1)
    for _ in range(2):
        archive.add(added(archive, token), actor=None)
    versions = archive.versions(token)
    assert [each.number for each in versions] == [0, 1, 2]
    for each in versions:
        assert archive.find(each.sha256) == (each, intent(1).client_id)
        assert SqlRegister(database).relation(sha256=each.sha256, prefix_sha256s=()) == (Relation.SAME_BYTES, token)
    extended = SqlRegister(database).relation(sha256=digest("x"), prefix_sha256s=(digest("y"), versions[1].sha256))
    assert extended == (Relation.EXTENDS, token)
    assert archive.find(digest("unknown")) is None
    assert archive.versions("unknown") == ()


def test_who_signs_a_later_version_signs_the_same_letter(
    archive: SqlArchive, log: SqlSignatureLog, database_url: str
) -> None:
    token = sign(log, 1)
    archive.add(added(archive, token), actor=None)
    second = replace(intent(2), input_sha256=archive.versions(token)[-1].sha256)
    log.reserve(second)
    rows = execute(database_url, "SELECT letter_id FROM signatures")
    assert rows == [(token,), (token,)]


def test_what_was_not_signed_has_no_version(archive: SqlArchive, log: SqlSignatureLog) -> None:
    log.reserve(intent(1))
    assert archive.versions(intent(1).code.token) == ()
    log.record(intent(1).code, FAILED)
    assert archive.versions(intent(1).code.token) == ()
    assert archive.progress(at=NOON).documents == 0


def test_a_history_does_not_fork(archive: SqlArchive, log: SqlSignatureLog) -> None:
    token = sign(log, 1)
    first, second = added(archive, token, tag="a"), added(archive, token, tag="b")
    archive.add(first, actor=None)
    for late in (second, first):
        with pytest.raises(IllegalMove):
            archive.add(late, actor=None)
    assert [each.sha256 for each in archive.versions(token)][1:] == [first.version.sha256]


def test_of_eight_who_add_at_once_exactly_one_does(archive: SqlArchive, log: SqlSignatureLog) -> None:
    token = sign(log, 1)
    offers = [added(archive, token, tag=str(number)) for number in range(8)]
    outcomes = together(8, lambda number: archive.add(offers[number], actor=None))
    assert outcomes.count(None) == 1
    assert len(archive.versions(token)) == 2


def test_a_version_is_in_the_trail_without_its_code(
    archive: SqlArchive, log: SqlSignatureLog, database: Database
) -> None:
    token = sign(log, 1)
    archive.add(added(archive, token), actor=None)
    *_, entry = AuditTrail(database).entries(last=100)
    assert entry.act == "document.renew"
    assert archive.versions(token)[1].sha256 in entry.details
    assert token not in entry.object + entry.details


@pytest.mark.parametrize("level", SignatureLevel)
def test_what_brings_its_own_evidence_is_looked_after_from_its_signing_on(
    archive: SqlArchive, log: SqlSignatureLog, level: SignatureLevel
) -> None:
    token = sign(log, 1, level)
    found = archive.claim_unexamined(policy=POLICY, at=NOON + DAY, until=NOON + 2 * DAY)
    assert (found and found.token) == (token if level.needs_validation_data else None)


def test_what_is_raised_later_is_looked_after_from_then_on(archive: SqlArchive, log: SqlSignatureLog) -> None:
    token = sign(log, 1, SignatureLevel.B_T)
    archive.add(added(archive, token, due=NOON + 5 * DAY), actor=None)
    assert claim(archive, NOON + 5 * DAY) == token


def test_the_most_urgent_one_comes_first_and_each_once(archive: SqlArchive, log: SqlSignatureLog) -> None:
    tokens = [sign(log, number) for number in range(4)]
    for token, days in zip(tokens, (30, 10, 20, 400), strict=True):
        archive.add(added(archive, token, due=NOON + days * DAY), actor=None)
    at = NOON + 35 * DAY
    assert [claim(archive, at) for _ in range(4)] == [tokens[1], tokens[2], tokens[0], None]
    assert claim(archive, at + DAY) == tokens[1], "whoever claimed it and died is forgotten"


def test_of_eight_workers_no_two_have_the_same_document(archive: SqlArchive, log: SqlSignatureLog) -> None:
    for number in range(8):
        archive.add(added(archive, sign(log, number), due=NOON + DAY), actor=None)
    claimed: list[str] = []

    def work(_: int) -> None:
        claimed.extend(token for _ in range(8) if (token := claim(archive, NOON + 2 * DAY)) is not None)

    assert together(8, work) == [None] * 8
    assert len(claimed) == len(set(claimed)) == 8


def test_a_failure_waits_and_counts_and_a_success_forgets_it(archive: SqlArchive, log: SqlSignatureLog) -> None:
    token = sign(log, 1)
    archive.add(added(archive, token, due=NOON), actor=None)
    document = archive.claim_due(at=NOON, until=NOON + DAY)
    assert document is not None
    archive.failed(document, reason="status-unavailable", again_at=NOON + 3 * DAY, at=NOON)
    assert archive.progress(at=NOON).failing == 1
    assert claim(archive, NOON + 2 * DAY) is None
    again = archive.claim_due(at=NOON + 3 * DAY, until=NOON + 4 * DAY)
    assert again == ArchivedDocument(token=token, sha256=document.sha256, attempts=1)
    archive.add(added(archive, token, due=NOON + 500 * DAY), actor=None)
    assert (archive.progress(at=NOON + 4 * DAY).failing, archive.progress(at=NOON + 4 * DAY).due) == (0, 0)


def test_another_policy_has_every_document_looked_at_again(archive: SqlArchive, log: SqlSignatureLog) -> None:
    token = sign(log, 1)
    at, until = NOON + DAY, NOON + DAY
    document = archive.claim_unexamined(policy=POLICY, at=at, until=until)
    assert document is not None
    archive.examined(document, validity(NOON + 400 * DAY))
    at = until = NOON + 401 * DAY
    assert archive.claim_unexamined(policy=POLICY, at=at, until=until) is None
    for other in ("teken-0", "teken-2"):
        found = archive.claim_unexamined(policy=other, at=at, until=until)
        assert (found and found.token) == token


def test_what_was_found_of_an_older_version_counts_no_more(archive: SqlArchive, log: SqlSignatureLog) -> None:
    token = sign(log, 1)
    old = archive.claim_unexamined(policy=POLICY, at=NOON + DAY, until=NOON + DAY)
    assert old is not None
    archive.add(added(archive, token, due=NOON + 900 * DAY), actor=None)
    archive.examined(old, validity(NOON))
    assert claim(archive, NOON + 100 * DAY) is None


def test_progress_counts_what_somebody_has_to_look_at(archive: SqlArchive, log: SqlSignatureLog) -> None:
    tokens = [sign(log, number) for number in range(4)]
    archive.add(added(archive, tokens[0], due=NOON), actor=None)
    archive.add(added(archive, tokens[1], due=NOON + 20 * DAY), actor=None)
    archive.add(added(archive, tokens[2], due=NOON + 90 * DAY), actor=None)
    at = NOON + OVERDUE + 7 * DAY
    progress = archive.progress(at=at)
    assert (progress.documents, progress.unexamined, progress.due, progress.overdue) == (4, 1, 2, 1)
    assert progress.next_due_at == NOON + 90 * DAY
    assert archive.progress(at=NOON + 400 * DAY).overdue == 3
