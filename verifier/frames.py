"""Frames on a pipe: one letter, a length, the bytes. The same on both sides."""

import struct
from enum import Enum
from typing import BinaryIO, Final

_HEADER: Final = struct.Struct("!cQ")


class Frame(Enum):
    """What a frame carries. Requests are capitals, answers are not."""

    POLICY = b"P"
    TRUST = b"T"
    OPTIONS = b"O"
    """JSON: the times of a validation, page and width of a preview, the end of a revision, a text."""
    VALIDATE = b"V"
    PREVIEW = b"W"
    SIZES = b"S"
    FIND = b"F"
    COMPARE = b"C"
    READY = b"r"
    REPORT = b"v"
    IMAGE = b"w"
    PAGES = b"s"
    PLACES = b"f"
    COMPARISON = b"c"
    REFUSED = b"x"
    """The worker cannot answer this request; the text says why and is safe to show."""
    EXHAUSTED = b"m"
    """The worker ran out of memory and ends."""


def send(pipe: BinaryIO, frame: Frame, payload: bytes | memoryview = b"") -> None:
    """Write one frame and flush it."""
    pipe.write(_HEADER.pack(frame.value, len(payload)))
    pipe.write(payload)
    pipe.flush()


def receive(pipe: BinaryIO, *, at_most: int) -> tuple[Frame, bytes] | None:
    """The next frame, `None` at the end of the pipe. Raises `ValueError` for what is none or is too long."""
    header = pipe.read(_HEADER.size)
    if not header:
        return None
    if len(header) < _HEADER.size:
        raise ValueError("the pipe ended inside a frame")
    letter, length = _HEADER.unpack(header)
    if length > at_most:
        raise ValueError("the frame is too long")
    payload = pipe.read(length)
    if len(payload) < length:
        raise ValueError("the pipe ended inside a frame")
    return Frame(letter), payload
