"""Every step of a request, taken by hand: tokens, keys, attempts, refusals. No connection at all."""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from teken.core import operations
from teken.core.content import Plain
from teken.core.receiving import Answer
from teken.core.retries import Retries
from teken.core.session import Call, Outside, Session
from teken.core.steps import NoAnswer, Progress, Send, Steps, Wait
from teken.core.wire import Operation
from teken.errors import (
    AnswerUnreadable,
    Conflict,
    Forbidden,
    NotFound,
    RateLimited,
    Refused,
    TekenError,
    Unauthorised,
    Unavailable,
)
from teken.login import ClientSecret, PrivateKeyJwt

TOKEN = {"access_token": "tk_geheim", "token_type": "Bearer", "expires_in": 3600, "scope": ""}
SECRET = "rahasia-sekali"
SIGN = Call(operation=operations.SIGN_DOCUMENT, content=Plain(b"%PDF", "application/pdf"))
READ = Call(operation=operations.GET_SIGNATURE, path={"code": "A/B?"})


@dataclass
class Far:
    """The other side: answers each request with the next of what it was told to say, and keeps what it was asked."""

    answers: list[Any]
    asked: list[Send] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    now: float = 1000.0

    def session(self, **more: Any) -> Session:
        names = iter(f"key-{number}" for number in range(100))
        outside = Outside(
            monotonic=lambda: self.now, seconds_since_1970=lambda: 1e9, random=lambda: 0.5, new_name=lambda: next(names)
        )
        said: dict[str, Any] = {"base": "https://teken.example", "scopes": (), "retries": Retries()} | more
        return Session(ClientSecret("e-office", SECRET), outside=outside, **said)

    def carry_out(self, steps: Steps[Any]) -> Any:
        progress = Progress(steps)
        step = progress.go_on()
        while step is not None:
            step = progress.go_on(self._done(step))
        return progress.result

    def _done(self, step: Send | Wait) -> Exception | None:
        if isinstance(step, Wait):
            self.waited.append(step.seconds)
            self.now += step.seconds
            return None
        self.asked.append(step)
        if step.path == "/oauth2/token" and not (self.answers and self.answers[0][:1] == ("token",)):
            said: Any = (200, TOKEN)
        else:
            said = self.answers.pop(0)
            said = said[1:] if said[:1] == ("token",) else said
        if isinstance(said[0], Exception):
            return said[0]
        status, body, *headers = said
        step.receiver.begin(status, headers[0] if headers else {})
        step.receiver.feed(json.dumps(body).encode())
        return None

    def keys(self) -> list[str | None]:
        return [each.headers.get("Idempotency-Key") for each in self.asked if each.path != "/oauth2/token"]


def finish(far: Far, progress: Progress[Any], step: Any) -> None:
    """Everything that is left of some steps, from `step` on."""
    while step is not None:
        step = progress.go_on(far._done(step))


LOST = (NoAnswer("ReadError", sent=True),)
NEVER_SENT = (NoAnswer("ConnectError", sent=False),)


def problem(status: int, slug: str, **more: Any) -> tuple[int, dict[str, Any]]:
    told = {"type": f"/problems/{slug}", "title": "Title", "status": status, "nextStep": "Next.", "requestId": "r1"}
    return status, told | more


def test_a_token_is_asked_for_once_and_used_again() -> None:
    far = Far([(200, {}), (200, {})])
    session = far.session()
    far.carry_out(session.ask(READ))
    far.carry_out(session.ask(READ))

    assert [each.path for each in far.asked] == ["/oauth2/token", *2 * ["/v1/signatures/A%2FB%3F"]]
    assert far.asked[1].headers["Authorization"] == "Bearer tk_geheim"


def test_a_token_is_renewed_before_its_end() -> None:
    far = Far([(200, {}), (200, {})])
    session = far.session()
    far.carry_out(session.ask(READ))
    far.now += 3571
    far.carry_out(session.ask(READ))

    assert [each.path for each in far.asked].count("/oauth2/token") == 2


def test_a_token_that_was_ended_is_asked_for_anew_and_the_request_sent_again_under_its_key() -> None:
    far = Far([(200, {}), problem(401, "unauthenticated"), (201, {})])
    session = far.session()
    far.carry_out(session.ask(READ))
    far.carry_out(session.ask(SIGN))

    assert [each.path for each in far.asked].count("/oauth2/token") == 2
    assert far.keys()[1] == far.keys()[2] is not None


