"""A request under a key is carried out once: also when it is sent at the same time, again, or after a crash."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from api.letters.once import Once, Told, fingerprint_of
from api.problems import RequestRefused
from signer.model import Secret
from store.database import Database
from store.idempotency import SqlRequests
from tests.support.databases import execute
from tests.unit.store.samples import NOON, together

TOLD = Told(status=201, headers={"Location": "/v1/x"}, body=b'{"id":1}')


@dataclass
class Desk:
    """`Once`, and what it was asked to carry out."""

    once: Once
    requests: SqlRequests
    minutes: list[int]
    done: list[str] = field(default_factory=list)

    def ask(self, key: str = "k1", fingerprint: str = "f1", *, client: str = "e-office") -> Told:
        def act() -> Told:
            self.done.append(client)
            return TOLD

        return self.once.carry_out(client, key, fingerprint, act)


@pytest.fixture
def desk(database: Database) -> Desk:
    minutes = [0]
    requests = SqlRequests(database)
    once = Once(
        requests,
        life=timedelta(hours=24),
        lost_after=timedelta(minutes=2),
        now=lambda: NOON + timedelta(minutes=minutes[0]),
    )
    return Desk(once, requests, minutes)


def reason(desk: Desk, *asked: str) -> str | None:
    with pytest.raises(RequestRefused) as refused:
        desk.ask(*asked)
    return refused.value.reason


def test_the_same_request_gets_the_same_answer_and_is_done_once(desk: Desk) -> None:
    assert desk.ask() == TOLD
    assert desk.ask() == TOLD
    assert desk.done == ["e-office"]


def test_the_same_key_for_another_request_is_refused(desk: Desk) -> None:
    desk.ask()
    assert reason(desk, "k1", "another") == "reused"
    assert desk.done == ["e-office"]


def test_keys_belong_to_their_client(desk: Desk) -> None:
    desk.ask()
    desk.ask("k1", "another", client="permits")
    assert desk.done == ["e-office", "permits"]


def test_what_failed_did_nothing_and_frees_its_key(desk: Desk) -> None:
    def fails() -> Told:
        raise RuntimeError("no timestamp")

    with pytest.raises(RuntimeError):
        desk.once.carry_out("e-office", "k1", "f1", fails)
    assert desk.ask("k1", "another") == TOLD


def test_of_eight_at_the_same_moment_one_is_carried_out(desk: Desk) -> None:
    outcomes = together(8, lambda _: desk.ask())
    assert desk.done == ["e-office"]
    assert all(each == TOLD or isinstance(each, RequestRefused) for each in outcomes)


def test_one_that_a_crash_left_open_is_in_progress_and_then_taken_up_once(desk: Desk) -> None:
    later = NOON + timedelta(hours=24)
    assert desk.requests.begin("e-office", "k1", "f1", at=NOON, expires_at=later)
    assert reason(desk) == "in-progress"
    desk.minutes[0] = 3
    outcomes = together(4, lambda _: desk.ask())
    assert desk.done == ["e-office"]
    assert TOLD in outcomes


def test_a_key_expires_by_setting(desk: Desk) -> None:
    desk.ask()
    desk.minutes[0] = 24 * 60
    assert desk.ask("k1", "another") == TOLD
    desk.minutes[0] = 49 * 60
    assert desk.requests.purge(NOON + timedelta(hours=49)) == 1
    assert desk.requests.find("e-office", "k1") is None


def test_neither_key_nor_secret_is_kept(desk: Desk, database_url: str) -> None:
    body = {"passphrase": Secret("tujuh gunung"), "stamp": {"nip": "000000000000000001"}, "number": "1"}
    same = {"passphrase": Secret("lain sekali"), "stamp": {"nip": "000000000000000002"}, "number": "1"}
    other = body | {"number": "2"}
    prints = [fingerprint_of(["POST", "/v1/x"], each, b"pdf") for each in (body, same, other)]
    assert prints[0] == prints[1] != prints[2]
    assert fingerprint_of(["POST", "/v1/x"], body, b"other") != prints[0]
    desk.ask("a key that nobody shall read", prints[0])
    assert "nobody shall read" not in repr(execute(database_url, "SELECT * FROM idempotency_keys"))
