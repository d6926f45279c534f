"""House rule on RFC 5280, 4.1.2.2: serial numbers are positive and all of one length."""

from collections.abc import Iterator

from ca.lints.model import Candidate, Finding
from ca.serials import SERIAL_OCTETS, is_well_formed


def house_serial(candidate: Candidate) -> Iterator[Finding]:
    """17 octets, the first in 0x01-0x7F."""
    if not is_well_formed(candidate.certificate.serial_number):
        yield Finding(code="house.serial", detail=f"the serial number is not positive and {SERIAL_OCTETS} octets long")
