"""House rule on RFC 5280, 5.1.2.5: a CRL says when the next one comes, and not later than the settings allow."""

from collections.abc import Iterator

from ca.lints.model import CrlCandidate, Finding


def house_crl_window(candidate: CrlCandidate) -> Iterator[Finding]:
    """nextUpdate is there, after thisUpdate, within the configured life."""
    starts, ends = candidate.crl.last_update_utc, candidate.crl.next_update_utc
    if ends is None or not starts < ends <= starts + candidate.longest:
        yield Finding(code="house.crl_window", detail="nextUpdate is missing or outside the configured life")
