"""Delivery to a real receiver on loopback: in order, signed, again and again, and never lost."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from signer.errors import WebhookRefused
from signer.events import EventType
from signer.hooks.delivering import EVENT, LEASE, SIGNATURE
from signer.hooks.model import ATTEMPTS, IN_ORDER, DeliveryState, WebhookState, wait_after
from store.clients import SqlClientStore
from store.database import Database
from store.events import SqlEvents
from tests.support.databases import execute
from tests.support.hooks import CLIENT, HookOffice, is_signed
from tests.support.local_servers import LocalHttp, local_http

A_WHILE = timedelta(hours=3)


@pytest.fixture
def receiver() -> Iterator[LocalHttp]:
    with local_http() as server:
        server.say("/hook", status=204)
        yield server


@pytest.fixture
def office(database: Database) -> HookOffice:
    made = HookOffice(database)
    made.client()
    return made


def subjects(receiver: LocalHttp) -> list[str]:
    return [json.loads(body)["subject"] for _, _, _, body in receiver.asked]


def log(office: HookOffice, hook: str) -> list[tuple[int, str, int, str | None]]:
    found = office.service.deliveries(CLIENT, hook, before=None, state=None, limit=100)
    return [(each.number, each.state.value, each.attempts, each.failure) for each in reversed(found)]


def test_events_come_in_order_signed_with_their_id_and_as_the_list_has_them(
    office: HookOffice, receiver: LocalHttp
) -> None:
    office.happen("before the webhook")
    hook, secret = office.hook(receiver.url("/hook"))
    office.happen("one", "two", "three")
    office.happen("theirs", client_id="other")
    assert office.deliver() == 3
    assert subjects(receiver) == ["one", "two", "three"]
    listed = SqlEvents(office.database).page(CLIENT, after=None, types=(), limit=10)[1:]
    for event, (method, _, headers, body) in zip(listed, receiver.asked, strict=True):
        assert (method, headers[EVENT], headers["Content-Type"]) == ("POST", event.id, "application/json")
        assert is_signed(secret.reveal(), headers[SIGNATURE], body)
        assert not is_signed(secret.reveal(), headers[SIGNATURE], body + b" ")
        told = json.loads(body)
        assert (told["id"], told["type"], told["at"]) == (event.id, event.type.value, "2026-11-21T04:00:00Z")
        assert secret.reveal() not in str(headers) + body.decode()
    assert log(office, hook.id) == [(number, "delivered", 1, None) for number in (1, 2, 3)]
    assert office.deliver() == 0


def test_only_wanted_types_come_and_a_test_always(office: HookOffice, receiver: LocalHttp) -> None:
    hook, _ = office.hook(receiver.url("/hook"), EventType.BATCH_FINISHED)
    other, _ = office.hook(receiver.url("/hook"), EventType.LETTER_EXPIRED)
    office.happen("a signature")
    office.happen("a batch", type=EventType.BATCH_FINISHED)
    office.service.test(CLIENT, hook.id)
    office.deliver()
    assert subjects(receiver) == ["a batch", hook.id]
    assert log(office, other.id) == []


@pytest.mark.parametrize(("status", "failure"), [(500, "http-500"), (404, "http-404"), (302, "http-302")])
def test_what_is_not_taken_is_tried_again_and_later_events_wait(
    office: HookOffice, receiver: LocalHttp, status: int, failure: str
) -> None:
    hook, _ = office.hook(receiver.url("/hook"))
    receiver.say("/hook", status=status, Location=receiver.url("/elsewhere"))
    office.happen("one", "two")
    assert office.deliver() == 0
    assert subjects(receiver) == ["one"]
    assert log(office, hook.id) == [(1, "waiting", 1, failure), (2, "waiting", 0, None)]
    office.forward(timedelta(seconds=9))
    office.deliver()
    assert len(receiver.asked) == 1
    office.forward(timedelta(seconds=1))
    receiver.say("/hook", status=200)
    assert office.deliver() == 2
    assert subjects(receiver) == ["one", "one", "two"]
    assert len({headers[EVENT] for _, _, headers, _ in receiver.asked[:2]}) == 1
    assert office.service.get(CLIENT, hook.id).failures == 0


def test_an_event_that_nobody_can_digest_steps_aside_and_ends_in_the_log(
    office: HookOffice, receiver: LocalHttp
) -> None:
    receiver.answers["/hook"] = lambda body: (500 if b"poison" in body else 200, {}, b"")
    hook, _ = office.hook(receiver.url("/hook"))
    office.happen("poison", "two")
    for _ in range(IN_ORDER):
        office.deliver()
        office.forward(timedelta(minutes=2))
    assert subjects(receiver) == ["poison"] * IN_ORDER
    assert office.deliver() == 1
    assert subjects(receiver) == [*["poison"] * IN_ORDER, "two", "poison"]
    for number in range(2 * ATTEMPTS):
        office.happen(f"later {number}")
        office.deliver()
        office.forward(A_WHILE)
    assert subjects(receiver).count("poison") == ATTEMPTS
    assert log(office, hook.id)[0] == (1, "failed", ATTEMPTS, "http-500")
    assert office.service.get(CLIENT, hook.id).state is WebhookState.ACTIVE
    receiver.say("/hook", status=200)
    office.service.replay(CLIENT, hook.id, 1)
    assert office.deliver() == 1
    assert log(office, hook.id)[0] == (1, "delivered", 1, None)


def test_after_more_than_a_day_the_webhook_is_failing_and_nothing_is_lost(
    office: HookOffice, receiver: LocalHttp
) -> None:
    receiver.say("/hook", status=503)
    hook, _ = office.hook(receiver.url("/hook"))
    office.happen(*(f"event {number}" for number in range(5)))
    began = office.clock
    while not office.failing:
        office.deliver()
        office.forward(timedelta(minutes=5))
    assert office.clock - began > timedelta(hours=28)
    assert (office.failing, len(receiver.asked)) == ([hook.id], ATTEMPTS)
    failing = office.service.get(CLIENT, hook.id)
    assert (failing.state, failing.failures, failing.failing_since) == (WebhookState.FAILING, ATTEMPTS, began)
    health = office.store.health()
    assert (health.failing, health.active, health.waiting, health.oldest_waiting_at) == (1, 0, 5, None)
    office.happen("meanwhile")
    office.forward(A_WHILE)
    receiver.say("/hook", status=200)
    assert office.deliver() == 0
    with pytest.raises(WebhookRefused):
        office.service.test(CLIENT, hook.id)
    office.service.change(CLIENT, hook.id, url=None, types=None, state=WebhookState.ACTIVE)
    assert office.deliver() == 6
    assert subjects(receiver)[ATTEMPTS:] == [*(f"event {number}" for number in range(5)), "meanwhile"]


def test_waits_double_up_to_two_hours_and_never_all_end_at_once() -> None:
    waits = [wait_after(number, 0).total_seconds() for number in range(1, ATTEMPTS)]
    assert waits[:4] == [10, 20, 40, 80]
    assert waits[-1] == 7200
    assert sum(waits) > 28 * 3600
    assert wait_after(1, 255).total_seconds() == 12
    assert wait_after(10_000, 0).total_seconds() == 7200


def test_paused_means_later(office: HookOffice, receiver: LocalHttp) -> None:
    hook, _ = office.hook(receiver.url("/hook"))
    office.service.change(CLIENT, hook.id, url=None, types=None, state=WebhookState.PAUSED)
    office.happen("one")
    assert office.deliver() == 0
    office.service.change(CLIENT, hook.id, url=None, types=None, state=WebhookState.ACTIVE)
    assert office.deliver() == 1


def test_a_disabled_client_is_told_nothing_more(office: HookOffice, receiver: LocalHttp) -> None:
    office.hook(receiver.url("/hook"))
    office.happen("one")
    SqlClientStore(office.database).disable(CLIENT, actor="test", at=office.clock)
    assert office.deliver() == 0
    assert receiver.asked == []


def test_both_secrets_sign_while_one_takes_over(office: HookOffice, receiver: LocalHttp) -> None:
    hook, old = office.hook(receiver.url("/hook"))
    _, new = office.service.rotate(CLIENT, hook.id, timedelta(hours=1))
    office.happen("during")
    office.deliver()
    office.forward(timedelta(hours=1))
    office.happen("after")
    office.deliver()
    (during, after) = [(headers[SIGNATURE], body) for _, _, headers, body in receiver.asked]
    assert is_signed(old.reveal(), *during)
    assert is_signed(new.reveal(), *during)
    assert not is_signed(old.reveal(), *after)
    assert is_signed(new.reveal(), *after)


def test_everything_since_a_time_is_delivered_anew(office: HookOffice, receiver: LocalHttp) -> None:
    hook, _ = office.hook(receiver.url("/hook"))
    office.happen("long ago")
    office.deliver()
    office.forward(timedelta(hours=1))
    since = office.clock
    office.happen("one", "two")
    office.deliver()
    office.happen("waiting")
    assert office.service.replay_since(CLIENT, hook.id, since) == 3
    assert office.deliver() == 3
    assert subjects(receiver) == ["long ago", "one", "two", "one", "two", "waiting"]
    assert office.service.replay_since(CLIENT, hook.id, office.clock + timedelta(days=1)) == 3  # never after now
    assert office.service.replay_since(CLIENT, hook.id, since - timedelta(days=9)) == 4


def test_an_address_that_the_operator_took_back_is_not_reached(office: HookOffice, receiver: LocalHttp) -> None:
    hook, _ = office.hook(receiver.url("/hook"))
    office.happen("one")
    strict = HookOffice(office.database, networks=())
    assert strict.deliver() == 0
    assert receiver.asked == []
    assert log(office, hook.id) == [(1, "waiting", 1, "address-refused")]


def test_two_workers_deliver_each_event_once(office: HookOffice, receiver: LocalHttp) -> None:
    for path in ("/a", "/b", "/c"):
        receiver.say(path, status=200)
        office.hook(receiver.url(path))
    office.happen(*(f"event {number:02}" for number in range(20)))
    workers = [threading.Thread(target=HookOffice(office.database).deliver) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for path in ("/a", "/b", "/c"):
        got = [json.loads(body)["subject"] for _, to, _, body in receiver.asked if to == path]
        assert got == [f"event {number:02}" for number in range(20)]


def test_who_dies_after_sending_sends_again_when_its_claim_is_over(office: HookOffice, receiver: LocalHttp) -> None:
    hook, _ = office.hook(receiver.url("/hook"))
    office.happen("one", "two")
    claim = office.queue.claim(at=office.clock, until=office.clock + LEASE)
    assert claim is not None
    due = office.queue.due(hook.id, at=office.clock)
    assert due is not None
    assert due.event.subject == "one"  # sent, and then nothing more is heard of this process
    other = HookOffice(office.database)
    assert other.deliver() == 0
    other.forward(LEASE)
    assert other.deliver() == 2
    assert subjects(receiver) == ["one", "two"]
    assert log(office, hook.id) == [(1, "delivered", 1, None), (2, "delivered", 1, None)]


def test_old_deliveries_and_those_of_forgotten_events_are_forgotten(
    office: HookOffice, receiver: LocalHttp, database_url: str
) -> None:
    hook, _ = office.hook(receiver.url("/hook"))
    office.happen("delivered")
    office.deliver()
    receiver.say("/hook", status=500)
    office.happen("waiting")
    office.deliver()
    assert office.queue.purge(before=office.clock) == 0
    assert office.queue.purge(before=office.clock + timedelta(seconds=1)) == 1
    assert [state for _, state, _, _ in log(office, hook.id)] == [DeliveryState.WAITING.value]
    SqlEvents(office.database).purge(before=office.clock + timedelta(seconds=1))
    assert office.queue.purge(before=office.clock) == 1
    assert execute(database_url, "SELECT count(*) FROM webhook_deliveries") == [(0,)]
    office.service.remove(CLIENT, hook.id)
    assert execute(database_url, "SELECT count(*) FROM webhook_secrets") == [(0,)]
