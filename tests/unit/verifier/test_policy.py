"""Policies say exactly what they mean, or are refused by the name of the key."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from verifier.errors import PolicyRefused
from verifier.model import ChangeKind
from verifier.policy import POLICIES, load_policy, policy_from_toml

TEXT = (POLICIES / "teken-1.toml").read_text(encoding="utf-8")


def test_our_policy_names_itself_and_what_it_allows() -> None:
    policy = load_policy("teken-1")
    assert policy.id == "teken-1"
    assert policy.status_max_age == timedelta(hours=72)
    assert policy.allowed_changes == {
        ChangeKind.VALIDATION_DATA,
        ChangeKind.DOCUMENT_TIMESTAMP,
        ChangeKind.SIGNATURE,
        ChangeKind.FORM_FILLING,
    }


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("version = 1", "version = 1\nextra = 2", "extra"),
        ("version = 1", "", "version"),
        ("version = 1", 'version = "1"', "version"),
        ("clock_skew_seconds = 300", "", "status.clock_skew_seconds"),
        ("clock_skew_seconds = 300", "clock_skew_seconds = true", "status.clock_skew_seconds"),
        ('"form-filling"', '"annotation"', "later_changes.allowed"),
        ('"form-filling"', '"other"', "later_changes.allowed"),
        ('"form-filling"', '"whatever"', "later_changes.allowed"),
        ('["digital_signature", "content_commitment"]', "[]", "certificate.key_usages"),
        ('kind = "ed448"', 'kind = "rot13"', "keys.kind"),
        ("sha1 = 2013-12-31", 'sha1 = "always"', "digests.sha1"),
        ("[status]", "[status", "policy"),
    ],
)
def test_a_policy_that_says_something_else_is_refused_by_name(old: str, new: str, field: str) -> None:
    assert old in TEXT
    with pytest.raises(PolicyRefused) as refusal:
        policy_from_toml(TEXT.replace(old, new))
    assert refusal.value.field == field


def test_an_absent_or_misnamed_policy_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other-1.toml").write_text(TEXT, encoding="utf-8")
    for name in ("teken-99", "../policies/teken-1", "other-1"):
        with pytest.raises(PolicyRefused):
            load_policy(name, tmp_path)


def test_algorithms_age() -> None:
    policy = load_policy("teken-1")
    then, now = datetime(2012, 1, 1, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
    assert policy.accepts_digest("sha1", then)
    assert not policy.accepts_digest("sha1", now)
    assert not policy.accepts_digest("md5", then)
    assert policy.accepts_key("rsa", 2048, now)
    assert not policy.accepts_key("rsa", 1024, now)
    assert not policy.accepts_key("rsa", 2048, datetime(2031, 1, 1, tzinfo=UTC))
    assert not policy.accepts_key("dsa", 4096, now)
