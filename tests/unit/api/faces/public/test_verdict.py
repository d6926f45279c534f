"""One headline for everything that a report can say."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.faces.public.ports import UploadResult
from api.faces.public.privacy import EVERYTHING, disclosure
from api.faces.public.verdict import Verdict, judge
from api.faces.public.wording import REASONS, TITLE_OTHER_ADDITIONS, TITLE_TIMESTAMP_UNCONFIRMED, State, Tone
from signer.model import Secrecy
from tests.unit.api.faces.public.examples import (
    CERTIFICATE,
    COSIGNED,
    COSIGNER,
    FOREIGN,
    PASSED,
    RECORD,
    SAMPLE,
    SETTINGS,
    UNKNOWN_ISSUER,
    UPLOADS,
    VALIDATION_DATA,
    failing,
    record,
    report,
    upload,
)
from verifier.model import ChangeKind, Indication, Modification, Relation, SignatureKind, SignatureReport, SubIndication


def judged(result: UploadResult) -> Verdict:
    return judge(
        result.report,
        relation=result.relation,
        record=result.record,
        shows=disclosure(result.record),
        settings=SETTINGS,
    )


@pytest.mark.parametrize(
    ("example", "state"),
    [
        ("changed", State.CHANGED),
        ("changed-later", State.CHANGED),
        ("borrowed-name", State.NOT_OURS),
        ("sample", State.SAMPLE),
        ("revoked", State.NOT_VALID),
        ("expired", State.NOT_VALID),
        ("unknown-issuer", State.UNCONFIRMED),
        ("issuer-ended", State.UNCONFIRMED),
        ("ended-since", State.GENUINE_ENDED_SINCE),
        ("genuine", State.GENUINE),
        ("certified", State.GENUINE),
        ("additions", State.GENUINE_WITH_ADDITIONS),
        ("no-signature", State.NO_SIGNATURE),
        ("unreadable", State.UNREADABLE),
        ("try-later", State.TRY_LATER),
    ],
)
def test_each_example_has_its_state(example: str, state: State) -> None:
    assert judged(UPLOADS[example]).state is state


@pytest.mark.parametrize("reason", SubIndication)
def test_every_reason_finds_words_and_none_of_them_is_green(reason: SubIndication) -> None:
    verdict = judged(upload(failing(reason)))
    assert not verdict.state.is_good
    assert verdict.sentence.id.endswith(".")
    assert "{" not in verdict.sentence.id + verdict.sentence.en


@pytest.mark.parametrize("reason", [each for each in SubIndication if each.indication is Indication.INDETERMINATE])
def test_doubt_is_never_red(reason: SubIndication) -> None:
    assert judged(upload(failing(reason))).look.tone is Tone.UNSURE


def test_the_worst_of_several_signatures_speaks() -> None:
    assert judged(upload(PASSED, failing(SubIndication.TRY_LATER))).state is State.TRY_LATER
    assert judged(upload(failing(SubIndication.TRY_LATER), UNKNOWN_ISSUER)).state is State.UNCONFIRMED
    assert judged(upload(UNKNOWN_ISSUER, failing(SubIndication.HASH_FAILURE))).state is State.CHANGED


def test_a_change_that_is_not_allowed_is_a_change_even_where_the_signature_passed() -> None:
    forbidden = Modification(revision=2, kind=ChangeKind.OTHER, allowed=False, page=1, detail="content added")
    assert judged(upload(replace(PASSED, modifications=(forbidden,)))).state is State.CHANGED


def test_a_changed_sample_is_called_changed() -> None:
    assert judged(upload(replace(SAMPLE, reason=SubIndication.HASH_FAILURE))).state is State.CHANGED


def test_a_sample_tells_beneath_what_the_check_found() -> None:
    verdict = judged(upload(SAMPLE))
    assert verdict.beneath is not None
    assert verdict.beneath.state is State.GENUINE


def test_a_foreign_letter_is_never_called_not_ours() -> None:
    assert judged(upload(replace(UNKNOWN_ISSUER, signer=FOREIGN))).state is State.UNCONFIRMED


def test_our_issuers_name_on_a_registered_file_is_no_fraud() -> None:
    ours = failing(SubIndication.NO_CERTIFICATE_CHAIN_FOUND, anchor=None)
    assert judged(upload(ours, registered=True)).state is State.UNCONFIRMED


def test_a_passed_signature_without_an_anchor_is_not_shown_as_good() -> None:
    assert judged(upload(replace(PASSED, anchor=None))).state is State.UNCONFIRMED


def test_a_report_that_did_not_pass_as_a_whole_is_not_green() -> None:
    doubtful = report(PASSED, indication=Indication.INDETERMINATE, reason=SubIndication.NO_POE)
    verdict = judge(doubtful, relation=Relation.NOT_REGISTERED, record=None, shows=EVERYTHING, settings=SETTINGS)
    assert verdict.state is State.UNCONFIRMED


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (SubIndication.FORMAT_FAILURE, State.NOT_VALID),
        (SubIndication.HASH_FAILURE, State.CHANGED),
        (SubIndication.TRY_LATER, State.TRY_LATER),
        (SubIndication.UNSUPPORTED, State.UNCONFIRMED),
    ],
)
@pytest.mark.parametrize("signatures", [(), (PASSED,)], ids=["no-signature", "good-signature"])
def test_what_condemns_the_file_as_a_whole_condemns_it(
    reason: SubIndication, state: State, signatures: tuple[SignatureReport, ...]
) -> None:
    verdict = judged(upload(*signatures, indication=reason.indication, reason=reason))
    assert verdict.state is state
    assert REASONS[reason].id.lower() in verdict.sentence.id.lower() or verdict.state is not State.NOT_VALID


def test_an_agencys_seal_names_no_person_and_no_office() -> None:
    sealed = replace(PASSED, signer=replace(CERTIFICATE, subject="Dinas Contoh", organisation="Dinas Contoh"))
    said = "Segel elektronik Dinas Contoh, dan tidak berubah sejak itu."
    assert judged(upload(sealed, registered=True)).sentence.id == said


def test_beside_a_person_a_seal_is_counted_as_nobody() -> None:
    sealed = replace(
        PASSED, field_name="Signature2", signer=replace(CERTIFICATE, subject="Segel Contoh", legal_person=True)
    )
    said = judged(upload(PASSED, sealed)).sentence.id
    assert said.startswith(f"Ditandatangani {CERTIFICATE.subject}")
    assert "Segel" not in said
    assert "penanda tangan" not in said


def test_validation_data_alone_is_no_addition_that_a_reader_sees() -> None:
    assert judged(upload(replace(PASSED, modifications=(VALIDATION_DATA,)))).state is State.GENUINE


def test_a_tail_that_nobody_explained_counts_as_an_addition() -> None:
    assert (
        judged(upload(replace(PASSED, modifications=(), covers_whole_file=False))).state is State.GENUINE_WITH_ADDITIONS
    )


def test_additions_that_are_no_signatures_are_not_called_signatures() -> None:
    filled = Modification(revision=2, kind=ChangeKind.FORM_FILLING, allowed=True, page=1, detail="field filled")
    assert judged(upload(replace(PASSED, modifications=(filled,)))).title == TITLE_OTHER_ADDITIONS


def test_a_file_with_only_a_timestamp_is_signed_by_nobody() -> None:
    stamp = replace(PASSED, kind=SignatureKind.DOCUMENT_TIMESTAMP)
    assert judged(upload(stamp)).state is State.NO_SIGNATURE


def test_a_doubtful_document_timestamp_is_named_as_such() -> None:
    stamp = failing(SubIndication.NO_CERTIFICATE_CHAIN_FOUND, kind=SignatureKind.DOCUMENT_TIMESTAMP, anchor=None)
    assert judged(upload(PASSED, stamp)).title == TITLE_TIMESTAMP_UNCONFIRMED


def test_the_sentence_names_signer_and_office() -> None:
    assert "Ni Luh Contoh Lestari, S.Kom., Kepala Dinas Contoh, Dinas Contoh" in judged(UPLOADS["genuine"]).sentence.id


def test_the_office_of_the_record_is_not_lent_to_another_signer() -> None:
    other = replace(PASSED, signer=replace(CERTIFICATE, serial="beef"))
    assert "Kepala Dinas" not in judged(upload(other, registered=True)).sentence.id


def test_several_signers_are_counted() -> None:
    many = (replace(COSIGNED, modifications=(VALIDATION_DATA,)), COSIGNER)
    assert "2 penanda tangan" in judged(upload(*many, registered=True)).sentence.id


def test_a_secret_letter_names_the_agency_and_nobody() -> None:
    secret = record(Secrecy.RAHASIA)
    verdict = judge(
        report(PASSED), relation=Relation.SAME_BYTES, record=secret, shows=disclosure(secret), settings=SETTINGS
    )
    assert verdict.sentence.id == "Ditandatangani Dinas Contoh dan tidak berubah sejak itu."


signatures = st.builds(
    replace,
    st.sampled_from([PASSED, SAMPLE, COSIGNED, COSIGNER, UNKNOWN_ISSUER, failing(SubIndication.TRY_LATER)]),
    intact=st.booleans(),
    covers_whole_file=st.booleans(),
    anchor=st.sampled_from([None, "Akar Contoh", "Akar Uji Coba"]),
    indication=st.sampled_from([Indication.TOTAL_PASSED, Indication.TOTAL_FAILED, Indication.INDETERMINATE]),
)


@given(st.lists(signatures, min_size=1, max_size=4), st.sampled_from(Indication), st.sampled_from(Relation))
def test_green_is_earned_by_every_signature(some: list[SignatureReport], whole: Indication, relation: Relation) -> None:
    verdict = judge(
        report(*some, indication=whole), relation=relation, record=RECORD, shows=EVERYTHING, settings=SETTINGS
    )
    if verdict.found.is_good:
        assert whole is Indication.TOTAL_PASSED
        assert all(each.passed and each.intact and each.anchor for each in some)
