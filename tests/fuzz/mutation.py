"""Small spoilings of bytes, chosen by a seeded generator: the same seed makes the same inputs."""

import random
from collections.abc import Callable, Sequence
from typing import Final

WORDS: Final = (
    b"\x30\x80",
    b"\x24\x80",
    b"\x00\x00",
    b"\xa0\x80",
    b"\x84\xff\xff\xff\xff",
    b"\x80",
    b"\xff",
    b"\x1f\xff\xff",
    b" obj\n",
    b"endobj",
    b"/Type",
    b"/Kids",
    b"/Prev",
    b"/XRefStm",
    b"/ByteRange",
    b"/Contents",
    b"/Encrypt",
    b"<<",
    b">>",
    b"[",
    b"1 0 R",
    b"-1",
    b"99999999999",
    b"startxref",
    b"%%EOF",
    b"<!DOCTYPE",
    b"&lt;",
    b"</",
)


def mutated(data: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    """`data` spoilt in one to eight places; `others` lend their pieces."""
    out = bytearray(data)
    for _ in range(1 << dice.randrange(4)):
        dice.choice(_CHANGES)(out, others, dice)
        if not out:
            out += b"\x30"
    return bytes(out[: 1 << 20])


def _flip(out: bytearray, _: Sequence[bytes], dice: random.Random) -> None:
    out[dice.randrange(len(out))] ^= 1 << dice.randrange(8)


def _set(out: bytearray, _: Sequence[bytes], dice: random.Random) -> None:
    out[dice.randrange(len(out))] = dice.randrange(256)


def _remove(out: bytearray, _: Sequence[bytes], dice: random.Random) -> None:
    start = dice.randrange(len(out))
    del out[start : start + dice.choice((1, 2, 8, 64, 1024))]


def _repeat(out: bytearray, _: Sequence[bytes], dice: random.Random) -> None:
    start = dice.randrange(len(out))
    out[start:start] = out[start : start + dice.choice((1, 4, 32, 512))] * dice.choice((1, 2, 20))


def _word(out: bytearray, _: Sequence[bytes], dice: random.Random) -> None:
    start, word = dice.randrange(len(out)), dice.choice(WORDS)
    out[start : start + (len(word) if dice.random() < 0.5 else 0)] = word


def _number(out: bytearray, _: Sequence[bytes], dice: random.Random) -> None:
    """Another digit where one stands."""
    start = dice.randrange(len(out))
    for at in range(start, min(start + 200, len(out))):
        if 0x30 <= out[at] <= 0x39:
            out[at] = 0x30 + dice.randrange(10)
            return


def _splice(out: bytearray, others: Sequence[bytes], dice: random.Random) -> None:
    other = dice.choice(others)
    if other:
        start, taken = dice.randrange(len(out)), dice.randrange(len(other))
        size = dice.choice((4, 32, 256, 4096))
        out[start : start + size] = other[taken : taken + size]


_CHANGES: Final[tuple[Callable[[bytearray, Sequence[bytes], random.Random], None], ...]] = (
    _flip,
    _flip,
    _set,
    _remove,
    _repeat,
    _word,
    _word,
    _number,
    _splice,
)
