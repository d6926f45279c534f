"""Sources of time: what they say, and that silence is no proof."""

import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest

from api.clock import ServerTime, ask_server, chrony, servers, unsafe_trusted_local

TRACKING = (
    "C0A80001,ntp.example.org,3,1795233600.1,{offset},0.0001,0.0002,-1.5,0.0,0.02,{delay},{dispersion},64.2,{leap}\n"
)


def tracking(offset: str = "-0.000012", delay: str = "0.020", dispersion: str = "0.001", leap: str = "Normal") -> str:
    return TRACKING.format(offset=offset, delay=delay, dispersion=dispersion, leap=leap)


def test_chrony_in_step_is_a_good_reading() -> None:
    reading = chrony(tracking)()
    assert reading.is_synchronised
    assert not reading.leap_announced
    assert timedelta(milliseconds=11) <= reading.offset <= timedelta(milliseconds=12)


@pytest.mark.parametrize("offset", ["2.0", "-2.0"])
def test_chrony_off_by_two_seconds_says_so(offset: str) -> None:
    assert chrony(lambda: tracking(offset=offset))().offset >= timedelta(seconds=2)


def test_a_chrony_that_lost_its_servers_doubts_more_and_more() -> None:
    assert chrony(lambda: tracking(dispersion="0.8"))().offset > timedelta(milliseconds=500)


@pytest.mark.parametrize(
    ("leap", "synchronised", "announced"),
    [
        ("Normal", True, False),
        ("Insert second", True, True),
        ("Delete second", True, True),
        ("Not synchronised", False, False),
        ("", False, False),
    ],
)
def test_chronys_leap_state(leap: str, synchronised: bool, announced: bool) -> None:
    reading = chrony(lambda: tracking(leap=leap))()
    assert (reading.is_synchronised, reading.leap_announced) == (synchronised, announced)


def test_a_chrony_that_follows_its_own_clock_vouches_for_nothing() -> None:
    assert not chrony(lambda: tracking().replace("C0A80001", "7F7F0101"))().is_synchronised


@pytest.mark.parametrize("said", ["", "506 Cannot talk to daemon\n", "a,b,c\n", tracking(offset="soon")])
def test_what_is_no_reading_is_no_proof(said: str) -> None:
    assert not chrony(lambda: said)().is_synchronised


@pytest.mark.parametrize(
    "failure",
    [FileNotFoundError(), subprocess.TimeoutExpired("chronyc", 3), subprocess.CalledProcessError(1, "chronyc")],
)
def test_a_chronyc_that_is_absent_hangs_or_fails_is_no_proof(failure: Exception) -> None:
    def ask() -> str:
        raise failure

    assert not chrony(ask)().is_synchronised


def answering(offsets: dict[str, float | None], leap: int = 0):
    def ask(name: str) -> ServerTime:
        offset = offsets[name]
        if offset is None:
            raise TimeoutError
        return ServerTime(offset=offset, leap=leap)

    return servers(list(offsets), ask)


def test_one_server_that_lies_does_not_move_the_median() -> None:
    reading = answering({"a": 0.01, "b": 3600.0, "c": -0.01})()
    assert (reading.is_synchronised, reading.offset) == (True, timedelta(seconds=0.01))


@pytest.mark.parametrize(("silent", "proven"), [(1, True), (2, False), (3, False)])
def test_more_than_half_of_the_servers_have_to_answer(silent: int, proven: bool) -> None:
    offsets = {name: None if place < silent else 0.0 for place, name in enumerate("abc")}
    assert answering(offsets)().is_synchronised is proven


def test_servers_that_are_not_synchronised_themselves_do_not_count() -> None:
    assert not answering({"a": 0.0, "b": 0.0, "c": 0.0}, leap=3)().is_synchronised
    assert answering({"a": 0.0, "b": 0.0, "c": 0.0}, leap=1)().leap_announced


class Server:
    """An SNTP server on loopback that is as wrong as it is told to be."""

    def __init__(self) -> None:
        self.ahead, self.first, self.stratum, self.echoes = 0.0, 0x24, 2, True
        self.line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.line.bind(("127.0.0.1", 0))
        self.port = self.line.getsockname()[1]

    def serve(self) -> None:
        while True:
            try:
                asked, whom = self.line.recvfrom(512)
            except OSError:
                return
            if not asked:
                return
            now = time.time() + self.ahead + 2_208_988_800
            stamp = struct.pack("!II", int(now) % (1 << 32), int(now % 1 * (1 << 32)))
            nonce = asked[40:48] if self.echoes else bytes(8)
            self.line.sendto(bytes([self.first, self.stratum]) + bytes(22) + nonce + stamp + stamp, whom)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = Thread(target=made.serve, daemon=True)
    thread.start()
    yield made
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stop:
        stop.sendto(b"", ("127.0.0.1", made.port))
    thread.join(5)
    made.line.close()


@pytest.mark.parametrize("ahead", [0.0, 2.0, -2.0])
def test_a_server_is_asked_over_the_wire(server: Server, ahead: float) -> None:
    server.ahead = ahead
    answer = ask_server("127.0.0.1", server.port)
    assert answer.offset == pytest.approx(ahead, abs=0.25)
    assert answer.leap == 0


@pytest.mark.parametrize("wrong", [{"echoes": False}, {"stratum": 0}, {"stratum": 16}, {"first": 0x23}])
def test_an_answer_to_another_question_or_of_no_server_is_refused(server: Server, wrong: dict[str, int]) -> None:
    for name, value in wrong.items():
        setattr(server, name, value)
    with pytest.raises(ValueError, match="no answer of a server"):
        ask_server("127.0.0.1", server.port)


def test_trusting_this_machine_is_no_measurement() -> None:
    assert unsafe_trusted_local()().source == "trusted-local"
