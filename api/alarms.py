"""What will go wrong unless somebody acts: named alarms, each with its severity and the next step.

A critical alarm turns readiness red; a warning shows and changes nothing. `/readyz` tells names and severities,
`/metrics` has a gauge, `teken doctor` and the log have the text.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

import structlog
from cryptography import x509

from api.logging import frames_of
from ca.model import PublishedCrl
from signer.timestamping import AuthorityCount

_log = structlog.get_logger("teken.alarms")

CRL_SIZE: Final = 512 * 1024
"""Bytes: some 10,000 revocations; at twice that the list has to be partitioned."""
ROOT_DAYS: Final = (7, 30, 60)
"""Days before the root's CRL ends: its successor takes a ceremony, and people who come together."""
RESPONDER_LEFT: Final = timedelta(days=5)
"""A responder is renewed ten days before its end: five days of trying failed."""


class Severity(Enum):
    """Whether the service is still fit for use."""

    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One thing that somebody has to look at."""

    name: str
    """Stable word, e.g. `crl-ca-1-g1-half-life`."""
    severity: Severity
    text: str
    """What is wrong and what to do; no secret, no person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One thing that is watched; `look` gives the alarms about it, and whatever it raises is one too."""

    name: str
    look: Callable[[], Iterable[Alarm]]


def raised_by(watches: Sequence[Watch]) -> tuple[Alarm, ...]:
    """Every alarm there is now. What cannot be judged is critical: nobody knows that it is well."""
    return tuple(alarm for watch in watches for alarm in _seen(watch))


def _seen(watch: Watch) -> tuple[Alarm, ...]:
    try:
        return tuple(watch.look())
    except Exception as error:
        _log.warning("cannot be judged", watch=watch.name, error=type(error).__name__, frames=frames_of(error))
        text = f"{watch.name} cannot be judged ({type(error).__name__}): look at the log"
        return (Alarm(name=f"{watch.name}-unknown", severity=Severity.CRITICAL, text=text),)


def tell(watches: Sequence[Watch]) -> int:
    """Write every alarm to the log; how many there are. A job, so that an alarm is a message as well."""
    raised = raised_by(watches)
    for alarm in raised:
        _log.warning("alarm", alarm=alarm.name, severity=alarm.severity.value, said=alarm.text)
    return len(raised)


def crl_alarms(crl: PublishedCrl | None, issuer_id: str, *, is_root: bool, at: datetime) -> Iterator[Alarm]:
    """A CRL that is missing, ends soon, or grows too large.

    An issuing CA's is made anew four times in its half life, so passing that is critical, and again 12 hours and one
    hour before its end. A root's needs people: warnings 60 and 30 days before, critical at 7.
    """
    name = f"crl-{issuer_id}"
    if crl is None:
        yield _critical(name, f"no CRL of {issuer_id} is published: run `teken work --once`; a root's takes a ceremony")
        return
    left = crl.next_update - at
    ends = f"the CRL of {issuer_id} ends on {crl.next_update:%Y-%m-%d %H:%M} UTC"
    if left <= timedelta(0):
        yield _critical(f"{name}-over", f"{ends}: nobody can check a certificate; publish one")
    elif is_root:
        for days in ROOT_DAYS:
            if left <= timedelta(days=days):
                make = _critical if days == min(ROOT_DAYS) else _warning
                yield make(f"{name}-{days}-days", f"{ends}: hold the ceremony of the root's CRL")
                break
    elif left <= timedelta(hours=1):
        yield _critical(f"{name}-1-hour", f"{ends}: the job that publishes it has to run within the hour")
    elif left <= timedelta(hours=12):
        yield _critical(f"{name}-12-hours", f"{ends}: look at the job that publishes it, and at the CA key")
    elif at > crl.this_update + (crl.next_update - crl.this_update) / 2:
        yield _critical(f"{name}-half-life", f"{ends} and passed half of its life: look at the job that publishes it")
    if len(crl.der) >= CRL_SIZE:
        text = f"the CRL of {issuer_id} has {len(crl.der) // 1024} KiB: plan its partition before it reaches 1 MiB"
        yield _warning(f"{name}-size", text)


def responder_alarms(certificate: x509.Certificate, *, ca_ends: datetime, at: datetime) -> Iterator[Alarm]:
    """An OCSP responder whose renewal does not come. One that ends with its CA is the last one."""
    ends = certificate.not_valid_after_utc
    if ends <= at:
        yield _critical("ocsp-responder-over", "the OCSP responder's certificate ended: run `teken work --once`")
    elif ends - at <= RESPONDER_LEFT and ends < ca_ends:
        text = f"the OCSP responder ends on {ends:%Y-%m-%d} and is not renewed: look at the job `responder`"
        yield _warning("ocsp-responder-5-days", text)


def unit_alarms(ends: datetime, *, at: datetime, prepared_before: timedelta) -> Iterator[Alarm]:
    """A time-stamping unit whose key may stamp until `ends` and has no successor, `prepared_before` its end."""
    text = f"the time-stamping unit stamps until {ends:%Y-%m-%d} and has no successor: look at the job `tsu`"
    if ends - at <= timedelta(days=7):
        yield _critical("tsu-7-days", text)
    elif ends - at <= prepared_before - timedelta(days=1):
        yield _warning("tsu-no-successor", text)


def timestamping_alarms(counts: Iterable[AuthorityCount]) -> Iterator[Alarm]:
    """Time-stamping authorities that keep failing: one is a warning, all of them are critical."""
    asked = tuple(counts)
    resting = [each.name for each in asked if each.rests]
    if asked and len(resting) == len(asked):
        yield _critical("timestamping", "no time-stamping authority answers well: signing works at B-B only")
        return
    for name in resting:
        text = f"the time-stamping authority {name} keeps failing: look at the log; the next one is asked meanwhile"
        yield _warning(f"timestamping-{name}", text)


def answers_alarms(overdue: bool) -> Iterator[Alarm]:
    """Pre-signed OCSP answers that the job does not keep young; they are signed when asked for meanwhile."""
    if overdue:
        yield _warning(
            "ocsp-answers-old",
            "OCSP answers are missing or old: the job `ocsp-answers` does not keep up, or just began",
        )


def certificate_alarms(certificates: Iterable[x509.Certificate], *, at: datetime) -> Iterator[Alarm]:
    """Certificates of the service that are not valid, or not for another day."""
    for each in certificates:
        if not each.not_valid_before_utc <= at <= each.not_valid_after_utc - timedelta(days=1):
            subject = each.subject.rfc4514_string()
            yield _critical("certificate-over", f"{subject}: not valid for another day; issue its successor")


def message_alarms(undelivered: int) -> Iterator[Alarm]:
    """Messages about factors that keep failing: somebody does not hear that their factor was changed or locked."""
    if undelivered:
        yield _warning(
            "factor-messages",
            f"{undelivered} messages about factors could not be delivered: look at [notices] and at the server",
        )


def _critical(name: str, text: str) -> Alarm:
    return Alarm(name=name, severity=Severity.CRITICAL, text=text)


def _warning(name: str, text: str) -> Alarm:
    return Alarm(name=name, severity=Severity.WARNING, text=text)
