"""House rule on RFC 5280, 5.1.2.5: a CRL says when the next one comes, and not later than the settings allow."""

from collections.abc import Iterator

from ca.lints.model import CrlCandidate, Finding
from ca.model import NEVER


def house_crl_window(candidate: CrlCandidate) -> Iterator[Finding]:
    """nextUpdate is there, after thisUpdate, within the configured life; that of the last list is the end of time
    (99991231235959Z: EN 319 411-1, 6.3.9; RFC 5280, 4.1.2.5)."""
    starts, ends = candidate.crl.last_update_utc, candidate.crl.next_update_utc
    if candidate.is_last:
        if ends != NEVER:
            yield Finding(code="house.crl_window", detail="the last list of a CA says that none follows")
        return
    if ends is None or not starts < ends <= starts + candidate.longest:
        yield Finding(code="house.crl_window", detail="nextUpdate is missing or outside the configured life")
