"""What somebody does to a signed letter afterwards is found, whichever way the letter is written; honest acts pass."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pyhanko.sign.fields import MDPPerm

from tests.support.pki import Pki, make_pki
from tests.vectors.ambiguous import STREAMS, TABLES
from tests.vectors.edits import Edit, Later, change, several
from tests.vectors.furnished import WRITINGS, Letter, Writing, letter, signed, stream, text_appearance
from tests.vectors.later import ALL
from tests.vectors.letters import add_validation_data, sign, timestamp_document, trust_in
from verifier.model import ChangeKind, Indication, Modification, SubIndication, ValidationReport
from verifier.policy import load_policy
from verifier.validation import validate

POLICY = load_policy("teken-1")
VANISHED = {"form removed", "signature taken out", "signature field taken out"}
"""Attacks after which nobody sees a signature field any more."""
SHARED = {"SSA: the value of another field"}
"""Attacks that break the container already."""


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


def judged(pki: Pki, pdf: bytes) -> ValidationReport:
    return validate(pdf, POLICY, trust_in(pki), pki.at + timedelta(minutes=1))


def forbidden(report: ValidationReport) -> list[Modification]:
    return [change for change in report.signatures[0].modifications if not change.allowed]


def edited(letter: Letter, does: Callable[[Edit], None]) -> bytes:
    edit = Edit(letter)
    does(edit)
    return edit.finished()


@pytest.mark.parametrize("writing", WRITINGS, ids=lambda each: each.name)
@pytest.mark.parametrize("attack", ALL, ids=lambda each: each.name)
def test_an_attack_is_a_change_of_the_document(attack: Later, writing: Writing, pki: Pki) -> None:
    before = signed(pki, letter(writing, attack.planted), certify=attack.certify, box=True)
    report = judged(pki, edited(before, attack.does))
    assert report.indication is Indication.TOTAL_FAILED
    if attack.name in SHARED:
        assert report.reason is SubIndication.FORMAT_FAILURE
        return
    assert report.reason is SubIndication.DOCUMENT_CHANGED
    if attack.name in VANISHED:
        assert report.signatures == ()
        return
    assert report.signatures[0].intact, "what was signed is still there"
    found = forbidden(report)
    assert attack.page is None or attack.page in [each.page for each in found]
    assert any(attack.why in each.detail for each in found)


@pytest.mark.parametrize("writing", [each for each in WRITINGS if not each.streams], ids=lambda each: each.name)
@pytest.mark.parametrize("attack", TABLES, ids=lambda each: each.__name__)
def test_a_revision_that_readers_take_differently_fails(
    attack: Callable[[Letter], bytes], writing: Writing, pki: Pki
) -> None:
    report = judged(pki, attack(signed(pki, letter(writing), box=True)))
    assert report.reason is SubIndication.DOCUMENT_CHANGED
    assert report.signatures[0].intact
    assert forbidden(report)


@pytest.mark.parametrize("writing", [each for each in WRITINGS if each.streams], ids=lambda each: each.name)
@pytest.mark.parametrize("attack", STREAMS, ids=lambda each: each.__name__)
def test_a_game_with_object_streams_fails(attack: Callable[[Letter], bytes], writing: Writing, pki: Pki) -> None:
    report = judged(pki, attack(signed(pki, letter(writing), box=True)))
    assert report.indication not in (Indication.TOTAL_PASSED, Indication.NO_SIGNATURE)
    assert not report.passed_fields


def second_signature(pki: Pki, pdf: bytes) -> bytes:
    return sign(pdf, pki.official, field="Signature2", claimed=pki.at, box=(260, 60, 400, 120))


def timestamp(pki: Pki, pdf: bytes) -> bytes:
    return timestamp_document(pdf, pki, pki.at)


def evidence(pki: Pki, pdf: bytes) -> bytes:
    return add_validation_data(pdf, [pki.issuing.certificate], [pki.crl(pki.root)], [])


HONEST = {
    second_signature: (ChangeKind.SIGNATURE, 1, "Signature2"),
    timestamp: (ChangeKind.DOCUMENT_TIMESTAMP, 1, "Timestamp1"),
    evidence: (ChangeKind.VALIDATION_DATA, None, None),
}


@pytest.mark.parametrize("writing", WRITINGS, ids=lambda each: each.name)
@pytest.mark.parametrize("act", HONEST, ids=lambda each: each.__name__)
def test_an_honest_act_passes_and_is_told(act: Callable[[Pki, bytes], bytes], writing: Writing, pki: Pki) -> None:
    report = judged(pki, act(pki, signed(pki, letter(writing), box=True).pdf))
    assert report.signatures[0].passed
    assert HONEST[act] in [(each.kind, each.page, each.field) for each in report.signatures[0].modifications]


@pytest.mark.parametrize("trusted", [True, False], ids=["by one of ours", "by a stranger"])
def test_a_stamp_on_a_certified_letter_stays_only_if_it_passes(trusted: bool, pki: Pki) -> None:
    """SSA: the stamp of a signature that nobody would believe covers the page."""
    before = signed(pki, letter(WRITINGS[0]), certify=MDPPerm.FILL_FORMS, box=True)
    holder = pki.official if trusted else make_pki(pki.at, label="X").official
    report = judged(pki, sign(before.pdf, holder, field="Cap", claimed=pki.at, box=(60, 700, 300, 760)))
    assert report.signatures[0].intact
    assert report.signatures[0].passed is trusted
    assert bool(forbidden(report)) is not trusted
    if not trusted:
        assert report.reason is SubIndication.DOCUMENT_CHANGED


APART = {
    "annotations": b"[@link @amount @agreed]",
    "fields": b"[@amount @agreed]",
    "form": b"<< /Fields @fields /DR << /Font << /Helv @font >> >> >>",
    "page1": b"<< /Type /Page /Parent @pages /Contents @content1 /Annots @annotations /Resources << >> >>",
}
"""Arrays that are objects of their own, so that nobody overwrites the page."""


@pytest.mark.parametrize("act", HONEST, ids=lambda each: each.__name__)
def test_arrays_may_be_objects_of_their_own(act: Callable[[Pki, bytes], bytes], pki: Pki) -> None:
    before = signed(pki, letter(WRITINGS[0], APART), box=True)
    report = judged(pki, act(pki, before.pdf))
    assert report.signatures[0].passed
    assert HONEST[act] in [(each.kind, each.page, each.field) for each in report.signatures[0].modifications]


@pytest.mark.parametrize(("name", "kind"), [("annotations", ChangeKind.ANNOTATION), ("fields", ChangeKind.OTHER)])
def test_nothing_else_is_put_into_such_an_array(name: str, kind: ChangeKind, pki: Pki) -> None:
    before = signed(pki, letter(WRITINGS[0], APART), box=True)
    array = (
        b"[@link @amount @agreed @signature @note]" if name == "annotations" else b"[@amount @agreed @signature @note]"
    )

    def act(edit: Edit) -> None:
        edit.put("note", b"<< /Type /Annot /Subtype /Square /Rect [60 700 300 760] /T (note) >>")
        edit.put(name, array)

    found = forbidden(judged(pki, edited(before, act)))
    assert kind in [each.kind for each in found]


FILLED = {
    "amount": several(
        change("amount", "/V", b"(Rp 2.000)"),
        change("amount", "/AP", b"<< /N @new >>", new=text_appearance("Rp 2.000")),
    ),
    "agreed": several(change("agreed", "/V", b"/Yes"), change("agreed", "/AS", b"/Yes")),
}


@pytest.mark.parametrize("writing", WRITINGS, ids=lambda each: each.name)
@pytest.mark.parametrize("name", FILLED)
def test_a_field_may_be_filled_in_where_the_certification_invites_to_it(name: str, writing: Writing, pki: Pki) -> None:
    invited, closed = (signed(pki, letter(writing), certify=each) for each in (MDPPerm.FILL_FORMS, MDPPerm.NO_CHANGES))
    report = judged(pki, edited(invited, FILLED[name]))
    assert report.indication is Indication.TOTAL_PASSED
    (filled,) = report.signatures[0].modifications
    assert (filled.kind, filled.page, filled.field) == (ChangeKind.FORM_FILLING, 1, name)
    assert forbidden(judged(pki, edited(closed, FILLED[name])))
    assert forbidden(judged(pki, edited(signed(pki, letter(writing)), FILLED[name])))


@pytest.mark.parametrize("writing", WRITINGS, ids=lambda each: each.name)
def test_what_nobody_refers_to_changes_nothing(writing: Writing, pki: Pki) -> None:
    before = signed(pki, letter(writing, {"forgotten": b"<< /Note (1) >>"}))

    def act(edit: Edit) -> None:
        edit.put("orphan", stream(b"", b"nobody draws this"))
        edit.put("forgotten", b"<< /Note (2) >>")

    report = judged(pki, edited(before, act))
    assert report.indication is Indication.TOTAL_PASSED
    assert [each.kind for each in report.signatures[0].modifications] == [ChangeKind.VALIDATION_DATA]
