"""Several officials on one document: in order, side by side, and everything that is refused politely."""

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.demonstration.letter import demonstration_letter
from signer.after import Progress
from signer.errors import (
    CredentialUnknown,
    FlowRefused,
    KindRefused,
    PassphraseWrong,
    StampRefused,
    TimestampUnavailable,
)
from signer.flow_model import FlowStanding, FlowState, Step
from signer.model import (
    Certify,
    LetterMetadata,
    Secret,
    SignatureLevel,
    SignedDocument,
    SigningAct,
    StampPlacement,
)
from signer.workflow import Flows
from store.database import Database
from store.flows import SqlFlows
from tests.support.kept import SECOND, KeptDesk
from tests.support.letters import letter, page_contents
from tests.support.signing import CREDENTIAL, PASSPHRASE, counted_bytes
from tests.unit.store.samples import together
from tests.vectors.letters import trust_in
from verifier.model import ChangeKind, Indication
from verifier.policy import load_policy
from verifier.validation import validate

THIRD = "credential-3"
INITIALS, SIGNATURE = SigningAct.INITIALS, SigningAct.SIGNATURE


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> KeptDesk:
    made = KeptDesk(database, tmp_path)
    made.desk.enrol(made.desk.pki.official_with(), THIRD)
    known = made.desk.credentials.get(THIRD)
    assert known is not None
    made.credentials.add(known, actor="registrar", at=made.desk.clock)
    return made


@pytest.fixture
def flows(desk: KeptDesk, database: Database) -> Flows:
    return Flows(
        store=SqlFlows(database),
        vault=desk.vault,
        signing=desk.service,
        check=desk.service.acts.rehearse,
        most_initials=3,
        now=lambda: desk.desk.clock,
        random_bytes=counted_bytes(),
    )


def steps(*asked: tuple[str, SigningAct, int]) -> list[Step]:
    return [
        Step(number=number, order=order, act=act, credential_id=who)
        for number, (who, act, order) in enumerate(asked, start=1)
    ]


IN_ORDER = ((CREDENTIAL, INITIALS, 1), (SECOND, INITIALS, 2), (THIRD, SIGNATURE, 3))
SIDE_BY_SIDE = ((CREDENTIAL, INITIALS, 1), (SECOND, SIGNATURE, 2), (THIRD, SIGNATURE, 2))


def create(flows: Flows, *asked: tuple[str, SigningAct, int], **more: Any) -> FlowStanding:
    wanted = {
        "client_id": "e-office",
        "letter": LetterMetadata(),
        "level": SignatureLevel.B_B,
        "certify": None,
    } | more
    return flows.create(letter(), steps(*asked), **wanted)


def sign(flows: Flows, flow: FlowStanding, number: int, who: str, passphrase: str = PASSPHRASE) -> SignedDocument:
    now = flows.get(flow.flow.id, client_id="e-office")
    assert now is not None
    return flows.sign(now, number, credential_id=who, passphrase=Secret(passphrase))


def state(flows: Flows, flow: FlowStanding) -> FlowStanding:
    found = flows.get(flow.flow.id, client_id="e-office")
    assert found is not None
    return found


def refused(desk: KeptDesk, flows: Flows, flow: FlowStanding, number: int, who: str) -> str:
    """Why, before any passphrase was tried."""
    before = desk.attempts()
    with pytest.raises(FlowRefused) as error:
        sign(flows, flow, number, who)
    assert desk.attempts() == before
    return error.value.reason


def test_three_officials_one_after_the_other_and_every_signature_stays_valid(
    desk: KeptDesk, flows: Flows, tmp_path: Path
) -> None:
    flow = create(flows, *IN_ORDER)
    assert state(flows, flow) == flow
    for number, (who, _, _) in enumerate(IN_ORDER, start=1):
        sign(flows, flow, number, who)
        pdf = flows.document(state(flows, flow))
        at = desk.desk.clock + timedelta(minutes=1)
        report = validate(pdf, load_policy("teken-1"), trust_in(desk.desk.pki, at=at), at)
        assert report.indication is Indication.TOTAL_PASSED
        assert len(report.signatures) == number
        (tmp_path / "now.pdf").write_bytes(pdf)
        said = subprocess.run(
            ["pdfsig", "-nocert", tmp_path / "now.pdf"], capture_output=True, text=True, check=False
        ).stdout
        assert said.count("Signature is Valid.") == number
    done = state(flows, flow)
    assert done.state is FlowState.COMPLETED
    assert [each.intent.act for each in done.done.values()] == [INITIALS, INITIALS, SIGNATURE]
    assert desk.trail.verify() is None
    last = done.done[3].intent.code.token
    assert desk.letters.standing(last).initials == {"Paraf-1", "Paraf-2"}


