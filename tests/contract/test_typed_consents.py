"""What was consented to at a door with a passphrase: by whom, for exactly what, once, whatever became of the answer."""

import hashlib

import httpx
import pytest

from signer.model import Credential
from tests.support.all_doors import (
    CLIENT,
    GONE,
    OTHER_CLIENT,
    RIGHT,
    WRONG,
    AllDoors,
    doors,
    either,
    hanging_up,
    official,
    pki,
)
from tests.support.signer_memory import MemoryVault
from tests.support.typed_doors import DOCUMENT, DOORS, GATEWAY_V1, GATEWAY_V2, STEP, TypedDoor, problem_word
from tests.unit.store.samples import together

__all__ = ["doors", "either", "official", "pki"]

EVERY_DOOR = pytest.mark.parametrize("door", DOORS, ids=str)
AT_ONCE = 20


def by_a_stranger(doors: AllDoors, call: str, body: dict[str, str]) -> httpx.Response:
    return doors.http.post(call, json=body, headers=doors.bearer(OTHER_CLIENT))


def test_another_clients_batch_and_document_are_not_there(doors: AllDoors, official: Credential) -> None:
    batch, flow = doors.batch(doors.new_pdf(), credential=official.id), doors.flow(official.id)
    for typed in (RIGHT, WRONG):
        answers = (
            by_a_stranger(doors, f"{batch}/consent", {"passphrase": typed}),
            by_a_stranger(doors, f"{flow}/steps/1", {"credential": official.id, "passphrase": typed}),
        )
        assert [each.status_code for each in answers] == [404, 404], [each.text for each in answers]
    assert doors.failures(official) == 0
    assert doors.untouched(official)


def test_another_applications_call_at_the_gateway_is_another_call(doors: AllDoors, official: Credential) -> None:
    """It gets nothing of what the first one had signed without the passphrase."""
    call = GATEWAY_V1.prepare(doors, RIGHT, official, CLIENT)
    first = call()
    assert first.status_code == 200
    path = f"/api/sign/download/{first.headers['id_dokumen']}"
    foreign = doors.http.get(path, auth=doors.gateway[OTHER_CLIENT])
    assert (foreign.status_code, foreign.json()["status_code"]) == (404, 4044)
    assert doors.signatures(official) == 1


def test_a_step_of_one_official_is_not_signed_by_another(doors: AllDoors, official: Credential) -> None:
    other, flow = doors.official(), doors.flow(official.id)
    body = {"credential": other.id, "passphrase": RIGHT}
    answer = doors.http.post(f"{flow}/steps/1", json=body, headers=doors.bearer())
    assert (answer.status_code, problem_word(answer)) == (409, ("flow-refused", "wrong-signer")), answer.text
    assert doors.untouched(official)
    assert doors.untouched(other)


@EVERY_DOOR
def test_the_same_again_after_success_signs_nothing_more(
    doors: AllDoors, official: Credential, door: TypedDoor
) -> None:
    call = door.once(doors, RIGHT, official, CLIENT)
    first, again = call(), call()
    assert first.status_code in (200, 201), first.text
    door.repeated(first, again)
    assert (doors.signatures(official), doors.consumed(official)) == (1, 1)


@EVERY_DOOR
def test_the_same_again_after_a_lost_answer_signs_nothing_more(
    doors: AllDoors, official: Credential, door: TypedDoor
) -> None:
    call = door.once(doors, RIGHT, official, CLIENT)
    with hanging_up(doors):
        assert call().status_code == GONE
    assert doors.signatures(official) == 1
    door.repeated(call(), call())
    assert (doors.signatures(official), doors.consumed(official)) == (1, 1)


@pytest.mark.parametrize("door", [DOCUMENT, STEP, GATEWAY_V1, GATEWAY_V2], ids=str)
def test_what_failed_behind_the_key_stays_used_up_and_nothing_is_given_out(
    doors: AllDoors, official: Credential, door: TypedDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call may be made again: it is a new consent, typed anew. For batches: `test_batches.py`."""

    def full(*_: object) -> str:
        raise OSError("no space left on /dev/vault")

    call = door.once(doors, RIGHT, official, CLIENT)
    with monkeypatch.context() as patched:
        patched.setattr(MemoryVault, "put", full)
        failed = call()
    assert failed.status_code in (500, 503), failed.text
    assert "/dev/vault" not in failed.text
    assert (doors.signatures(official), doors.consumed(official)) == (0, 1)
    assert call().status_code in (200, 201)
    assert (doors.signatures(official), doors.consumed(official)) == (1, 2)


def test_twenty_at_once_sign_once_at_every_door(either: AllDoors) -> None:
    for door in DOORS:
        official = either.official()
        call = door.once(either, RIGHT, official, CLIENT)
        answers = together(AT_ONCE, lambda _, call=call: call())  # type: ignore[misc] - bound on purpose
        good = [each for each in answers if each.status_code in (200, 201)]
        assert good, (door, [each.text for each in answers])
        assert all(each.status_code < 500 or "retry-after" in each.headers for each in answers), door
        assert either.signatures(official) == 1, door
        assert either.consumed(official) == 1 or door is STEP, "each call that loses has a consent of its own"
        assert either.failures(official) == 0, door


def test_one_foreign_digest_among_good_ones_signs_none(doors: AllDoors, official: Credential) -> None:
    pdfs = [doors.new_pdf() for _ in range(3)]
    where = doors.batch(*pdfs, credential=official.id)
    good, foreign = [hashlib.sha256(each).hexdigest() for each in pdfs], hashlib.sha256(b"foreign").hexdigest()
    for digests in ([foreign], [good[0], foreign, good[2]]):
        told = {"passphrase": RIGHT, "digests": digests}
        answer = doors.http.post(f"{where}/consent", json=told, headers=doors.bearer())
        assert answer.status_code >= 400, answer.text
        problem_word(answer)
        assert doors.untouched(official)
    told = {"passphrase": RIGHT, "digests": good[:2]}
    assert doors.http.post(f"{where}/consent", json=told, headers=doors.bearer()).status_code == 200
    assert doors.work(where) == {"finished": 2, "prepared": 1}


@EVERY_DOOR
def test_a_malformed_request_with_the_right_passphrase_uses_nothing_up(
    doors: AllDoors, official: Credential, door: TypedDoor
) -> None:
    """Nor does it tell whether the passphrase was right."""
    told = []
    for typed in (RIGHT, WRONG):
        answer = door.malformed(doors, typed, official, CLIENT)()
        assert 400 <= answer.status_code < 500, answer.text
        assert RIGHT not in answer.text
        told.append((answer.status_code, door.said(answer)))
    assert told[0] == told[1]
    assert doors.failures(official) == 0
    assert doors.untouched(official)
