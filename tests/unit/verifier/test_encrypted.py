"""Encrypted letters are judged like any other when their password comes along; a wrong one gets a clear answer."""

from datetime import timedelta

import pytest

from tests.support.pki import Pki
from tests.vectors.encrypted import REVISIONS, encrypted_letter, guarded_letter, sign_encrypted
from tests.vectors.letters import pages
from verifier.limits import Limits
from verifier.model import Indication, SubIndication, TrustSnapshot
from verifier.policy import ValidationPolicy
from verifier.validation import validate
from verifier.wire import dump
from verifier.worker import WorkerPool

HOUR = timedelta(hours=1)
PASSWORD = "kata sandi berkas"


def letter(pki: Pki, revision: int, user: str = PASSWORD) -> bytes:
    closed = encrypted_letter(pages("Surat rahasia"), revision, user=user)
    return sign_encrypted(closed, pki.official, password=user, claimed=pki.at)


@pytest.mark.parametrize("revision", REVISIONS.values(), ids=list(REVISIONS))
def test_the_password_opens_the_letter_and_it_is_judged(
    revision: int, pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    pdf, at = letter(pki, revision), pki.at + HOUR
    for password in (PASSWORD, "pemilik"):
        report = validate(pdf, policy, trust, at, password=password)
        assert (report.indication, report.reason) == (Indication.TOTAL_PASSED, None)
    asked = validate(pdf, policy, trust, at)
    assert (asked.indication, asked.reason) == (Indication.UNREADABLE, SubIndication.PASSWORD_NEEDED)
    wrong = validate(pdf, policy, trust, at, password="bukan ini")
    assert (wrong.indication, wrong.reason) == (Indication.UNREADABLE, SubIndication.PASSWORD_WRONG)
    changed = bytearray(pdf)
    changed[pdf.index(b"/Producer") if b"/Producer" in pdf else pdf.index(b"stream") + 20] ^= 1
    assert validate(bytes(changed), policy, trust, at, password=PASSWORD).indication is not Indication.TOTAL_PASSED


def test_what_everybody_may_open_needs_no_password(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot) -> None:
    for password in ("", "needless"):
        report = validate(letter(pki, 6, user=""), policy, trust, pki.at + HOUR, password=password)
        assert report.indication is Indication.TOTAL_PASSED


def test_a_worker_forgets_the_password_with_its_document(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    pdf, at = letter(pki, 6), pki.at + HOUR
    with WorkerPool(1, Limits()) as pool:
        opened = pool.validate(pdf, policy, trust, at, password=PASSWORD)
        closed = pool.validate(pdf, policy, trust, at)
    assert opened.indication is Indication.TOTAL_PASSED
    assert closed.reason is SubIndication.PASSWORD_NEEDED
    assert PASSWORD.encode() not in dump(opened) + dump(closed)


@pytest.mark.parametrize("password", ["x" * 10_000, "\x00", "\ud7ff", "🙂" * 40])
def test_an_odd_password_is_merely_wrong(
    password: str, pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    report = validate(letter(pki, 6), policy, trust, pki.at + HOUR, password=password)
    assert report.indication is Indication.UNREADABLE
    assert report.reason in (SubIndication.PASSWORD_WRONG, SubIndication.UNSUPPORTED)


def test_an_integrity_code_is_no_signature_that_was_removed(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    guarded = guarded_letter(pages("Surat rahasia"), user=PASSWORD)
    assert b"/AuthCode" in guarded
    report = validate(guarded, policy, trust, pki.at + HOUR, password=PASSWORD)
    assert report.indication is Indication.NO_SIGNATURE
    left_over = guarded.replace(b"%%EOF", b"%<</Type/Sig/ByteRange [0 1 2 3]>>\n%%EOF")
    assert validate(left_over, policy, trust, pki.at + HOUR, password=PASSWORD).indication is not report.indication