def test_calls_that_begin_side_by_side_ask_for_one_token() -> None:
    far = Far([(200, {}), (200, {})])
    session = far.session()
    first, second = (Progress(session.ask(READ)) for _ in range(2))
    asking, waiting = first.go_on(), second.go_on()
    assert isinstance(waiting, Wait)
    finish(far, first, asking)
    finish(far, second, waiting)

    assert [each.path for each in far.asked].count("/oauth2/token") == 1


def test_a_token_that_another_call_has_renewed_meanwhile_is_used() -> None:
    far = Far([(200, {}), problem(401, "unauthenticated"), problem(401, "unauthenticated"), (200, {}), (200, {})])
    session = far.session()
    far.carry_out(session.ask(READ))
    first, second = (Progress(session.ask(READ)) for _ in range(2))
    steps = [(first, far._done(first.go_on())), (second, far._done(second.go_on()))]  # both with the one that is over
    for progress, failed in steps:
        finish(far, progress, progress.go_on(failed))

    assert [each.path for each in far.asked].count("/oauth2/token") == 2
    assert all(progress.result.status == 200 for progress, _ in steps)


def test_who_one_is_is_proven_anew_for_each_attempt() -> None:
    far = Far([("token", *LOST), ("token", 200, TOKEN), (200, {})])
    session = Session(
        PrivateKeyJwt("e-office", lambda _: b"signature"),
        base="https://teken.example",
        scopes=(),
        retries=Retries(),
        outside=far.session().outside,
    )
    far.carry_out(session.ask(READ))

    contents = [each.content for each in far.asked[:2]]
    assert all(isinstance(each, Plain) for each in contents)
    assert len({each.content for each in contents if isinstance(each, Plain)}) == 2


def test_a_new_token_that_is_refused_ends_it() -> None:
    far = Far([problem(401, "unauthenticated")])

    with pytest.raises(Unauthorised):
        far.carry_out(far.session().ask(READ))


def test_what_the_token_endpoint_refuses_is_told() -> None:
    far = Far([("token", 401, {"error": "invalid_client", "error_description": "Unknown client or wrong secret."})])

    with pytest.raises(Unauthorised, match="wrong secret") as refused:
        far.carry_out(far.session().ask(READ))
    assert refused.value.reason == "invalid_client"


@pytest.mark.parametrize("failed", [LOST, NEVER_SENT, (502, {}), problem(503, "uploads-full"), problem(429, "rate")])
def test_a_request_under_a_key_is_sent_again_under_the_same_one(failed: tuple[Any, ...]) -> None:
    far = Far([failed, failed, (201, {})])
    far.carry_out(far.session().ask(SIGN))

    first, *others = far.keys()
    assert first is not None
    assert others == [first, first]
    assert far.waited == [0.375, 0.75]


@pytest.mark.parametrize("slug", ["key-in-use", "request-begun"])
def test_a_request_that_is_under_way_is_asked_after(slug: str) -> None:
    far = Far([(*problem(409, slug), {"retry-after": "2"}), (201, {})])
    far.carry_out(far.session().ask(SIGN))

    assert far.waited == [2]


def test_two_requests_have_two_keys_and_ones_own_key_is_kept() -> None:
    far = Far([(201, {})] * 3)
    session = far.session()
    for call in (SIGN, SIGN, Call(operation=operations.SIGN_DOCUMENT, key="mine")):
        far.carry_out(session.ask(call))

    first, second, third = far.keys()
    assert first != second
    assert third == "mine"


@pytest.mark.parametrize("failed", [LOST, (502, {}), problem(503, "uploads-full")])
def test_what_takes_no_key_is_not_sent_again(failed: tuple[Any, ...]) -> None:
    far = Far([failed])

    with pytest.raises(Unavailable) as ended:
        far.carry_out(far.session().ask(Call(operation=operations.CHANGE_PASSPHRASE)))
    assert ended.value.idempotency_key is None
    assert far.waited == []


