"""Calls at the gateway: of two alike one begins, whichever process asks; what failed is free; a cut one goes on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from signer.document import Document
from signer.errors import KeyUnavailable, PassphraseWrong, RequestBegun
from signer.gateway import LOST_AFTER, GatewayCalls, GatewayRequest, likeness_of
from signer.model import (
    Mark,
    Secret,
    SignatureRecord,
    SignedDocument,
    SigningOutcome,
    SigningState,
    SignRequest,
    StampPlacement,
    TagPlace,
)
from store.database import Database
from store.gateway_requests import SqlGatewayRequests
from tests.support.signing import counted_bytes
from tests.unit.store.samples import NOON, intent, together

WITHIN = timedelta(minutes=10)
DOCUMENT = Document.of(b"%PDF-1.7 signed")


@pytest.fixture
def store(database: Database) -> SqlGatewayRequests:
    return SqlGatewayRequests(database)


def a_request(number: int = 1, *, likeness: str = "aa", at: datetime = NOON) -> GatewayRequest:
    return GatewayRequest(
        id=f"{number:032x}",
        user_name="kantor",
        likeness=likeness,
        begun_at=at,
        repeatable_until=at + WITHIN,
        expires_at=at + timedelta(days=1),
    )


def test_of_two_alike_the_first_one_begins(store: SqlGatewayRequests) -> None:
    assert store.begin(a_request(1)) is None
    assert store.begin(a_request(2)) == a_request(1)
    assert store.begin(a_request(3, likeness="bb")) is None


def test_of_eight_at_once_exactly_one_begins(store: SqlGatewayRequests) -> None:
    found = together(8, lambda number: store.begin(a_request(number + 1)))
    assert sum(each is None for each in found) == 1


def test_after_its_window_and_after_a_failure_another_one_begins(store: SqlGatewayRequests) -> None:
    store.begin(a_request(1))
    assert store.begin(a_request(2, at=NOON + WITHIN)) is None
    store.release(a_request(2).id)
    assert store.begin(a_request(3, at=NOON + WITHIN)) is None
    assert store.get(a_request(1).id) == replace(a_request(1), likeness=None)


def test_what_is_done_is_not_released_and_is_forgotten_in_time(store: SqlGatewayRequests) -> None:
    store.begin(a_request(1))
    store.finish(a_request(1).id, code="T" * 26, note="page=1; matches=1")
    store.release(a_request(1).id)
    assert store.get(a_request(1).id) == replace(a_request(1), code="T" * 26, note="page=1; matches=1")
    assert store.purge(NOON) == 0
    assert store.purge(NOON + timedelta(days=1)) == 1
    assert store.get(a_request(1).id) is None


@dataclass
class Log:
    """What the log of signatures and the vault know."""

    record: SignatureRecord | None = None
    in_vault: bool = True

    def find(self, code: str) -> SignatureRecord | None:
        return self.record if self.record is not None and self.record.intent.code.token == code else None

    def of_request(self, request_key: str) -> SignatureRecord | None:
        assert len(request_key) == 64
        return self.record

    def open(self, sha256: str) -> Document | None:
        return DOCUMENT if self.in_vault and sha256 == DOCUMENT.sha256 else None


def a_record(state: SigningState | None = SigningState.SIGNED) -> SignatureRecord:
    outcome = SigningOutcome(state=SigningState.SIGNED, at=NOON, document_sha256=DOCUMENT.sha256)
    return SignatureRecord(intent=intent(), outcome=None if state is None else outcome)


def calls_over(
    store: SqlGatewayRequests, log: Log, now: Callable[[], datetime] = lambda: NOON
) -> Callable[..., object]:
    calls = GatewayCalls(
        store,
        log=log,
        vault=log,
        kept=timedelta(days=1),
        now=now,
        wait=lambda _: None,
        random_bytes=counted_bytes(),
    )

    def carry_out(
        sign: Callable[[str], SignedDocument],
        prove: Callable[[], object] = lambda: None,
        placed: Callable[[], TagPlace | None] = lambda: None,
    ) -> object:
        patience = timedelta(seconds=0)
        return calls.carry_out("kantor", "aa", within=WITHIN, patience=patience, sign=sign, prove=prove, placed=placed)

    return carry_out


def signing(log: Log) -> Callable[[str], SignedDocument]:
    def sign(_: str) -> SignedDocument:
        log.record = a_record()
        return SignedDocument(document=DOCUMENT, record=log.record, tag=TagPlace(page=3, matches=2))

    return sign


def refuses(_: str) -> SignedDocument:
    raise AssertionError("nothing is signed a second time")


def wrong() -> object:
    raise PassphraseWrong("wrong", field="passphrase", reason="wrong")


def test_the_first_answer_again_with_its_note_and_only_for_who_proves(store: SqlGatewayRequests) -> None:
    log = Log()
    carry_out = calls_over(store, log)
    first = carry_out(signing(log), wrong)
    assert carry_out(refuses) == first
    assert "page=3; matches=2" in repr(first)
    with pytest.raises(PassphraseWrong):
        carry_out(refuses, wrong)


def test_while_the_first_one_is_at_work_others_wait_and_then_are_told(store: SqlGatewayRequests) -> None:
    store.begin(a_request(9))
    with pytest.raises(RequestBegun):
        calls_over(store, Log())(refuses)


def test_a_call_that_was_cut_off_is_answered_from_the_log(store: SqlGatewayRequests) -> None:
    store.begin(a_request(9))
    later = NOON + LOST_AFTER
    assert calls_over(store, Log(a_record()), lambda: later)(refuses) is not None
    assert calls_over(store, Log(a_record()), lambda: later)(refuses) is not None  # and is done from then on


def test_a_call_that_was_cut_off_before_anything_was_signed_begins_anew(store: SqlGatewayRequests) -> None:
    store.begin(a_request(9))
    log = Log()
    assert calls_over(store, log, lambda: NOON + LOST_AFTER)(signing(log)) is not None


def test_a_call_that_was_cut_off_in_the_middle_is_never_signed_twice(store: SqlGatewayRequests) -> None:
    store.begin(a_request(9))
    with pytest.raises(RequestBegun):
        calls_over(store, Log(a_record(None)), lambda: NOON + LOST_AFTER)(refuses)


def test_what_failed_leaves_nothing(store: SqlGatewayRequests) -> None:
    log = Log()
    carry_out = calls_over(store, log)

    def fails(_: str) -> SignedDocument:
        raise KeyUnavailable("away")

    with pytest.raises(KeyUnavailable):
        carry_out(fails)
    assert carry_out(signing(log)) is not None


def test_a_document_that_is_gone_is_our_fault_and_never_signed_again(store: SqlGatewayRequests) -> None:
    log = Log()
    carry_out = calls_over(store, log)
    carry_out(signing(log))
    log.in_vault = False
    with pytest.raises(KeyUnavailable):
        carry_out(refuses)


def test_what_makes_calls_alike() -> None:
    stamp = StampPlacement(page=1, x=1.0, y=2.0, width=3.0, height=4.0, mark=Mark(picture=b"p"))
    task = SignRequest(
        document=b"%PDF", credential_id="c", client_id="e-office", passphrase=Secret("satu"), stamp=stamp
    )
    alike = likeness_of("kantor", "s", task)
    assert alike == likeness_of("kantor", "s", replace(task, passphrase=Secret("dua"), request_key="ab"))
    others = (
        likeness_of("lain", "s", task),
        likeness_of("kantor", "t", task),
        likeness_of("kantor", "s", task, key="k"),
        likeness_of("kantor", "s", replace(task, document=b"%PDF2")),
        likeness_of("kantor", "s", replace(task, stamp=None)),
        likeness_of("kantor", "s", replace(task, stamp=replace(stamp, y=2.5))),
        likeness_of("kantor", "s", replace(task, stamp=replace(stamp, mark=Mark(picture=b"q")))),
        likeness_of("kantor", "s", replace(task, reason="r")),
    )
    assert len({alike, *others}) == 1 + len(others)


def test_an_answer_out_of_the_log_says_where_its_tag_is_as_the_first_one_would_have(store: SqlGatewayRequests) -> None:
    at = NOON
    log = Log(record=a_record())
    store.begin(a_request(1))
    at += LOST_AFTER
    carry_out = calls_over(store, log, lambda: at)
    answered = carry_out(refuses, placed=lambda: TagPlace(page=3, matches=2))
    assert "page=3; matches=2" in repr(answered)
    assert carry_out(refuses) == answered, "and it is remembered"
