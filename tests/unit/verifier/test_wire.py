"""What crosses the pipe comes back equal, and nothing else comes in."""

import json
from datetime import timedelta

import pytest

from tests.support.pki import Pki
from verifier.limits import Limits
from verifier.model import TrustSnapshot, ValidationReport
from verifier.policy import ValidationPolicy
from verifier.validation import validate
from verifier.wire import dump, load


@pytest.fixture
def report(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_t: bytes) -> ValidationReport:
    return validate(letter_b_t, policy, trust, pki.at + timedelta(minutes=1))


def test_reports_policies_snapshots_and_limits_come_back_equal(
    report: ValidationReport, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    assert load(ValidationReport, dump(report)) == report
    assert load(ValidationPolicy, dump(policy)) == policy
    assert load(TrustSnapshot, dump(trust)) == trust
    assert load(TrustSnapshot, dump(trust)).fingerprint == trust.fingerprint
    assert load(Limits, dump(Limits())) == Limits()


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"indication": "PASSED"},
        {"indication": 1},
        {"document_size": "1"},
        {"document_size": True},
        {"validated_at": "2026-11-21T00:00:00"},
        {"signatures": {}},
        {"signatures": [1]},
        {"detail": None},
    ],
)
def test_anything_but_a_report_is_refused(report: ValidationReport, change: dict[str, object]) -> None:
    forged = json.loads(dump(report)) | change
    with pytest.raises(ValueError, match=r".+"):
        load(ValidationReport, json.dumps(forged).encode())


def test_a_missing_field_and_a_wrong_whole_are_refused(report: ValidationReport) -> None:
    short = json.loads(dump(report))
    del short["policy"]
    for data in (json.dumps(short).encode(), b"[]", b"null", b"{", b"\xff", dump(Limits())):
        with pytest.raises(ValueError, match=r".+"):
            load(ValidationReport, data)
