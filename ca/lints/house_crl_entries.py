"""House rule on RFC 5280, 5.1.2.6: the list is exactly what the certificate log wants listed."""

from collections.abc import Iterator

from ca.lints.model import CrlCandidate, Finding


def house_crl_entries(candidate: CrlCandidate) -> Iterator[Finding]:
    """Every revoked, held and abandoned-intent serial with its time; no other, none twice, sorted."""
    listed = [(entry.serial_number, entry.revocation_date_utc) for entry in candidate.crl]
    wanted = sorted((entry.serial, entry.revoked_at) for entry in candidate.expected)
    if len({serial for serial, _ in listed}) != len(listed):
        yield Finding(code="house.crl_entries", detail="a serial number is listed twice")
    elif sorted(listed) != wanted:
        yield Finding(code="house.crl_entries", detail="the list differs from the certificate log")
    elif listed != wanted:
        yield Finding(code="house.crl_entries", detail="the list is not sorted by serial number")
