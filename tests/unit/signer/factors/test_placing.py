"""A signatory puts the stamp elsewhere: what is consented to changes with it, and what was approved before is void."""

from dataclasses import replace
from pathlib import Path

import pytest

from signer.activation import ActivationState, DocumentWish, transaction_digest
from signer.activation_requests import Asked
from signer.errors import ActivationRefused, DocumentRefused, StampRefused
from signer.model import LetterMetadata, SignatureLevel, SigningAct, StampPlacement
from signer.placing import SeenPlace
from signer.waiting import WaitingKey, WaitingKind
from store.audit import Act, AuditTrail
from store.database import Database
from store.stamp_places import MOST, SqlStampPlaces
from tests.support.consent import CLIENT, ConsentHouse, consent_house, pdf
from tests.support.office import PASSPHRASE
from tests.support.pki import make_pki
from tests.support.tagged_letters import widgets, with_field, with_text

SESSION = "s" * 64
SEEN = DocumentWish(
    level=SignatureLevel.B_B, stamp=StampPlacement(), letter=LetterMetadata(kind="Surat  Dinas", subject="Contoh")
)
HERE = StampPlacement(page=1, x=100.0, y=300.0, width=210.0, height=72.0)


@pytest.fixture
def house(tmp_path: Path, database: Database) -> ConsentHouse:
    return consent_house(tmp_path, database, make_pki())


def put(house: ConsentHouse, asked: Asked, wanted: StampPlacement | None, **more: object) -> None:
    by = {"session": SESSION, "signatory_id": house.who} | more
    house.parts.placing.place(asked.link, 1, wanted, **by)  # type: ignore[arg-type] - of the right types


def refusal(house: ConsentHouse, asked: Asked, wanted: StampPlacement) -> str:
    before = transaction_digest(house.opened(asked))
    with pytest.raises((StampRefused, ActivationRefused, DocumentRefused)) as refused:
        put(house, asked, wanted)
    assert transaction_digest(house.opened(asked)) == before
    return refused.value.reason


def seen(house: ConsentHouse, asked: Asked, page: int | None = None) -> SeenPlace:
    found = house.parts.placing.look(house.opened(asked), 1, page=page)
    assert found is not None
    return found


def stamped(house: ConsentHouse, asked: Asked) -> tuple[float, ...]:
    """The rectangle of the signature in what was signed."""
    (listed,) = house.asking.read(CLIENT, asked.request.id).documents
    record = house.log.find(listed.code or "")
    assert record is not None
    assert record.outcome is not None
    content = house.vault.get(record.outcome.document_sha256 or "")
    assert content is not None
    return widgets(content, page=0)[-1]


def test_a_moved_stamp_is_what_is_signed_and_an_older_consent_is_refused(house: ConsentHouse) -> None:
    asked = house.asked(pdf(1, pages=2), wish=SEEN)
    shown = house.opened(asked)
    assert (seen(house, asked).stamp_page, seen(house, asked).stamp) == (2, pytest.approx((357, 28, 567, 100), abs=1))
    put(house, asked, HERE)
    with pytest.raises(ActivationRefused) as refused:
        house.approve(asked, house.totp(), shown=shown)
    assert refused.value.reason == "changed"
    moved = house.opened(asked)
    assert transaction_digest(moved) != transaction_digest(shown)
    assert (seen(house, asked).stamp_page, seen(house, asked).stamp) == (1, pytest.approx((100, 300, 310, 372)))
    assert house.approve(asked, house.passkey(moved)).state is ActivationState.GRANTED
    assert stamped(house, asked) == pytest.approx((100, 300, 310, 372), abs=0.02)
    entry = AuditTrail(house.database).newest(Act.ACTIVATION_PLACE)
    assert entry is not None
    assert "[1,10000,30000,21000,7200]" in entry.details


def test_back_where_the_application_asked_it_is_the_first_transaction_again(house: ConsentHouse) -> None:
    asked = house.asked(wish=SEEN)
    first = transaction_digest(house.opened(asked))
    put(house, asked, HERE)
    put(house, asked, None)
    assert transaction_digest(house.opened(asked)) == first
    assert house.opened(asked).changes == 2


def test_it_goes_over_a_text_and_is_kept_as_numbers(house: ConsentHouse) -> None:
    letter = with_text(b"1 0 0 1 300 400 Tm (#ttd) Tj")
    asked = house.asked(letter, wish=SEEN)
    assert refusal(house, asked, StampPlacement(tag="#paraf")) == "tag-not-found"
    put(house, asked, StampPlacement(tag="#ttd"))
    placed = house.opened(asked).documents[0].placed
    assert placed is not None
    assert (placed.tag, placed.page, placed.x, placed.y) == (None, 1, 195.0, 364.0)


def test_it_stays_on_the_page_clear_of_fields_and_readable(house: ConsentHouse) -> None:
    asked = house.asked(with_field(), wish=SEEN)
    house.opened(asked)
    left, bottom, right, top = seen(house, asked, page=2).others[0]
    over = replace(HERE, page=2, x=(left + right) / 2 - 50, y=(bottom + top) / 2 - 20)
    assert refusal(house, asked, over) == "covers"
    assert refusal(house, asked, replace(HERE, x=500.0)) == "outside-page"
    assert refusal(house, asked, replace(HERE, page=9)) == "no-such-page"
    assert refusal(house, asked, replace(HERE, width=20.0, height=7.0)) == "too-small"
    assert refusal(house, asked, StampPlacement(box="kiri")) == "no-such-box"


