"""Alarms come before the trouble, name it, and end in a next step."""

from datetime import timedelta

import pytest

from api.alarms import (
    CRL_SIZE,
    Alarm,
    Severity,
    Watch,
    answers_alarms,
    certificate_alarms,
    crl_alarms,
    raised_by,
    responder_alarms,
    tell,
    unit_alarms,
)
from tests.support.api_memory import NOON, a_certificate, a_crl

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CRITICAL, WARNING = Severity.CRITICAL, Severity.WARNING


def names(alarms: object) -> list[tuple[str, Severity]]:
    return [(alarm.name, alarm.severity) for alarm in alarms]


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (0 * HOUR, []),
        (24 * HOUR, []),
        (24 * HOUR + timedelta(seconds=1), ["crl-ca-1-g1-half-life"]),
        (36 * HOUR, ["crl-ca-1-g1-12-hours"]),
        (47 * HOUR, ["crl-ca-1-g1-1-hour"]),
        (48 * HOUR - timedelta(minutes=1), ["crl-ca-1-g1-1-hour"]),
        (48 * HOUR, ["crl-ca-1-g1-over"]),
    ],
)
def test_an_issuing_cas_crl_alarms_long_before_it_ends(age: timedelta, expected: list[str]) -> None:
    raised = crl_alarms(a_crl(hours=48), "ca-1-g1", is_root=False, at=NOON + age)
    assert names(raised) == [(name, CRITICAL) for name in expected]


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (61 * DAY, []),
        (60 * DAY, [("crl-root-g1-60-days", WARNING)]),
        (30 * DAY, [("crl-root-g1-30-days", WARNING)]),
        (7 * DAY, [("crl-root-g1-7-days", CRITICAL)]),
        (0 * DAY, [("crl-root-g1-over", CRITICAL)]),
    ],
)
def test_a_roots_crl_gives_people_time_to_meet(left: timedelta, expected: list[tuple[str, Severity]]) -> None:
    crl = a_crl(issuer_id="root-g1", hours=365 * 24)
    assert names(crl_alarms(crl, "root-g1", is_root=True, at=crl.next_update - left)) == expected


def test_no_crl_at_all_is_critical() -> None:
    assert names(crl_alarms(None, "ca-1-g1", is_root=False, at=NOON)) == [("crl-ca-1-g1", CRITICAL)]


@pytest.mark.parametrize(("size", "raised"), [(CRL_SIZE - 1, False), (CRL_SIZE, True)])
def test_a_crl_that_grows_is_noticed_before_it_is_too_large(size: int, raised: bool) -> None:
    alarms = crl_alarms(a_crl(der=bytes(size)), "ca-1-g1", is_root=False, at=NOON)
    assert names(alarms) == ([("crl-ca-1-g1-size", WARNING)] if raised else [])


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (6 * DAY, []),
        (5 * DAY, [("ocsp-responder-5-days", WARNING)]),
        (0 * DAY, [("ocsp-responder-over", CRITICAL)]),
    ],
)
def test_a_responder_that_is_not_renewed_is_noticed(left: timedelta, expected: list[tuple[str, Severity]]) -> None:
    later = NOON + 365 * DAY
    assert names(responder_alarms(a_certificate(until=NOON + left), ca_ends=later, at=NOON)) == expected


def test_the_last_responder_of_a_ca_is_not_missed() -> None:
    ends = NOON + 2 * DAY
    assert names(responder_alarms(a_certificate(until=ends), ca_ends=ends, at=NOON)) == []


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (30 * DAY, []),
        (29 * DAY, [("tsu-no-successor", WARNING)]),
        (7 * DAY, [("tsu-7-days", CRITICAL)]),
        (-1 * DAY, [("tsu-7-days", CRITICAL)]),
    ],
)
def test_a_unit_without_a_successor_is_noticed(left: timedelta, expected: list[tuple[str, Severity]]) -> None:
    assert names(unit_alarms(NOON + left, at=NOON, prepared_before=30 * DAY)) == expected


@pytest.mark.parametrize(("days", "raised"), [(-1, True), (0.5, True), (2, False)])
def test_a_certificate_of_the_service_is_critical_a_day_before_its_end(days: float, raised: bool) -> None:
    alarms = list(certificate_alarms([a_certificate(until=NOON + days * DAY)], at=NOON))
    assert names(alarms) == ([("certificate-over", CRITICAL)] if raised else [])
    assert all("CN=Contoh CA" in alarm.text for alarm in alarms)


def test_a_certificate_that_is_not_valid_yet_is_critical() -> None:
    assert names(certificate_alarms([a_certificate()], at=NOON - 365 * DAY)) == [("certificate-over", CRITICAL)]


@pytest.mark.parametrize("overdue", [True, False])
def test_answers_that_grow_old_are_a_warning(overdue: bool) -> None:
    assert names(answers_alarms(overdue)) == ([("ocsp-answers-old", WARNING)] if overdue else [])


def test_what_cannot_be_judged_is_critical_and_hides_nothing_else() -> None:
    def fails() -> list[Alarm]:
        raise OSError("no database")

    known = Alarm(name="known", severity=WARNING, text="known")
    watches = [Watch(name="crl", look=fails), Watch(name="other", look=lambda: [known])]
    assert names(raised_by(watches)) == [("crl-unknown", CRITICAL), ("known", WARNING)]
    assert tell(watches) == 2
