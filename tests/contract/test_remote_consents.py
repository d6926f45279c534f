"""An authorisation that was given before signs for its client, its person, its credential and its digests, once.

What only one method knows (purposes, spellings, algorithms) is in `tests/unit/api/faces/csc`.
"""

from datetime import timedelta
from typing import Any

import pytest

from signer.authorisation import AuthorisationState
from signer.errors import KeyUnavailable
from signer.model import Credential, CredentialState
from store.audit import Act
from tests.support.all_doors import (
    CLIENT,
    GONE,
    OTHER_CLIENT,
    AllDoors,
    doors,
    either,
    hanging_up,
    official,
    pki,
)
from tests.support.remote_doors import BAD_SAD, DISABLED, FRESH, NO_CREDENTIAL, REMOTE, SAD_EXPIRED, RemoteDoor
from tests.unit.store.samples import together

__all__ = ["doors", "either", "official", "pki"]

EVERY_DOOR = pytest.mark.parametrize("door", REMOTE, ids=str)
AT_ONCE = 20


@EVERY_DOOR
def test_with_the_bearer_of_somebody_else(doors: AllDoors, official: Credential, door: RemoteDoor) -> None:
    """Another person's, another client's, the client's own without a person, and another authorisation."""
    things, person = door.things(doors, 1), official.signatory.id
    sad, court = door.approved(doors, official, things), doors.court
    other = door.approved(doors, official, door.things(doors, 1))
    for who in (
        court.token(CLIENT, doors.official().signatory.id),
        court.token(OTHER_CLIENT, person),
        court.token(OTHER_CLIENT, None),
        court.token(CLIENT, None),
        {"Authorization": f"Bearer {other}"},
    ):
        door.refused(door.ask(doors, official, things, sad, who=who), BAD_SAD, NO_CREDENTIAL)
    assert court.state(sad) == court.state(other) == FRESH
    assert doors.untouched(official)
    door.signed(door.ask(doors, official, things, sad))


@EVERY_DOOR
def test_on_another_credential_of_the_same_person(doors: AllDoors, official: Credential, door: RemoteDoor) -> None:
    second = doors.court.enrol(f"{official.id}-b", official.signatory.id)
    things = door.things(doors, 1)
    sad = door.approved(doors, official, things)
    door.refused(door.ask(doors, second, things, sad), BAD_SAD)
    door.refused(door.ask(doors, doors.seal, things, sad, who=doors.court.token(CLIENT)), BAD_SAD)
    assert doors.court.state(sad) == FRESH
    assert doors.untouched(official)
    assert doors.untouched(second)


@EVERY_DOOR
def test_again_after_success(doors: AllDoors, official: Credential, door: RemoteDoor) -> None:
    one, two = door.things(doors, 2)
    sad = door.approved(doors, official, [one, two])
    door.signed(door.ask(doors, official, [one], sad))
    for again in ([one], [one, two], [one, one]):
        door.refused(door.ask(doors, official, again, sad), door.not_covered)
    assert doors.court.state(sad) == (AuthorisationState.ACTIVE, 1)
    door.signed(door.ask(doors, official, [two], sad))
    door.refused(door.ask(doors, official, [two], sad), BAD_SAD)
    assert doors.consumed(official) == 2


