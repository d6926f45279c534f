"""What a person is told about their factors: once it went through never again, until then again and again."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from api.alarms import message_alarms
from api.notices.texts import message_about
from api.notices.webhook import body_about
from signer.factors.messages import FactorMessage, FactorMessages
from signer.factors.model import FactorEvent
from signer.notices import DeliveryFailed
from store.database import Database
from store.factor_messages import SqlFactorOutbox
from tests.support.consent import ConsentHouse, consent_house
from tests.support.pki import make_pki
from tests.unit.store.samples import together


@dataclass(slots=True)
class Post:
    """A channel that a test breaks."""

    broken: bool = False
    told: list[FactorMessage] = field(default_factory=list)

    def tell(self, message: FactorMessage) -> None:
        if self.broken:
            raise DeliveryFailed("unreachable")
        self.told.append(message)


@pytest.fixture
def house(tmp_path: Path, database: Database) -> ConsentHouse:
    return consent_house(tmp_path, database, make_pki())


def messages(house: ConsentHouse, database: Database, post: Post) -> FactorMessages:
    return FactorMessages(outbox=SqlFactorOutbox(database), channels=[post], now=lambda: house.office.at)


def test_each_change_is_told_once(house: ConsentHouse, database: Database) -> None:
    post = Post()
    assert messages(house, database, post).send_due() == 2
    assert [each.event for each in post.told] == [FactorEvent.ADDED, FactorEvent.ADDED]
    assert post.told[0].name == house.credential.signatory.name
    house.forward(days=1)
    assert messages(house, database, post).send_due() == 0


def test_what_did_not_go_through_is_sent_again_later(house: ConsentHouse, database: Database) -> None:
    post = Post(broken=True)
    sending = messages(house, database, post)
    assert sending.send_due() == 0
    post.broken = False
    assert sending.send_due() == 0  # it waits
    house.office.at += timedelta(minutes=1)
    assert sending.send_due() == 2
    assert {each.attempt for each in post.told} == {2}


def test_of_two_processes_one_sends(house: ConsentHouse, database: Database) -> None:
    post = Post()
    sent = together(4, lambda _: messages(house, database, post).send_due())
    assert sum(sent) == len(post.told) == 2


@pytest.mark.parametrize("event", list(FactorEvent))
def test_every_event_has_words_and_no_link(house: ConsentHouse, event: FactorEvent) -> None:
    message = FactorMessage(
        id="1", signatory_id=house.who, name="Ni Luh\nContoh", event=event, at=house.office.at, attempt=1
    )
    text = message_about(message)
    assert "Ni Luh Contoh" in text.body
    assert "http" not in text.body
    assert event.value.encode() in body_about(message)


def test_messages_that_keep_failing_raise_an_alarm_until_they_go_through(
    house: ConsentHouse, database: Database
) -> None:
    post, outbox = Post(broken=True), SqlFactorOutbox(database)
    sending = messages(house, database, post)
    for _ in range(3):
        assert list(message_alarms(outbox.undelivered(3))) == []
        sending.send_due()
        house.forward(hours=6)
    (alarm,) = message_alarms(outbox.undelivered(3))
    assert (alarm.name, alarm.text.split()[0]) == ("factor-messages", "2")
    post.broken = False
    assert sending.send_due() == 2
    assert list(message_alarms(outbox.undelivered(3))) == []
