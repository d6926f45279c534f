"""A step goes to who acts in its office today: once, told to everybody, and never where somebody has begun it."""

from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from signer.activation import ActivationState
from signer.appointments import ActingForm, Appointment
from signer.errors import ActivationRefused, FlowRefused
from signer.events import EventType
from signer.flow_model import FlowStanding
from signer.handing_over import Deputy
from signer.model import Credential, Secret, SignedAs, SigningAct
from signer.waiting import WaitingKind
from store.audit import Act, AuditTrail
from store.database import Database
from store.events import SqlEvents
from tests.support.consent import CLIENT, ConsentHouse, consent_house
from tests.support.office import PASSPHRASE
from tests.support.pki import make_pki

SESSION = "s" * 64
OFFICE = SignedAs(office="Kepala Dinas Contoh", agency="Dinas Contoh", rank="Pembina")


@pytest.fixture
def house(tmp_path: Path, database: Database) -> ConsentHouse:
    return consent_house(tmp_path, database, make_pki())


def appointed(house: ConsentHouse, whose: Credential, *, office: str = "KEPALA DINAS  CONTOH", **more: object) -> str:
    today = house.office.at.date()
    held = {"id": "a" * 32, "form": ActingForm.PLH, "starts_on": today, "ends_on": today + timedelta(days=3)} | more
    appointment = Appointment(signatory_id=whose.signatory.id, office=office, **held)  # type: ignore[arg-type] - typed above
    house.parts.appointments.record(appointment, actor="registrar", at=house.office.at)
    return appointment.id


def waiting(house: ConsentHouse, signed_as: SignedAs = OFFICE) -> FlowStanding:
    return house.flow((house.credential, SigningAct.SIGNATURE), signed_as=signed_as)


def hand_over(house: ConsentHouse, flow: FlowStanding, appointment: str, *, session: str = SESSION) -> Deputy:
    return house.parts.handing_over.hand_over(flow.flow.id, 1, appointment, signatory_id=house.who, session=session)


def refusal(house: ConsentHouse, flow: FlowStanding, appointment: str, *, session: str = SESSION) -> str:
    before = house.standing(flow).flow.steps
    with pytest.raises(FlowRefused) as refused:
        hand_over(house, flow, appointment, session=session)
    assert house.standing(flow).flow.steps == before
    return refused.value.reason


def test_the_deputy_finds_it_in_the_acting_form_and_signs_it(house: ConsentHouse) -> None:
    other = house.office.enrolled()
    appointment, flow = appointed(house, other), waiting(house)
    asked = house.parts.step_consents.ask(CLIENT, flow.flow.id, 1)
    house.opened(asked)  # on the page from which it is handed over
    deputy = hand_over(house, flow, appointment)
    assert deputy.signatory.id == other.signatory.id
    assert house.asking.read(CLIENT, asked.request.id).state is ActivationState.ENDED
    assert house.parts.inbox.waiting(house.who).count == 0
    (item,) = house.parts.inbox.waiting(other.signatory.id).items
    assert (item.key.kind, item.signed_as) == (
        WaitingKind.STEP,
        SignedAs(office=OFFICE.office, agency=OFFICE.agency, on_behalf="Plh."),
    )
    kept = SqlEvents(house.database).page(CLIENT, after=None, types=tuple(EventType), limit=20)
    told = [each for each in kept if each.type is EventType.FLOW_STEP_HANDED_OVER]
    assert [(each.subject, dict(each.data)) for each in told] == [(flow.flow.id, {"step": 1, "credential": other.id})]
    entry = AuditTrail(house.database).newest(Act.FLOW_HAND_OVER)
    assert entry is not None
    assert appointment in entry.details
    with pytest.raises(FlowRefused) as refused:
        house.flows.sign(house.standing(flow), 1, credential_id=house.credential.id, passphrase=PASSPHRASE)
    assert refused.value.reason == "wrong-signer"
    signed = house.flows.sign(house.standing(flow), 1, credential_id=other.id, passphrase=PASSPHRASE)
    assert signed.record.intent.signed_as.on_behalf == "Plh."
    assert refusal(house, flow, appointment) == "unknown-step"


