"""Which bytes were signed: the file up to the end of a signature's revision."""

from datetime import timedelta

from tests.support.pki import Pki
from tests.vectors.attacks import ATTACKS
from tests.vectors.letters import pages, sign, timestamp_document
from verifier.model import Indication, TrustSnapshot
from verifier.policy import ValidationPolicy
from verifier.signed_revision import signed_revisions
from verifier.validation import validate

HOUR = timedelta(hours=1)


def test_each_signature_has_its_bytes_and_they_pass_alone(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    once = sign(pages("Surat"), pki.official, claimed=pki.at)
    twice = sign(once, pki.official, field="Signature2", claimed=pki.at)
    whole = timestamp_document(twice, pki, pki.at)
    revisions = signed_revisions(validate(whole, policy, trust, pki.at + HOUR))
    assert [whole[: each.end] for each in revisions] == [once, twice]
    assert [each.changed for each in revisions] == [True, False], "a timestamp shows nothing"
    for each in revisions:
        assert validate(whole[: each.end], policy, trust, pki.at + HOUR).indication is Indication.TOTAL_PASSED


def test_a_file_that_ends_with_its_signature_has_none(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_b: bytes
) -> None:
    assert signed_revisions(validate(letter_b_b, policy, trust, pki.at + HOUR)) == ()


def test_what_is_not_intact_has_none_and_every_other_is_a_real_prefix(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    for attack in ATTACKS:
        pdf = attack(pki)
        report = validate(pdf.pdf if hasattr(pdf, "pdf") else pdf, policy, trust, pki.at + HOUR)
        intact = {each.revision for each in report.signatures if each.intact}
        for each in signed_revisions(report):
            assert each.number in intact
            assert 0 < each.end < report.document_size
