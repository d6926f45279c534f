"""A letter that is withdrawn, replaced or over is never green, and says so in the right words."""

from dataclasses import replace
from datetime import date

import pytest

from api.faces.public.facts import Fact, four_facts
from api.faces.public.privacy import disclosure
from api.faces.public.standing import related
from api.faces.public.verdict import Verdict, judge
from api.faces.public.view import view_of_code, view_of_upload
from api.faces.public.wording import State, Tone
from signer.after import NOTHING_KNOWN, Standing
from signer.model import Secrecy, SignatureRecord
from tests.unit.api.faces.public.examples import (
    OVER,
    PASSED,
    RECORD,
    REPLACED,
    SETTINGS,
    STOPPED,
    TWO_OF_THREE,
    WITHDRAWN,
    failing,
    kept,
    record,
    report,
    upload,
)
from verifier.model import Relation, SignatureReport, SubIndication

HOLDS = Standing(valid_until=date(2026, 11, 21))


def verdict(standing: Standing, signature: SignatureReport = PASSED) -> Verdict:
    return judge(
        report(signature),
        relation=Relation.SAME_BYTES,
        record=RECORD,
        shows=disclosure(RECORD),
        settings=SETTINGS,
        standing=standing,
    )


def fact(standing: Standing) -> Fact:
    return four_facts(report(PASSED), record=RECORD, shows=disclosure(RECORD), settings=SETTINGS, standing=standing)[3]


@pytest.mark.parametrize(
    ("standing", "state", "sentence"),
    [
        (
            WITHDRAWN,
            State.WITHDRAWN,
            "Tanda tangan valid, tetapi dokumen ini sudah DICABUT pada 21 November 2026.",
        ),
        (REPLACED, State.REPLACED, "Asli, tetapi sudah DIGANTI dengan B.00/2 sejak 20 November 2026."),
        (OVER, State.EXPIRED, "Tanda tangan valid, tetapi dokumen ini hanya berlaku sampai 20 November 2026."),
        (TWO_OF_THREE, State.BEING_SIGNED, "2 dari 3 penanda tangan."),
        (STOPPED, State.STOPPED, "1 dari 3 penanda tangan."),
    ],
)
def test_a_good_signature_does_not_make_it_green(standing: Standing, state: State, sentence: str) -> None:
    said = verdict(standing)
    assert said.state is state
    assert not said.state.is_good
    assert said.look.tone is not Tone.GOOD
    assert said.sentence.id == sentence


def test_a_letter_that_holds_stays_green() -> None:
    assert verdict(HOLDS).state is State.GENUINE
    assert verdict(NOTHING_KNOWN).state is State.GENUINE


def test_doubt_about_the_signer_does_not_hide_a_withdrawal() -> None:
    said = verdict(WITHDRAWN, failing(SubIndication.TRY_LATER))
    assert said.state is State.WITHDRAWN
    assert said.sentence.id == "Dokumen ini sudah DICABUT pada 21 November 2026."


@pytest.mark.parametrize("reason", [SubIndication.HASH_FAILURE, SubIndication.REVOKED])
def test_what_is_worse_than_a_withdrawal_still_speaks_first(reason: SubIndication) -> None:
    signature = failing(reason, intact=reason is not SubIndication.HASH_FAILURE)
    assert verdict(WITHDRAWN, signature).state in (State.CHANGED, State.NOT_VALID)


def test_the_fourth_fact_tells_all_that_is_known() -> None:
    assert [each.id for each in fact(NOTHING_KNOWN).answers] == ["Tidak ada catatan pencabutan."]
    assert fact(NOTHING_KNOWN).tone is Tone.GOOD
    both = replace(WITHDRAWN, replaced_by=REPLACED.replaced_by, valid_until=OVER.valid_until)
    assert [each.id for each in fact(both).answers] == [
        "Dicabut pada 21 November 2026.",
        "Diganti dengan B.00/2 sejak 20 November 2026.",
        "Berlaku sampai 20 November 2026.",
    ]
    assert fact(both).tone is Tone.WARNING
    assert fact(OVER).tone is Tone.UNSURE
    assert [each.id for each in fact(TWO_OF_THREE).answers] == [
        "2 dari 3 penanda tangan.",
        "Tidak ada catatan pencabutan.",
    ]
    assert fact(TWO_OF_THREE).tone is Tone.NOTE