def test_a_footer_that_comes_with_the_signature_stays_clear_and_the_stamp_is_seen_above_it(house: ConsentHouse) -> None:
    asked = house.asked(wish=replace(SEEN, footer="footer"))
    house.opened(asked)
    shown = seen(house, asked)
    (footer,) = shown.others
    assert shown.stamp[1] > footer[3], "where it would go by itself"
    assert refusal(house, asked, replace(HERE, y=footer[3] - 1)) == "covers"
    beside = replace(HERE, y=footer[3] + 1)
    put(house, asked, beside)
    house.approve(asked, house.totp())
    assert stamped(house, asked)[1] == pytest.approx(footer[3] + 1, abs=0.02)


def test_where_the_stamp_is_seen_beside_a_coming_footer_is_where_it_goes(house: ConsentHouse) -> None:
    asked = house.asked(wish=replace(SEEN, footer="footer"))
    house.opened(asked)
    shown = seen(house, asked).stamp
    house.approve(asked, house.totp())
    assert stamped(house, asked) == pytest.approx(shown, abs=0.02)


@pytest.mark.parametrize("stamp", [None, StampPlacement(field_name="Kolom 1")])
def test_what_the_application_fixed_stays_there(house: ConsentHouse, stamp: StampPlacement | None) -> None:
    asked = house.asked(with_field(), wish=replace(SEEN, stamp=stamp))
    request = house.opened(asked)
    assert house.parts.placing.look(request, 1) is None
    assert refusal(house, asked, HERE) == "fixed"


def test_only_its_own_person_in_its_own_browser_moves_it_while_it_waits(house: ConsentHouse) -> None:
    asked = house.asked(wish=SEEN)
    request = house.opened(asked)
    for by, reason in (({"signatory_id": "9" * 32}, "unknown"), ({"session": "t" * 64}, "other-session")):
        with pytest.raises(ActivationRefused) as refused:
            put(house, asked, HERE, **by)
        assert refused.value.reason == reason
    at = house.office.at
    assert not house.requests.place(request, 1, HERE, session="t" * 64, at=at)
    assert house.requests.place(request, 1, HERE, session=SESSION, at=at)
    assert not house.requests.place(request, 1, None, session=SESSION, at=at)  # it was changed since
    assert [each.outcome for each in AuditTrail(house.database).read(act=Act.ACTIVATION_PLACE, limit=9)] == [
        "refused",
        "done",
        "refused",
    ]
    house.approve(asked, house.totp())
    with pytest.raises(ActivationRefused):
        put(house, asked, None)


def test_the_stamp_of_a_step_is_moved_for_its_official_alone(house: ConsentHouse) -> None:
    other = house.office.enrolled()
    acts = (house.credential, SigningAct.INITIALS), (other, SigningAct.SIGNATURE)
    flow = house.flow(*acts, stamp=StampPlacement())
    asked = house.parts.step_consents.ask(CLIENT, flow.flow.id, 1)
    house.opened(asked)
    put(house, asked, StampPlacement(page=1, x=50.0, y=60.0))
    rectangle = seen(house, asked).stamp
    house.approve(asked, house.totp())
    assert stamped(house, asked) == pytest.approx(rectangle, abs=0.02)
    assert house.standing(flow).flow.steps == flow.flow.steps  # what was asked for stays as it was


def test_what_a_round_approved_is_not_signed_elsewhere(house: ConsentHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = house.asked(wish=SEEN)
    rounds = house.parts.rounds
    begun = rounds.begin(house.who, [WaitingKey(kind=WaitingKind.REQUEST, id=asked.request.id).text], session=SESSION)
    later = []
    monkeypatch.setattr(rounds, "_beside", later.append)
    checked = rounds.check(begun)
    rounds.approve(begun, PASSPHRASE, house.totp(), shown=checked.digest.hex(), session=SESSION)
    house.opened(asked)
    put(house, asked, HERE)
    later[0]()
    assert house.asking.read(CLIENT, asked.request.id).state is ActivationState.PENDING
    (member,) = (rounds.find(begun.id, signatory_id=house.who) or begun).members
    assert member.refused == "changed"


def test_a_place_is_kept_for_the_kind_and_used_again(house: ConsentHouse) -> None:
    asked = house.asked(pdf(1, pages=2), wish=SEEN)
    house.opened(asked)
    put(house, asked, StampPlacement(page=2, x=123.45, y=123.45, width=210.04, height=72.01), keep=True)
    put(house, asked, replace(HERE, page=2, x=120.0), keep=True)
    again = house.asked(pdf(2, pages=3), wish=replace(SEEN, letter=LetterMetadata(kind="surat dinas")))
    own = house.parts.placing.own(house.opened(again), 1)
    assert own is not None
    assert (own.page, own.x) == (-1, 120.0)
    put(house, again, own)
    assert seen(house, again).stamp_page == 3
    other = house.asked(pdf(3), wish=replace(SEEN, letter=LetterMetadata(kind="Surat Tugas")))
    assert house.parts.placing.own(house.opened(other), 1) is None


def test_so_many_places_are_kept_and_no_more(house: ConsentHouse) -> None:
    places, at = SqlStampPlaces(house.database), house.office.at
    kept = [places.keep(house.who, SigningAct.SIGNATURE, f"jenis {number}", HERE, at=at) for number in range(MOST + 1)]
    assert kept == [True] * MOST + [False]
    assert places.keep(house.who, SigningAct.SIGNATURE, "JENIS 1", replace(HERE, x=5.0), at=at)
    changed = places.of(house.who, SigningAct.SIGNATURE, "jenis 1")
    assert changed is not None
    assert changed.x == 5.0
    assert places.of(house.who, SigningAct.INITIALS, "jenis 1") is None