def test_an_accessible_letter_is_stamped_twice_and_stays_as_it_was_signed(
    desk: KeptDesk, flows: Flows, tmp_path: Path
) -> None:
    twice = [
        Step(number=number, order=number, act=SIGNATURE, credential_id=who, stamp=StampPlacement(page=1, x=x, y=60))
        for number, who, x in ((1, CREDENTIAL, 60), (2, THIRD, 330))
    ]
    document = demonstration_letter(desk.desk.clock)
    flow = flows.create(
        document, twice, client_id="e-office", letter=LetterMetadata(), level=SignatureLevel.B_B, certify=None
    )
    for each in twice:
        sign(flows, flow, each.number, each.credential_id)
    pdf = flows.document(state(flows, flow))
    at = desk.desk.clock + timedelta(minutes=1)
    report = validate(pdf, load_policy("teken-1"), trust_in(desk.desk.pki, at=at), at)
    assert report.indication is Indication.TOTAL_PASSED
    (later,) = report.signatures[0].modifications
    assert (later.kind, later.allowed, later.page) == (ChangeKind.SIGNATURE, True, 1)
    (tmp_path / "now.pdf").write_bytes(pdf)
    said = subprocess.run(
        ["pdfsig", "-nocert", tmp_path / "now.pdf"], capture_output=True, text=True, check=False
    ).stdout
    assert said.count("Signature is Valid.") == 2


def test_out_of_turn_by_another_one_twice_and_after_the_end_is_refused_politely(desk: KeptDesk, flows: Flows) -> None:
    flow = create(flows, *IN_ORDER)
    assert refused(desk, flows, flow, 3, THIRD) == "not-yet"
    assert refused(desk, flows, flow, 1, SECOND) == "wrong-signer"
    assert refused(desk, flows, flow, 4, THIRD) == "unknown-step"
    sign(flows, flow, 1, CREDENTIAL)
    assert refused(desk, flows, flow, 1, CREDENTIAL) == "already-signed"
    sign(flows, flow, 2, SECOND)
    sign(flows, flow, 3, THIRD)
    assert refused(desk, flows, flow, 3, THIRD) == "already-signed"
    with pytest.raises(FlowRefused) as error:
        flows.cancel(state(flows, flow), actor="e-office")
    assert error.value.reason == "completed"


def test_side_by_side_they_sign_in_any_order(flows: Flows) -> None:
    flow = create(flows, *SIDE_BY_SIDE)
    sign(flows, flow, 1, CREDENTIAL)
    sign(flows, flow, 3, THIRD)
    assert [each.number for each in state(flows, flow).next_steps()] == [2]
    sign(flows, flow, 2, SECOND)
    assert list(state(flows, flow).done) == [1, 3, 2]


def test_every_code_of_the_letter_says_how_many_have_signed_and_where_the_newest_file_is(
    desk: KeptDesk, flows: Flows
) -> None:
    flow = create(flows, *SIDE_BY_SIDE)
    tokens = []
    for number, who, unfinished in (
        (1, CREDENTIAL, Progress(signed=0, of=2, stopped=False)),
        (3, THIRD, Progress(signed=1, of=2, stopped=False)),
        (2, SECOND, None),
    ):
        sign(flows, flow, number, who)
        tokens.append(state(flows, flow).done[number].intent.code.token)
        for token in tokens:
            standing = desk.letters.standing(token)
            newest = standing.newest.intent.code.token if standing.newest else token
            assert (standing.unfinished, newest) == (unfinished, tokens[-1])