@pytest.mark.parametrize("secrecy", [Secrecy.TERBATAS, Secrecy.RAHASIA, Secrecy.SANGAT_RAHASIA])
def test_the_other_letter_is_named_only_as_its_own_secrecy_permits(secrecy: Secrecy) -> None:
    other = record(secrecy, number="B.00/RAHASIA")
    said = verdict(Standing(replaced_by=other))
    assert said.sentence.id == "Asli, tetapi sudah DIGANTI dengan dokumen lain sejak 20 November 2026."
    assert related(Standing(replaced_by=other, replaces=other)) == ()


def test_both_ends_of_the_chain_are_linked() -> None:
    ends = related(Standing(replaced_by=record(number="B.00/2"), replaces=record(number=None)))
    assert [(each.label.id, each.name) for each in ends] == [
        ("Diganti dengan", "B.00/2"),
        ("Menggantikan", RECORD.intent.code.short),
    ]


def test_a_replaced_letter_opens_the_one_that_took_its_place_unless_one_of_them_is_secret() -> None:
    def opened(of: SignatureRecord, by: SignatureRecord) -> str | None:
        view = view_of_code(replace(kept(of=of), standing=Standing(replaced_by=by)), SETTINGS)
        return view.opens_instead.name if view.opens_instead else None

    newer = record(number="B.00/2")
    assert opened(RECORD, newer) == "B.00/2"
    assert opened(RECORD, record(Secrecy.TERBATAS, number="B.00/2")) is None
    assert opened(record(Secrecy.SANGAT_RAHASIA), newer) is None
    assert view_of_code(replace(kept(), standing=replace(WITHDRAWN, replaced_by=newer)), SETTINGS).opens_instead is None


def test_no_page_says_why_it_was_withdrawn() -> None:
    for view in (
        view_of_code(replace(kept(), standing=WITHDRAWN), SETTINGS),
        view_of_upload(replace(upload(PASSED, registered=True), standing=WITHDRAWN), SETTINGS),
    ):
        assert "Putusan" not in repr(view)
        assert view.verdict.state is State.WITHDRAWN
        assert view.next_step is not None


def test_a_top_secret_letter_says_that_it_is_withdrawn_and_names_nothing() -> None:
    secret = replace(
        kept(of=record(Secrecy.SANGAT_RAHASIA)), standing=replace(WITHDRAWN, replaced_by=record(number="B.00/2"))
    )
    view = view_of_code(secret, SETTINGS)
    assert view.verdict.state is State.WITHDRAWN
    assert (view.related, view.facts, view.letter) == ((), (), ())


@pytest.mark.parametrize("standing", [TWO_OF_THREE, STOPPED])
def test_a_top_secret_letter_does_not_say_who_is_still_to_sign(standing: Standing) -> None:
    view = view_of_code(replace(kept(of=record(Secrecy.SANGAT_RAHASIA)), standing=standing), SETTINGS)
    assert view.verdict.state is State.ON_RECORD
    assert "penanda tangan" not in repr(view)


def test_a_letter_that_waits_for_signatures_is_still_told_changed_or_withdrawn_first() -> None:
    waiting = replace(WITHDRAWN, unfinished=TWO_OF_THREE.unfinished)
    assert verdict(waiting).state is State.WITHDRAWN
    assert verdict(TWO_OF_THREE, failing(SubIndication.HASH_FAILURE, intact=False)).state is State.CHANGED
    assert verdict(TWO_OF_THREE, failing(SubIndication.TRY_LATER)).state is State.TRY_LATER


def test_an_earlier_code_of_the_letter_leads_to_its_newest_file() -> None:
    [newest] = related(Standing(newest=record(number="B.00/3")))
    assert (newest.label.id, newest.name, newest.code) == ("Berkas terbaru", "B.00/3", RECORD.intent.code.token)
    assert related(Standing(newest=record(Secrecy.TERBATAS))) == ()


def test_initials_are_never_called_a_signature() -> None:
    initialled = Standing(initials=frozenset({PASSED.field_name}))
    assert verdict(initialled).sentence.id.startswith("Diparaf ")
    who = four_facts(report(PASSED), record=RECORD, shows=disclosure(RECORD), settings=SETTINGS, standing=initialled)[1]
    assert who.answers[0].id.startswith("Diparaf (bukan tanda tangan) oleh ")
    second = replace(PASSED, field_name="Signature2")
    both = judge(
        report(PASSED, second),
        relation=Relation.SAME_BYTES,
        record=RECORD,
        shows=disclosure(RECORD),
        settings=SETTINGS,
        standing=initialled,
    )
    assert both.sentence.id.startswith("Ditandatangani ")
    assert "2 penanda tangan" not in both.sentence.id