@EVERY_DOOR
def test_again_after_the_key_failed(
    doors: AllDoors, official: Credential, door: RemoteDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = door.things(doors, 2)
    sad = door.approved(doors, official, [one, two])

    def away(*_: object, **__: object) -> object:
        raise KeyUnavailable("CKR_DEVICE_REMOVED")

    with monkeypatch.context() as patched:
        patched.setattr(doors.court.software, "open_carried", away)
        failed = door.ask(doors, official, [one], sad)
    assert (failed.status_code, failed.json()["error"]) == (503, "temporarily_unavailable")
    assert "CKR" not in failed.text
    assert doors.court.state(sad) == (AuthorisationState.ACTIVE, 1)
    door.refused(door.ask(doors, official, [one], sad), door.not_covered)
    assert doors.signatures(official) == 0
    assert "key-unavailable" in doors.entries(Act.ACTIVATION_SIGN)[-1].details
    door.signed(door.ask(doors, official, [two], sad))


@EVERY_DOOR
def test_again_after_nobody_got_the_answer(doors: AllDoors, official: Credential, door: RemoteDoor) -> None:
    one, two = door.things(doors, 2)
    sad = door.approved(doors, official, [one, two])
    with hanging_up(doors):
        assert door.ask(doors, official, [one], sad).status_code == GONE
    door.refused(door.ask(doors, official, [one], sad), door.not_covered)
    assert doors.court.state(sad) == (AuthorisationState.ACTIVE, 1)


@EVERY_DOOR
def test_more_than_authorised(doors: AllDoors, official: Credential, door: RemoteDoor) -> None:
    """One foreign thing among good ones, in front, behind, and more of them than there are signatures: none at all."""
    good, foreign = door.things(doors, 2), door.new(doors)
    sad = door.approved(doors, official, good)
    for things in ([foreign], [good[0], foreign], [foreign, good[0]], [*good, foreign], [good[0], good[0]]):
        door.refused(door.ask(doors, official, things, sad), door.not_covered)
    assert doors.court.state(sad) == FRESH
    assert doors.untouched(official)
    door.signed(door.ask(doors, official, good, sad), 2)


@EVERY_DOOR
def test_a_seals_count_in_one_call_and_over_several(doors: AllDoors, door: RemoteDoor) -> None:
    sad = doors.court.sealed(doors.seal.id, [], client_id=CLIENT, count=2)
    three = door.things(doors, 3)
    door.refused(door.ask(doors, doors.seal, three, sad), door.not_covered)
    assert doors.court.state(sad) == FRESH
    door.signed(door.ask(doors, doors.seal, three[:1], sad))
    door.refused(door.ask(doors, doors.seal, three[1:], sad), door.not_covered)
    door.signed(door.ask(doors, doors.seal, three[1:2], sad))
    door.refused(door.ask(doors, doors.seal, three[2:], sad), BAD_SAD)


@EVERY_DOOR
def test_after_its_time(
    doors: AllDoors, official: Credential, door: RemoteDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it ends between the look at it and its use."""
    things, court = door.things(doors, 1), doors.court
    between = door.approved(doors, official, things, seconds=60)
    consume = court.authorisations.consume

    def slowly(*given: Any, **named: Any) -> bool:
        doors.house.forward(seconds=61)
        return consume(*given, **named | {"at": court.clock()})

    with monkeypatch.context() as patched:
        patched.setattr(court.authorisations, "consume", slowly)
        door.refused(door.ask(doors, official, things, between), SAD_EXPIRED)
    door.refused(door.ask(doors, official, things, between), SAD_EXPIRED)
    assert court.state(between) == FRESH
    assert doors.untouched(official)


@EVERY_DOOR
@pytest.mark.parametrize("state", [AuthorisationState.REVOKED, AuthorisationState.APPROVED])
def test_one_that_was_revoked_or_never_exchanged(
    doors: AllDoors, official: Credential, door: RemoteDoor, state: AuthorisationState
) -> None:
    things = door.things(doors, 1)
    sad = door.approved(doors, official, things, state=state)
    door.refused(door.ask(doors, official, things, sad), BAD_SAD)
    bearer = {"Authorization": f"Bearer {sad}"}
    assert door.ask(doors, official, things, None, who=bearer).status_code == 401
    assert doors.untouched(official)


@EVERY_DOOR
@pytest.mark.parametrize("fate", ["disabled", "expired", "revoked", "held"])
def test_what_became_of_the_credential_after_it_was_given(doors: AllDoors, door: RemoteDoor, fate: str) -> None:
    court = doors.court
    official = doors.official(until=court.clock() + timedelta(minutes=2))
    things, number = door.things(doors, 1), official.certificate.serial_number
    sad = door.approved(doors, official, things)
    if fate == "disabled":
        court.credentials.set_state(official.id, CredentialState.SUSPENDED, actor="registrar", at=court.clock())
    elif fate == "revoked":
        court.status.revoked[number] = court.clock()
    elif fate == "held":
        court.status.held.add(number)
    else:
        doors.house.forward(minutes=3)
    subject = official.certificate.subject.rfc4514_string()
    expired = (400, "invalid_request", f"Signing certificate '{subject}' is expired.")
    door.refused(door.ask(doors, official, things, sad), expired if fate == "expired" else DISABLED)
    assert court.state(sad) == FRESH
    assert doors.untouched(official)


@EVERY_DOOR
def test_a_malformed_request_uses_nothing_up(doors: AllDoors, official: Credential, door: RemoteDoor) -> None:
    things = door.things(doors, 1)
    sad = door.approved(doors, official, things)
    for more in (door.malformed, {"credentialID": 7}, {"SAD": [sad]}):
        answer = door.ask(doors, official, things, sad, **more)
        assert answer.status_code == 400, answer.text
        assert sad not in answer.text
    assert doors.court.state(sad) == FRESH
    door.signed(door.ask(doors, official, things, sad))


def test_twenty_at_once_sign_once_at_every_door(either: AllDoors) -> None:
    for door in REMOTE:
        official = either.official()
        one, two = door.things(either, 2)
        sad = door.approved(either, official, [one, two])
        who = either.court.token(CLIENT, official.signatory.id)

        def call(_: int, door: RemoteDoor = door, given: Any = (official, [one], sad), who: Any = who) -> int:
            return door.ask(either, *given, who=who).status_code

        became = together(AT_ONCE, call)
        assert became.count(200) == 1, (door, became)
        assert set(became) <= {200, door.not_covered[0]}, (door, became)
        assert either.court.state(sad) == (AuthorisationState.ACTIVE, 1)
        assert either.consumed(official) == 1