def test_a_cancelled_letter_says_that_the_others_will_not_sign(desk: KeptDesk, flows: Flows) -> None:
    flow = create(flows, *SIDE_BY_SIDE)
    sign(flows, flow, 1, CREDENTIAL)
    sign(flows, flow, 3, THIRD)
    flows.cancel(state(flows, flow), actor="e-office")
    token = state(flows, flow).done[3].intent.code.token
    assert desk.letters.standing(token).unfinished == Progress(signed=1, of=2, stopped=True)


@pytest.mark.parametrize("twice", [False, True])
def test_of_several_at_the_same_moment_exactly_one_signs(flows: Flows, twice: bool) -> None:
    """The same step four times, or two steps of one order: both would sign the document as it stands."""
    flow = create(flows, *SIDE_BY_SIDE)
    sign(flows, flow, 1, CREDENTIAL)
    askers = [(2, SECOND)] * 4 if twice else [(2, SECOND), (3, THIRD)] * 2
    outcomes = together(4, lambda number: sign(flows, flow, *askers[number]))
    won = [each for each in outcomes if isinstance(each, SignedDocument)]
    lost = [each for each in outcomes if isinstance(each, FlowRefused)]
    assert (len(won) >= 1, len(won) + len(lost)) == (True, 4)
    records = list(state(flows, flow).done.values())
    assert len(records) == 1 + len(won)
    chain = [each.intent.input_sha256 for each in records[1:]]
    assert chain == [each.outcome.document_sha256 for each in records[:-1]]  # type: ignore[union-attr]  # all signed
    assert twice is False or len(won) == 1