def test_what_never_left_is_sent_again_in_any_case() -> None:
    far = Far([NEVER_SENT, (201, {})])
    far.carry_out(far.session().ask(Call(operation=operations.CHANGE_PASSPHRASE)))

    assert len(far.waited) == 1


def test_a_wait_that_the_service_asks_for_is_kept() -> None:
    far = Far([(*problem(429, "rate-exceeded"), {"retry-after": "17"}), (200, {})])
    far.carry_out(far.session().ask(READ))

    assert far.waited == [17]


def test_a_wait_beyond_patience_is_told_at_once() -> None:
    far = Far([(*problem(429, "quota-exceeded"), {"retry-after": "9000"})])

    with pytest.raises(RateLimited) as refused:
        far.carry_out(far.session().ask(SIGN))
    assert (refused.value.retry_after, far.waited) == (9000, [])


def test_patience_ends_and_leaves_the_key_for_later() -> None:
    far = Far([LOST] * 100)

    with pytest.raises(Unavailable) as ended:
        far.carry_out(far.session(retries=Retries(seconds=60)).ask(SIGN))
    assert 40 < sum(far.waited) <= 60
    assert max(far.waited) <= 20
    assert {ended.value.idempotency_key} == set(far.keys())


def test_an_answer_that_cannot_be_read_leaves_the_key_for_later() -> None:
    far = Far([(AnswerUnreadable("damaged"),)])

    with pytest.raises(AnswerUnreadable) as ended:
        far.carry_out(far.session().ask(SIGN))
    assert [ended.value.idempotency_key] == far.keys()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, Unauthorised),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (410, NotFound),
        (413, Refused),
        (422, Refused),
        (423, Conflict),
    ],
)
def test_refusals_are_told_whole_and_never_sent_again(status: int, kind: type[Refused]) -> None:
    told = problem(status, "some-kind", detail="Why.", field="stamp.page", reason="no-such-page")
    far = Far([told])

    with pytest.raises(kind) as refused:
        far.carry_out(far.session().ask(SIGN))
    error = refused.value
    assert type(error) is kind
    assert (error.slug, error.title, error.detail, error.field) == ("some-kind", "Title", "Why.", "stamp.page")
    assert (error.reason, error.next_step, error.request_id) == ("no-such-page", "Next.", "r1")
    assert far.waited == []


@pytest.mark.parametrize("answer", [(404, "<html>"), (302, {}), (200, [])])
def test_what_is_not_of_the_contract_is_told_so(answer: tuple[Any, ...]) -> None:
    far = Far([answer])

    with pytest.raises(AnswerUnreadable):
        far.carry_out(far.session().told(READ, dict[str, str]))


def test_an_answer_without_an_end_is_not_kept() -> None:
    receiver = Answer(limit=1000)
    receiver.begin(200, {})
    receiver.feed(b"x" * 1000)
    with pytest.raises(AnswerUnreadable):
        receiver.feed(b"x")


@pytest.mark.parametrize("failure", [LOST, problem(403, "passphrase-wrong"), (500, {})])
def test_no_secret_is_in_an_error_a_log_or_what_is_shown(
    failure: tuple[Any, ...], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    far = Far([failure] * 100)
    session = far.session()
    call = Call(operation=operations.SIGN_DOCUMENT, content=Plain(b"tujuh gunung", "application/json"))

    with pytest.raises(TekenError) as ended:
        far.carry_out(session.ask(call))
    shown = " ".join((repr(ended.value), str(vars(ended.value)), caplog.text, repr(far.asked), repr(call)))
    assert all(secret not in shown for secret in (SECRET, "tk_geheim", "gunung"))
    assert SECRET not in repr(ClientSecret("e-office", SECRET))


def test_only_what_asks_for_it_may_be_repeated() -> None:
    made: Iterable[Operation] = [each for each in vars(operations).values() if isinstance(each, Operation)]
    once = {each.path for each in made if not Call(operation=each).repeatable and each.method != "GET"}

    assert once == {
        "/oauth2/token",
        "/v1/activations/{activation}/documents/{position}",
        "/v1/batches/{batch}/cancel",
        "/v1/batches/{batch}/close",
        "/v1/batches/{batch}/retry",
        "/v1/passphrases",
        "/v1/verifications",
        "/v1/verifications/by-digest",
    }
