"""The inbox in its order, and a look at what waits there; for its signatory, and for nobody else."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from signer.activation_requests import WantedDocument
from signer.model import LetterMetadata, SigningAct, Urgency
from signer.waiting import WaitingKey, WaitingKind
from store.database import Database
from tests.support.consent import CLIENT, WISH, ConsentHouse, consent_house, pdf
from tests.support.pki import make_pki

SOMEBODY_ELSE = "K5QXA2LBONUWC3TC"


@pytest.fixture
def house(tmp_path: Path, database: Database) -> ConsentHouse:
    return consent_house(tmp_path, database, make_pki())


def test_the_most_urgent_comes_first_whatever_it_is(house: ConsentHouse) -> None:
    house.flow((house.credential, SigningAct.SIGNATURE))
    house.forward(seconds=1)
    urgent = LetterMetadata(subject="Surat 2", urgency=Urgency.SEGERA, kind="undangan")
    batch = house.batch(pdf(1), pdf(2), letter_2=urgent)
    house.forward(seconds=1)
    wish = replace(WISH, letter=LetterMetadata(urgency=Urgency.SANGAT_SEGERA, number="1/2"))
    wanted = [
        WantedDocument(digest=hashlib.sha256(pdf(9)).hexdigest(), name="Biasa", wish=WISH),
        WantedDocument(digest=hashlib.sha256(pdf(10)).hexdigest(), name="Mendesak", wish=wish),
    ]
    asked = house.asking.ask(CLIENT, house.credential.id, wanted)
    for position, each in enumerate((pdf(9), pdf(10)), start=1):
        house.asking.receive(CLIENT, asked.request.id, position, each)
    found = house.parts.inbox.waiting(house.who).items
    assert [(each.key.kind.value, each.urgency, each.documents, each.name) for each in found] == [
        ("r", Urgency.SANGAT_SEGERA, 2, "Biasa"),
        ("b", Urgency.SEGERA, 2, "Surat 1"),
        ("s", Urgency.BIASA, 1, "Surat edaran contoh"),
    ]
    assert found[1].key.id == batch.id


@pytest.mark.parametrize("kind", list(WaitingKind))
def test_a_look_shows_what_would_be_signed_to_its_signatory_alone(house: ConsentHouse, kind: WaitingKind) -> None:
    key, content = {
        WaitingKind.REQUEST: requested,
        WaitingKind.BATCH: batched,
        WaitingKind.STEP: stepped,
    }[kind](house)
    looking = house.parts.looking
    (seen,) = looking.documents(house.who, key)
    assert looking.content(house.who, key, seen.position) == content
    assert looking.content(house.who, key, seen.position + 1) is None
    for who, which in ((SOMEBODY_ELSE, key), (house.who, replace(key, id="0" * 32))):
        assert looking.documents(who, which) == ()
        assert looking.content(who, which, seen.position) is None


def test_a_step_whose_turn_it_is_not_is_not_looked_at(house: ConsentHouse) -> None:
    flow = house.flow((house.office.enrolled(), SigningAct.INITIALS), (house.credential, SigningAct.SIGNATURE))
    key = WaitingKey(kind=WaitingKind.STEP, id=flow.flow.id, number=2)
    assert house.parts.looking.documents(house.who, key) == ()
    assert house.parts.looking.content(house.who, key, 1) is None


def test_a_request_that_ended_is_not_looked_at(house: ConsentHouse) -> None:
    key, _ = requested(house)
    house.forward(days=1)
    assert house.parts.looking.documents(house.who, key) == ()


def requested(house: ConsentHouse) -> tuple[WaitingKey, bytes]:
    return WaitingKey(kind=WaitingKind.REQUEST, id=house.asked(pdf(1)).request.id), pdf(1)


def batched(house: ConsentHouse) -> tuple[WaitingKey, bytes]:
    return WaitingKey(kind=WaitingKind.BATCH, id=house.batch(pdf(2)).id), pdf(2)


def stepped(house: ConsentHouse) -> tuple[WaitingKey, bytes]:
    flow = house.flow((house.credential, SigningAct.SIGNATURE)).flow
    return WaitingKey(kind=WaitingKind.STEP, id=flow.id, number=1), pdf(77, pages=2)
