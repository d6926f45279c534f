"""Serial numbers have one shape."""

from ca.serials import is_well_formed, new_serial


def test_the_first_octet_is_between_0x01_and_0x7f_whatever_is_drawn() -> None:
    for first in range(256):
        serial = new_serial(lambda octets, first=first: bytes([first]) + bytes(octets - 1))
        assert 0x01 <= serial >> 128 <= 0x7F
        assert is_well_formed(serial)


def test_seventeen_octets_are_drawn_and_all_count() -> None:
    drawn: list[int] = []

    def counting(octets: int) -> bytes:
        drawn.append(octets)
        return bytes(range(octets))

    assert new_serial(counting).to_bytes(17, "big") == bytes([1, *range(1, 17)])
    assert drawn == [17]


def test_other_shapes_are_not_well_formed() -> None:
    assert not any(is_well_formed(serial) for serial in (-1, 0, 1, 2**128 - 1, 2**135, 2**159))