def test_a_step_that_failed_can_be_signed_again(desk: KeptDesk, flows: Flows, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = create(flows, *IN_ORDER, level=SignatureLevel.B_T)

    def away(_: bytes) -> None:
        raise TimestampUnavailable("no answer")

    with monkeypatch.context() as broken:
        broken.setattr(desk.service.acts._authorities, "timestamp", away)
        with pytest.raises(TimestampUnavailable):
            sign(flows, flow, 1, CREDENTIAL)
    assert state(flows, flow).done == {}
    with pytest.raises(PassphraseWrong):
        sign(flows, flow, 1, CREDENTIAL, "tebakan yang salah")
    sign(flows, flow, 1, CREDENTIAL)
    assert list(state(flows, flow).done) == [1]


def test_a_crash_within_a_step_is_busy_until_it_is_settled_and_then_open_again(
    desk: KeptDesk, flows: Flows, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = create(flows, *IN_ORDER)

    def killed(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(desk.service.acts, "prepare", killed)
        with pytest.raises(SystemExit):
            sign(flows, flow, 1, CREDENTIAL)
    assert state(flows, flow).busy == 1
    assert refused(desk, flows, flow, 1, CREDENTIAL) == "busy"
    later = desk.desk.clock + timedelta(minutes=5)
    assert desk.log.settle_abandoned(before=later, at=later) == 1
    sign(flows, flow, 1, CREDENTIAL)
    assert list(state(flows, flow).done) == [1]


def test_a_cancelled_document_is_signed_no_more(desk: KeptDesk, flows: Flows) -> None:
    flow = create(flows, *IN_ORDER)
    sign(flows, flow, 1, CREDENTIAL)
    assert flows.cancel(state(flows, flow), actor="e-office").state is FlowState.CANCELLED
    assert refused(desk, flows, flow, 2, SECOND) == "cancelled"
    with pytest.raises(FlowRefused):
        flows.cancel(state(flows, flow), actor="e-office")
    assert list(state(flows, flow).done) == [1]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ((), "step-count"),
        (tuple((f"c{number}", SIGNATURE, 1) for number in range(17)), "step-count"),
        (((CREDENTIAL, INITIALS, 1),), "no-signature"),
        (
            (*((f"c{number}", INITIALS, 1) for number in range(4)), (CREDENTIAL, SIGNATURE, 2)),
            "too-many-initials",
        ),
        (((CREDENTIAL, SIGNATURE, 1), (SECOND, INITIALS, 2)), "initials-first"),
        (((CREDENTIAL, INITIALS, 1), (SECOND, SIGNATURE, 1)), "initials-first"),
        (((CREDENTIAL, INITIALS, 1), (CREDENTIAL, SIGNATURE, 2)), "twice"),
    ],
)
def test_steps_that_make_no_sense_are_refused_at_once(
    flows: Flows, asked: tuple[tuple[str, SigningAct, int], ...], reason: str
) -> None:
    with pytest.raises(FlowRefused) as error:
        create(flows, *asked)
    assert (error.value.field, error.value.reason) == ("steps", reason)


def test_what_one_official_could_never_sign_is_refused_at_once(flows: Flows) -> None:
    with pytest.raises(CredentialUnknown):
        create(flows, (CREDENTIAL, INITIALS, 1), ("nobody", SIGNATURE, 2))
    with pytest.raises(KindRefused):
        create(flows, *IN_ORDER, letter=LetterMetadata(kind="SK"))
    with pytest.raises(FlowRefused) as error:
        create(flows, *IN_ORDER, certify=Certify.NO_CHANGES)
    assert error.value.reason == "certify"


def test_no_nip_is_kept_with_a_step(flows: Flows) -> None:
    step = Step(
        number=1, order=1, act=SIGNATURE, credential_id=CREDENTIAL, stamp=StampPlacement(nip="000000000000000000")
    )
    with pytest.raises(FlowRefused) as error:
        flows.create(
            letter(), [step], client_id="e-office", letter=LetterMetadata(), level=SignatureLevel.B_B, certify=None
        )
    assert error.value.reason == "nip"


def test_the_first_step_certifies_and_the_others_still_sign(desk: KeptDesk, flows: Flows) -> None:
    flow = create(flows, *IN_ORDER, certify=Certify.FORMS_AND_SIGNATURES)
    for number, (who, _, _) in enumerate(IN_ORDER, start=1):
        sign(flows, flow, number, who)
    at = desk.desk.clock + timedelta(minutes=1)
    pdf = flows.document(state(flows, flow))
    assert b"/DocMDP" in pdf
    report = validate(pdf, load_policy("teken-1"), trust_in(desk.desk.pki, at=at), at)
    assert report.indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize("first", [1, 2])
def test_a_footer_comes_with_whoever_signs_first_and_the_other_signs_below_it(
    desk: KeptDesk, flows: Flows, first: int
) -> None:
    both = ((CREDENTIAL, SIGNATURE, 1), (THIRD, SIGNATURE, 1))
    flow = create(flows, *both, footer="footer")
    for number in (first, 3 - first):
        sign(flows, flow, number, both[number - 1][0])
        pdf = flows.document(state(flows, flow))
        assert {drawn.count(b"/Subtype /Footer") for drawn in page_contents(pdf)} == {1}, "once on every page"
        at = desk.desk.clock + timedelta(minutes=1)
        report = validate(pdf, load_policy("teken-1"), trust_in(desk.desk.pki, at=at), at)
        assert report.indication is Indication.TOTAL_PASSED


def test_a_footer_that_could_not_come_is_refused_at_once(flows: Flows) -> None:
    for asked, footer, reason in (
        (IN_ORDER, "footer", "not-with-initials"),
        (IN_ORDER[2:], "surat", "no-such-template"),
    ):
        with pytest.raises(StampRefused) as error:
            create(flows, *asked, footer=footer)
        assert (error.value.field, error.value.reason) == ("footer", reason)


def test_another_clients_document_is_none(flows: Flows) -> None:
    flow = create(flows, *IN_ORDER)
    assert flows.get(flow.flow.id, client_id="permits") is None
    assert flows.list("permits", after="", limit=10) == ()
    assert [each.flow.id for each in flows.list("e-office", after="", limit=10)] == [flow.flow.id]


def test_the_letter_takes_anothers_place_only_when_its_last_step_is_signed(desk: KeptDesk, flows: Flows) -> None:
    old = desk.sign().record.intent.code.token
    flow = create(flows, *IN_ORDER, letter=LetterMetadata(replaces=old))
    for number, (who, _, _) in enumerate(IN_ORDER, start=1):
        assert desk.letters.standing(old).replaced_by is None
        sign(flows, flow, number, who)
    assert desk.letters.standing(old).replaced_by is not None
