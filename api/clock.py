"""Who vouches for the clock: chrony on this machine, or three servers and more asked over the network (RFC 4330).

Each source is a function without arguments that gives a `ClockReading`. A source that fails says *not synchronised*:
no answer is no proof.
"""

import csv
import secrets
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Final

import structlog

from ca.clock_guard import ClockReading

_log = structlog.get_logger("teken.clock")

ClockSource = Callable[[], ClockReading]

_SECONDS: Final = 3.0
_NTP_EPOCH: Final = 2_208_988_800  # seconds from 1900 to 1970 (RFC 4330, 3)
_NTP_PORT: Final = 123
_ITSELF: Final = "7F7F0101"  # 127.127.1.1, chrony's reference for its own clock


def chrony(ask: Callable[[], str] | None = None) -> ClockSource:
    """What `chronyc -c tracking` says. The offset is the worst case: correction still to come, plus root dispersion
    and half the root delay, so a chrony that lost its servers fades out by itself. One that follows nothing but its own
    clock (`local stratum`) calls itself synchronised, and vouches for nothing."""
    ask = ask or ask_chronyc

    def read() -> ClockReading:
        try:
            fields = next(csv.reader([ask()]))
            follows = fields[0]
            offset, delay, dispersion, leap = float(fields[4]), float(fields[10]), float(fields[11]), fields[13].strip()
        except (OSError, subprocess.SubprocessError, StopIteration, IndexError, ValueError) as error:
            _log.warning("chrony gives no reading", error=type(error).__name__)
            return ClockReading(is_synchronised=False, source="chrony")
        return ClockReading(
            is_synchronised=follows != _ITSELF and leap in ("Normal", "Insert second", "Delete second"),
            offset=timedelta(seconds=abs(offset) + dispersion + delay / 2),
            leap_announced=leap in ("Insert second", "Delete second"),
            source="chrony",
        )

    return read


def ask_chronyc(*where: str, program: str = "chronyc") -> str:
    """What `chronyc -c tracking` prints; `where`: its options, for a chrony in another than the usual place."""
    asked = subprocess.run(
        [program, *where, "-c", "tracking"], capture_output=True, text=True, timeout=_SECONDS, check=True
    )
    return asked.stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTime:
    """One server's answer."""

    offset: float
    """Seconds by which our clock is behind (positive) or ahead."""
    leap: int
    """0 none, 1 and 2 announced, 3 not synchronised (RFC 4330, 4)."""


def servers(names: Sequence[str], ask: Callable[[str], ServerTime] | None = None) -> ClockSource:
    """The median of three servers and more. More than half of them have to answer and to be synchronised themselves."""
    ask = ask or ask_server
    threads = ThreadPoolExecutor(len(names), thread_name_prefix="sntp")

    def one(name: str) -> ServerTime | None:
        try:
            return ask(name)
        except (OSError, ValueError) as error:
            _log.warning("no time from a server", server=name, error=type(error).__name__)
            return None

    def read() -> ClockReading:
        usable = [each for each in threads.map(one, names) if each is not None and each.leap != 3]
        if 2 * len(usable) <= len(names):
            return ClockReading(is_synchronised=False, source="sntp")
        announced = sum(each.leap in (1, 2) for each in usable)
        return ClockReading(
            is_synchronised=True,
            offset=timedelta(seconds=median(each.offset for each in usable)),
            leap_announced=2 * announced > len(usable),
            source="sntp",
        )

    return read


def ask_server(name: str, port: int = _NTP_PORT) -> ServerTime:
    """One SNTP exchange over UDP; raises `OSError`, and `ValueError` for an answer that is not one to our question."""
    nonce = secrets.token_bytes(8)  # in place of our time: the answer has to repeat it, and learns nothing of our clock
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(_SECONDS)
        line.connect((name, port))
        sent, began = time.time(), time.monotonic()
        line.send(struct.pack("!B39x8s", 0x23, nonce))
        answer = line.recv(512)
        received = sent + (time.monotonic() - began)
    if len(answer) < 48:
        raise ValueError("too short for an SNTP answer")
    first, stratum = answer[0], answer[1]
    originate, arrived, left = answer[24:32], _seconds(answer[32:40]), _seconds(answer[40:48])
    if first & 7 != 4 or not 1 <= stratum <= 15 or originate != nonce:
        raise ValueError("no answer of a server to this question")
    return ServerTime(offset=((arrived - sent) + (left - received)) / 2, leap=first >> 6)


def _seconds(stamp: bytes) -> float:
    whole, fraction = struct.unpack("!II", stamp)
    return float(whole - _NTP_EPOCH + (0 if whole & 0x80000000 else 1 << 32)) + float(fraction) / (1 << 32)


def unsafe_trusted_local() -> ClockSource:
    """Believes this machine's clock, whatever it says: tokens made so prove nothing about time."""
    return lambda: ClockReading(is_synchronised=True, source="trusted-local")