def test_only_who_acts_in_that_office_today_and_can_sign_may_have_it(house: ConsentHouse) -> None:
    other, flow = house.office.enrolled(), waiting(house)
    today = house.office.at.date()
    wrong = {
        "elsewhere": appointed(house, other, id="1" * 32, office="Sekretaris Dinas Contoh"),
        "over": appointed(house, other, id="2" * 32, starts_on=date(2026, 1, 1), ends_on=today - timedelta(days=2)),
        "to come": appointed(house, other, id="3" * 32, starts_on=today + timedelta(days=2)),
        "interim": appointed(house, other, id="4" * 32, form=ActingForm.PJ),
        "own": appointed(house, house.credential, id="5" * 32),
        "unknown": "6" * 32,
    }
    assert {name: refusal(house, flow, each) for name, each in wrong.items()} == dict.fromkeys(wrong, "no-deputy")
    good = appointed(house, other, form=ActingForm.PLT)
    (deputy,) = house.parts.handing_over.deputies(flow.flow.steps[0])
    assert (deputy.appointment.id, deputy.credential_id) == (good, other.id)
    house.office.credentials.suspend(other.id, "registrar")
    (deputy,) = house.parts.handing_over.deputies(flow.flow.steps[0])
    assert deputy.credential_id is None
    assert refusal(house, flow, good) == "no-deputy"
    nameless = waiting(house, SignedAs())
    assert house.parts.handing_over.deputies(nameless.flow.steps[0]) == ()


def test_nobody_signs_one_document_twice_and_nobody_hands_over_what_is_anothers(house: ConsentHouse) -> None:
    other = house.office.enrolled()
    appointment = appointed(house, other)
    flow = house.flow((house.credential, SigningAct.INITIALS), (other, SigningAct.SIGNATURE), signed_as=OFFICE)
    assert refusal(house, flow, appointment) == "twice"
    for number, whose, reason in ((1, other.signatory.id, "unknown-step"), (2, other.signatory.id, "not-yet")):
        with pytest.raises(FlowRefused) as refused:
            house.parts.handing_over.step(flow.flow.id, number, signatory_id=whose)
        assert refused.value.reason == reason
    house.flows.cancel(house.standing(flow), actor=CLIENT)
    assert refusal(house, flow, appointment) == "cancelled"


@pytest.mark.parametrize("begun", ["in another browser", "with a wrong passphrase"])
def test_what_somebody_has_begun_stays(house: ConsentHouse, begun: str) -> None:
    appointment, flow = appointed(house, house.office.enrolled()), waiting(house)
    asked = house.parts.step_consents.ask(CLIENT, flow.flow.id, 1)
    house.opened(asked)
    session = SESSION
    if begun == "in another browser":
        session = "t" * 64
    else:
        with pytest.raises(Exception, match="not right"):
            house.approve(asked, house.totp(), passphrase=Secret("bukan frasa sandi"))
        house.forward(seconds=30)
    assert refusal(house, flow, appointment, session=session) == "begun"
    assert house.approve(asked, house.totp()).state is ActivationState.GRANTED
    assert list(house.standing(flow).done) == [1]


def test_of_signing_and_handing_over_at_once_exactly_one_happens(house: ConsentHouse) -> None:
    appointment = appointed(house, house.office.enrolled())
    for _ in range(3):
        flow, start = waiting(house), Barrier(2)
        standing, outcomes = house.standing(flow), []

        def run(act: str, work: object, barrier: Barrier = start, found: list[str] = outcomes) -> None:
            barrier.wait()
            try:
                work()  # type: ignore[operator] - one of the two below
                found.append(act)
            except (FlowRefused, ActivationRefused):
                pass

        def sign(now: FlowStanding = standing) -> None:
            house.flows.sign(now, 1, credential_id=house.credential.id, passphrase=PASSPHRASE)

        def give(which: FlowStanding = flow) -> None:
            hand_over(house, which, appointment)

        threads = [Thread(target=run, args=each) for each in (("signed", sign), ("handed", give))]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert len(outcomes) == 1
        now = house.standing(flow)
        assert (list(now.done) == [1]) is (outcomes == ["signed"])
        assert (now.flow.steps[0].credential_id == house.credential.id) is (outcomes == ["signed"])
