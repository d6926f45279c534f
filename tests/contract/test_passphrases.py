"""What nobody signs with, at every door that signs."""

from datetime import timedelta

import httpx
import pytest

from signer.model import Credential, CredentialState
from tests.support.all_doors import (
    CLIENT,
    GONE,
    RIGHT,
    WRONG,
    AllDoors,
    doors,
    hanging_up,
    official,
    pki,
)
from tests.support.signer_memory import MemoryKeyVault
from tests.support.typed_doors import DOORS, TypedDoor
from tests.unit.store.samples import together

__all__ = ["doors", "official", "pki"]


def is_signed(answer: httpx.Response) -> bool:
    """Whether a door signed; says why where it did not."""
    assert answer.status_code in (200, 201), answer.text
    return True


EVERY_DOOR = pytest.mark.parametrize("door", DOORS, ids=str)


@EVERY_DOOR
def test_the_right_passphrase_signs_once(doors: AllDoors, official: Credential, door: TypedDoor) -> None:
    assert is_signed(door.ask(doors, official))
    assert (doors.signatures(official), doors.failures(official)) == (1, 0)


@EVERY_DOOR
def test_a_wrong_passphrase_is_counted_and_signs_nothing(
    doors: AllDoors, official: Credential, door: TypedDoor
) -> None:
    door.refused(door.ask(doors, official, WRONG), door.wrong)
    assert doors.failures(official) == 1
    assert doors.untouched(official)


@EVERY_DOOR
def test_five_wrong_ones_at_any_doors_lock_every_door(doors: AllDoors, official: Credential, door: TypedDoor) -> None:
    for number in range(5):
        other = DOORS[number % len(DOORS)]
        other.refused(other.ask(doors, official, WRONG), other.wrong)
    assert doors.failures(official) == 5
    for _ in range(2):
        door.refused(door.ask(doors, official), door.locked)
    assert doors.failures(official) == 5
    assert doors.untouched(official)
    doors.house.forward(minutes=1)
    assert is_signed(door.ask(doors, official))
    assert (doors.failures(official), doors.signatures(official)) == (0, 1)


FATES = {"suspended": CredentialState.SUSPENDED, "revoked": CredentialState.REVOKED}


@EVERY_DOOR
@pytest.mark.parametrize("fate", [*FATES, "expired"])
def test_a_credential_that_ended_or_rests_after_everything_was_prepared(
    doors: AllDoors, door: TypedDoor, fate: str
) -> None:
    """The right passphrase is not even tried: it is no oracle."""
    now = doors.court.clock()
    official = doors.official(until=now + timedelta(minutes=5))
    calls = [door.prepare(doors, typed, official, CLIENT) for typed in (RIGHT, WRONG)]
    if fate in FATES:
        doors.house.office.kept.set_state(official.id, FATES[fate], actor="registrar", at=now)
    else:
        doors.house.forward(minutes=6)
    for call in calls:
        door.refused(call(), getattr(door, fate))
    assert doors.failures(official) == 0
    assert doors.untouched(official)


@EVERY_DOOR
def test_somebody_elses_passphrase_counts_with_whom_it_was_typed_for(doors: AllDoors, door: TypedDoor) -> None:
    one = doors.official()
    door.refused(door.ask(doors, one, "delapan sungai mencari laut"), door.wrong)
    assert doors.failures(one) == 1
    assert doors.untouched(one)


@EVERY_DOOR
def test_a_vault_that_fails_gives_no_try_back(
    doors: AllDoors, official: Credential, door: TypedDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks after the count leaves it; the face says nothing of what broke."""

    def broken(*_: object) -> object:
        raise RuntimeError("the token said CKR_DEVICE_ERROR")

    call = door.prepare(doors, RIGHT, official, CLIENT)
    with monkeypatch.context() as patched:
        patched.setattr(MemoryKeyVault, "open", broken)
        answer = call()
    assert answer.status_code == 503, answer.text
    assert "CKR" not in answer.text
    assert doors.failures(official) == 1
    assert doors.untouched(official)


@EVERY_DOOR
def test_a_caller_that_hangs_up_gets_no_try_back(doors: AllDoors, official: Credential, door: TypedDoor) -> None:
    for number in (1, 2):
        call = door.prepare(doors, WRONG, official, CLIENT)
        with hanging_up(doors):
            assert call().status_code == GONE
        assert doors.failures(official) == number
    assert doors.untouched(official)


@EVERY_DOOR
def test_parallel_guesses_are_all_counted(doors: AllDoors, official: Credential, door: TypedDoor) -> None:
    calls = [door.prepare(doors, WRONG, official, CLIENT) for _ in range(8)]
    answers = together(len(calls), lambda number: calls[number]())
    words = [door.said(each) for each in answers]
    assert (words.count(door.wrong.word), words.count(door.locked.word)) == (5, 3)
    assert doors.failures(official) == 5
    assert doors.untouched(official)
