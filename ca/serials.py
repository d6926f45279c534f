"""Serial numbers: random, always of one length, compared as integers (RFC 5280, 4.1.2.2)."""

from collections.abc import Callable
from typing import Final

SERIAL_OCTETS: Final = 17
"""Of at most 20 (RFC 5280): one that keeps the number positive and without leading zeros, and 128 random bits."""


def new_serial(random_bytes: Callable[[int], bytes]) -> int:
    """A serial number of 17 octets: the first in 0x01-0x7F, the others random."""
    first, *rest = random_bytes(SERIAL_OCTETS)
    return int.from_bytes(bytes([1 + first % 0x7F, *rest]), "big")


def is_well_formed(serial: int) -> bool:
    """Whether `serial` has the one shape that `new_serial` makes."""
    return serial > 0 and serial.bit_length() > 8 * (SERIAL_OCTETS - 1) and serial.bit_length() < 8 * SERIAL_OCTETS
