"""Many letters under one proof: exactly what was shown, each on its own, and nothing lost on the way."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.consent.assembly import Rules, assemble
from signer.activation import LIFETIME, ActivationState, extra_time
from signer.activation_requests import Asked
from signer.errors import ActivationRefused, FactorRefused, KeyUnavailable, Refused
from signer.factors import passkey as passkeys
from signer.factors.model import PasskeyProof, Proof
from signer.model import OpenKey, Secret, SigningAct
from signer.quotas import Limits
from signer.round_model import Round, RoundState
from signer.round_progress import MemberState
from signer.rounds import Checked
from signer.waiting import WaitingKey, WaitingKind
from store.database import Database
from tests.support.consent import CLIENT, PARTY, ConsentHouse, consent_house, pdf
from tests.support.databases import execute
from tests.support.office import ANOTHER, PASSPHRASE
from tests.support.pki import make_pki

SESSION = "s" * 64
SOMEBODY_ELSE = "K5QXA2LBONUWC3TC"


@pytest.fixture
def house(tmp_path: Path, database: Database) -> ConsentHouse:
    return consent_house(tmp_path, database, make_pki())


def everything(house: ConsentHouse) -> list[str]:
    return [each.key.text for each in house.parts.inbox.waiting(house.who).items]


def begun(house: ConsentHouse, *keys: str) -> Round:
    return house.parts.rounds.begin(house.who, keys or everything(house), session=SESSION)


def checked(house: ConsentHouse, found: Round) -> Checked:
    return house.parts.rounds.check(now(house, found))


def now(house: ConsentHouse, found: Round) -> Round:
    again = house.parts.rounds.find(found.id, signatory_id=house.who)
    assert again is not None
    return again


def approve(
    house: ConsentHouse,
    found: Round,
    proof: Proof | None = None,
    *,
    passphrase: Secret = PASSPHRASE,
    session: str = SESSION,
    shown: str | None = None,
) -> Round:
    seen = checked(house, found).digest.hex() if shown is None else shown
    return house.parts.rounds.approve(now(house, found), passphrase, proof or house.totp(), shown=seen, session=session)


def states(house: ConsentHouse, found: Round) -> list[MemberState]:
    return [each.state for each in house.parts.round_progress.of(now(house, found))]


def three(house: ConsentHouse) -> tuple[Asked, str, str]:
    """A request of two documents, a batch of two, and a step."""
    asked, batch = house.asked(pdf(1), pdf(2)), house.batch(pdf(3), pdf(4))
    flow = house.flow((house.credential, SigningAct.INITIALS), (house.office.enrolled(), SigningAct.SIGNATURE))
    return asked, batch.id, flow.flow.id


def test_a_request_a_batch_and_a_step_are_signed_with_one_code(house: ConsentHouse, database_url: str) -> None:
    asked, batch_id, flow_id = three(house)
    found = begun(house)
    seen = checked(house, found)
    assert (len(seen.ready), seen.documents, seen.pages, seen.exceptions) == (3, 5, 6, ())
    approve(house, found)
    batch = house.batches.get(batch_id, CLIENT)
    assert states(house, found) == [MemberState.SIGNED, MemberState.UNDER_WAY, MemberState.SIGNED]
    house.finish(batch)
    standing = house.parts.round_progress.of(now(house, found))
    assert [(each.state, each.signed, each.documents) for each in standing] == [
        (MemberState.SIGNED, 2, 2),
        (MemberState.SIGNED, 2, 2),
        (MemberState.SIGNED, 1, 1),
    ]
    assert len(standing[0].codes) == 2
    assert house.asking.read(CLIENT, asked.request.id).state is ActivationState.GRANTED
    assert list(house.flows.get(flow_id, client_id=CLIENT).done) == [1]  # type: ignore[union-attr] - it is there
    assert everything(house) == []
    acts = [act for (act,) in execute(database_url, "SELECT act FROM audit_entries ORDER BY sequence")]
    assert acts.count("round.approve") == 1
    assert acts.count("activation.approve") == 3


def test_a_passkey_signs_over_exactly_this_list(house: ConsentHouse) -> None:
    house.asked(pdf(1))
    house.asked(pdf(2))
    found = begun(house)
    options = passkeys.request_options(PARTY, challenge=checked(house, found).challenge)
    proof = PasskeyProof(assertion=house.device.get(options))
    house.parts.rounds.leave_out(found, 1, left_out=True, session=SESSION)
    with pytest.raises(FactorRefused):
        approve(house, found, proof)
    house.forward(seconds=30)
    options = passkeys.request_options(PARTY, challenge=checked(house, found).challenge)
    approve(house, found, PasskeyProof(assertion=house.device.get(options)))
    assert states(house, found) == [MemberState.SIGNED]
    assert len(everything(house)) == 1


@pytest.mark.parametrize("wrong", ["passphrase", "code"])
def test_three_wrong_tries_end_the_round_and_none_of_its_letters(house: ConsentHouse, wrong: str) -> None:
    asked = house.asked()
    found = begun(house)
    for reason in ("not-proven", "not-proven", "ended"):
        proof = house.wrong_code() if wrong == "code" else house.totp()
        with pytest.raises(FactorRefused) as refused:
            approve(house, found, proof, passphrase=ANOTHER if wrong == "passphrase" else PASSPHRASE)
        assert refused.value.reason == reason
        house.forward(seconds=30)
    assert now(house, found).state is RoundState.ENDED
    with pytest.raises(ActivationRefused):
        approve(house, found)
    request = house.asking.read(CLIENT, asked.request.id)
    assert (request.state, request.tries) == (ActivationState.PENDING, 0)
    assert everything(house) == [f"r.{request.id}"]


def test_a_fourth_try_is_refused_while_three_are_made(house: ConsentHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    house.asked()
    found, open_key, reasons = begun(house), house.signing.open, []

    def while_others_try(*given: Any) -> OpenKey:
        monkeypatch.setattr(house.signing, "open", open_key)
        for _ in range(3):
            with pytest.raises(Refused) as refused:
                approve(house, now(house, found), house.wrong_code())
            reasons.append(refused.value.reason)
        return open_key(*given)

    monkeypatch.setattr(house.signing, "open", while_others_try)
    assert approve(house, found).state is RoundState.GRANTED
    assert reasons == ["not-proven", "not-proven", "not-open"]


def decided(house: ConsentHouse, asked: Asked) -> None:
    house.opened(asked, session=SESSION)
    house.approving.deny(asked.link, session=SESSION, signatory_id=house.who)


def opened_elsewhere(house: ConsentHouse, asked: Asked) -> None:
    house.opened(asked, session="t" * 64)


@pytest.mark.parametrize(("happens", "word"), [(decided, "not-open"), (opened_elsewhere, "other-session")])
def test_what_cannot_be_signed_any_more_is_told_and_stops_no_other(
    house: ConsentHouse, happens: Callable[[ConsentHouse, Asked], None], word: str
) -> None:
    gone, stays = house.asked(pdf(1)), house.asked(pdf(2))
    found = begun(house)
    shown = checked(house, found).digest.hex()
    happens(house, gone)
    assert [told for _, told in checked(house, found).exceptions] == [word]
    with pytest.raises(ActivationRefused) as refused:
        approve(house, found, shown=shown)
    assert refused.value.reason == "changed"
    assert now(house, found).tries == 0
    approve(house, found)
    assert house.asking.read(CLIENT, stays.request.id).state is ActivationState.GRANTED
    assert house.asking.read(CLIENT, gone.request.id).state is not ActivationState.GRANTED


def test_a_full_quota_leaves_the_rest_waiting_and_repeatable(tmp_path: Path, database: Database) -> None:
    house = consent_house(tmp_path, database, make_pki(), most=Limits(per_minute=2))
    for number in (1, 2, 3):
        house.asked(pdf(number))
    found = begun(house)
    approve(house, found)
    standing = house.parts.round_progress.of(now(house, found))
    assert [each.word for each in standing] == [None, None, "quota-minute"]
    house.forward(minutes=1)
    again = begun(house, *(each.again for each in standing if each.again))
    approve(house, again)
    assert states(house, again) == [MemberState.SIGNED]


def test_a_failure_of_one_stops_no_other_and_a_step_can_be_asked_for_again(
    house: ConsentHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = house.flow((house.credential, SigningAct.SIGNATURE))
    stays = house.asked(pdf(2))
    found = begun(house)

    def no_key(*_: object, **__: object) -> None:
        raise KeyUnavailable("the HSM does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(house.flows, "sign_opened", no_key)
        approve(house, found)
    standing = house.parts.round_progress.of(now(house, found))
    assert [(each.state, each.word) for each in standing] == [
        (MemberState.SIGNED, None),
        (MemberState.FAILED, "unavailable"),
    ]
    assert house.asking.read(CLIENT, stays.request.id).state is ActivationState.GRANTED
    assert standing[1].again == f"s.{flow.flow.id}.1"
    house.forward(seconds=30)
    again = begun(house, standing[1].again)
    approve(house, again)
    assert states(house, again) == [MemberState.SIGNED]


def test_what_a_process_left_behind_is_told_and_goes_on_waiting(tmp_path: Path, database: Database) -> None:
    house = consent_house(tmp_path, database, make_pki())
    never = assembled_with(house, beside=lambda _: None)  # the process dies before it signs anything
    asked = house.asked()
    found = never.rounds.begin(house.who, [f"r.{asked.request.id}"], session=SESSION)
    shown = never.rounds.check(found).digest.hex()
    never.rounds.approve(found, PASSPHRASE, house.totp(), shown=shown, session=SESSION)
    assert states(house, found) == [MemberState.UNDER_WAY]
    house.forward(seconds=(LIFETIME + extra_time(2)).total_seconds() + 1)
    (standing,) = house.parts.round_progress.of(now(house, found))
    assert (standing.state, standing.word, standing.again) == (
        MemberState.FAILED,
        "interrupted",
        f"r.{asked.request.id}",
    )


def assembled_with(house: ConsentHouse, **changed: object):  # type: ignore[no-untyped-def] - the same parts again
    return assemble(replace(house.ground, **changed), Rules())  # type: ignore[arg-type] - fields of it


def test_only_its_person_in_its_browser_and_in_its_time_approves(house: ConsentHouse) -> None:
    house.asked()
    found = begun(house)
    assert house.parts.rounds.find(found.id, signatory_id=SOMEBODY_ELSE) is None
    with pytest.raises(ActivationRefused) as refused:
        approve(house, found, session="t" * 64)
    assert refused.value.reason == "not-open"
    house.forward(seconds=timedelta(minutes=6).total_seconds())
    with pytest.raises(ActivationRefused) as refused:
        approve(house, found)
    assert refused.value.reason == "not-open"
    assert now(house, found).tries == 0


def test_a_granted_round_signs_nothing_a_second_time(house: ConsentHouse, database_url: str) -> None:
    house.asked()
    found = begun(house)
    seen = now(house, found)
    approve(house, found)
    house.forward(seconds=30)
    with pytest.raises(ActivationRefused):
        house.parts.rounds.approve(seen, PASSPHRASE, house.totp(), shown="0" * 64, session=SESSION)
    with pytest.raises(ActivationRefused):
        approve(house, found)
    assert execute(database_url, "SELECT count(*) FROM signatures") == [(1,)]


@pytest.mark.parametrize("keys", [[], [f"r.{number:032x}" for number in range(501)]])
def test_an_empty_list_and_one_that_is_too_long_begin_nothing(house: ConsentHouse, keys: list[str]) -> None:
    with pytest.raises(ActivationRefused):
        house.parts.rounds.begin(house.who, keys, session=SESSION)


def test_another_ones_letter_is_an_exception_like_one_that_never_was(house: ConsentHouse) -> None:
    asked = house.asked()
    strange = WaitingKey(kind=WaitingKind.REQUEST, id="0" * 32).text
    found = house.parts.rounds.begin(SOMEBODY_ELSE, [f"r.{asked.request.id}", strange], session=SESSION)
    seen = house.parts.rounds.check(found)
    assert [word for _, word in seen.exceptions] == ["not-open", "not-open"]
    with pytest.raises(ActivationRefused):
        house.parts.rounds.approve(found, PASSPHRASE, house.totp(), shown=seen.digest.hex(), session=SESSION)


def test_rounds_are_forgotten_a_week_after_their_time(house: ConsentHouse) -> None:
    house.asked()
    found = begun(house)
    approve(house, found)
    assert [each.id for each in house.parts.rounds.recent(house.who)] == [found.id]
    assert house.parts.kept_rounds.purge(before=found.expires_at) == 0
    assert house.parts.kept_rounds.purge(before=found.expires_at + timedelta(seconds=1)) == 1
    assert house.parts.rounds.recent(house.who) == ()
